#!/bin/sh
# Log lines have one form: what happened, then objects as key=value, at last
# perhaps the system's reason behind a colon.  Looks at every format string.
cd "$(dirname "$0")/../.." || exit 1
exec python3 - <<'END'
import glob, re, sys

CALL = re.compile(r'\b(?:log_(?:debug|info|warnx?|errx?)|fatalx?)\(')
STRING = re.compile(r'\s*"((?:[^"\\]|\\.)*)"')
MACRO = re.compile(r'\s*([A-Z][A-Z0-9_]+)(?=\s*")')     # a text, too
VALUE = r'(?:"[^"]*"|[^\s"=]+)'
FORM = re.compile(r"[A-Za-z%/][^=\"]*?(?: (?:[a-z][a-z0-9_]*|%s)=" + VALUE +
    r")*(?:: [^=]*)?$")
# Mistakes in the config have their place in front; these two are what
# keylessctl prints, too.
OTHER = re.compile(r'%s:%zu:%zu: |%s: further mistakes|%s$')

bad = count = 0
for path in sorted(glob.glob("lib/*.c") + glob.glob("keyless*/*.c")):
    if path.startswith("keylessctl/"):
        continue
    text = open(path).read()
    for call in CALL.finditer(text):
        at, form = call.end(), ""
        while (part := STRING.match(text, at) or
                (form and MACRO.match(text, at))):
            form += part.group(1)
            at = part.end()
        if form == "":
            continue            # a prototype, or a text made elsewhere
        count += 1
        form = form.replace('\\"', '"')
        if FORM.match(form) or OTHER.match(form):
            continue
        line = text.count("\n", 0, call.start()) + 1
        print(f"{path}:{line}: {form}")
        bad += 1
if count < 100:
    print(f"only {count} log lines found: look at this test")
    bad += 1
sys.exit(bad != 0)
END
