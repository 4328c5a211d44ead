#!/bin/sh
# Each log message at info and above is in DIAGNOSTICS of a manual page, and
# each message there is in the sources.
#
# In a page, "..." stands for the rest of a message, a capital letter for a
# text.  What is left out on purpose is in EXCEPT, with the reason.
cd "$(dirname "$0")/../.." || exit 1
exec python3 - <<'END'
import glob, re, sys

sys.path.insert(0, "regress/man")
import logheads

EXCEPT = {
    # Two that keylessctl prints, too, and mistakes in the configuration,
    # which keylessd.conf(5) shows.
    "%s", "%s:%zu:%zu: %s",
}
# Items that are no texts of the sources.
ABSENT = {
    "CALL: R",                          # of any call
    "F:LINE:COLUMN: ...",               # of any mistake
    "403 ...: ...",                     # a cloud's words
    "400 AccessDeniedException: ...",
}
PAGES = ["man/keylessd.8", "man/keyless-signer.8", "man/keyless-cloud.7"]
# A function or system call that failed, perhaps with what it was asked for:
# the item "CALL" is for all of them.
CALL = re.compile(r"/dev/null|[a-z0-9_]*[a-z0-9]( [A-Z][A-Z0-9_]*)?|"
    r"[A-Z]+_[a-z_]+|request channel fcntl")

def items():
    for page in PAGES:
        diag = False
        for line in open(page):
            if line.startswith(".Bl"):
                diag = "-diag" in line
            elif line.startswith(".It ") and diag:
                for text in re.findall(r'"((?:[^"]|"")*)"', line):
                    yield page, text.replace("\\(dq", '"')

def item_head(text):
    return logheads.head(text.split("...")[0]).strip(), "..." in text

def form_regex(form):
    parts = re.split(r"%(?:zu|lu|[a-z])", form)
    return ".+".join(re.escape(part) for part in parts)

documented = [item_head(text) for _, text in items()]
def known(level, head):
    if head in EXCEPT:
        return True
    regex = re.compile(form_regex(head))
    if any(regex.fullmatch(text) or regex.fullmatch(text.split(": ")[0]) or
            (rest and " " in text and head.startswith(text))
            for text, rest in documented):
        return True
    return CALL.fullmatch(head) and ("CALL: R", False) in documented

bad = count = 0
heads = {(level, logheads.head(form)) for path in logheads.sources()
    for level, form, _ in logheads.messages(path)}
for level, head in sorted(heads):
    if level == "log_debug":
        continue
    count += 1
    if not known(level, head):
        print(f'in no DIAGNOSTICS: "{head}" ({level})')
        bad += 1
if bad:
    print('Such a message needs .It "..." in a list .Bl -diag of',
        " or ".join(PAGES))
if count < 100 or len(documented) < 100:
    print(f"only {count} messages, {len(documented)} items: look at this test")
    bad += 1

# And back: the words of an item up to the first text that varies.
STRING = r'"((?:[^"\\\n]|\\.)*)"'
literals = "\n".join(
    "".join(re.findall(STRING, found.group())).replace('\\"', '"')
    for path in logheads.sources() for found in
    re.finditer(r"(?:%s\s*)+" % STRING, open(path).read()))
forms = [re.compile(form_regex(head)) for _, head in heads if head != "%s"]
for page, text in items():
    if text in ABSENT or any(form.fullmatch(item_head(text)[0])
            for form in forms):
        continue
    fixed = [part.strip(' :,("\'`') for part in
        re.split(r"\.\.\.|\b[A-Z]+\b|\d+| [a-z_]+=|: ", text)]
    if not any(len(part) > 4 and part in literals for part in fixed):
        print(f'{page}: not in the sources: "{text}"')
        bad += 1
sys.exit(bad != 0)
END
