#!/bin/sh
# keylessd.conf(5): each keyword that the parser knows is there, with its
# default and an example, and its limits are those of the parser.
cd "$(dirname "$0")/../.." || exit 1
exec python3 - <<'END'
import re, sys

page = open("man/keylessd.conf.5").read()
bad = 0

def wrong(text):
    global bad
    bad += 1
    print("keylessd.conf(5):", text)

examples = set()
for display in re.findall(r"^\.Bd.*?^\.Ed", page, re.M | re.S):
    examples |= set(re.findall(r"^[- ]*([a-z_]+):", display, re.M))

described = {}
for item in re.split(r"^(?=\.It Ic [a-z_]+ : Ar )", page, flags=re.M)[1:]:
    word = item.split()[2]
    text = " ".join(re.split(r"^\.(?:Ss|Sh|El)\b", item, 1, re.M)[0].split())
    described.setdefault(word, []).append(text)
for word, texts in described.items():
    if word not in examples:
        wrong(f"no display has a line \"{word}: ...\"")
    for text in texts:
        if not re.search(r"[Tt]he default|There is no default|"
                r"which is the default|is required", text):
            wrong(f"the text of {word} lacks \"The default is\" or "
                "\"There is no default\"")

# What the parser knows: MACRO(word, ...) in config.c, {"word", how, field,
# low, high, ...} elsewhere.
MACRO = re.compile(r'^\t([A-Z]+)\("?([a-z_]+)"?([^)]*)\)', re.M)
ENTRY = re.compile(r'^\t\{ "([a-z_]+)", \w*set_\w+, [^,]+, [^,]+,\s+'
    r'([^,]+), ', re.M)
known = {}
limits = []
for name in ("config", "config_store", "config_access"):
    source = open(f"keylessd/{name}.c").read()
    for macro, word, rest in MACRO.findall(source):
        if macro == "OLD":              # in a paragraph of its own
            continue
        known[word] = macro
        limits.append((word, macro, [part.strip() for part in rest.split(",")]))
    for word, high in ENTRY.findall(source):
        known[word] = "ENTRY"
        if word != "user_type":         # one of some words, or a number
            limits.append((word, "ENTRY", [high]))

UNITS = {"SECOND": 1000, "MINUTE": 60000, "HOUR": 3600000, "DAY": 86400000}
def milliseconds(text):
    product = 1
    for factor in text.split("*"):
        factor = factor.strip()
        product *= UNITS[factor] if factor in UNITS else int(factor)
    return product

def as_time(ms):
    for unit, size in (("h", 3600000), ("m", 60000), ("s", 1000), ("ms", 1)):
        if ms % size == 0:
            return f"{ms // size}{unit}"

MEANINGLESS = {"current_time"}
for word in sorted(known):
    if word not in described and word not in MEANINGLESS and \
            not word.startswith("tracing_"):
        wrong(f"no item \".It Ic {word} : Ar ...\"")
for word in described:
    if word not in known:
        wrong(f"{word} is no keyword")
for word, macro, rest in limits:
    said = " ".join(described.get(word, []))
    if macro == "TIME":
        bounds = [as_time(milliseconds(text)) for text in rest[1:]
            if text != "0"]
    else:
        bounds = [text for text in rest if text.isdigit() and int(text) > 1]
    for bound in bounds:
        if not re.search(rf"\b{bound}\b", said):
            wrong(f"{word} has the limit {bound}, which its text lacks")
if len(known) < 40 or len(described) < 50:
    print(f"only {len(known)} keywords in the sources, {len(described)} in "
        "the page: look at this test")
    bad += 1
sys.exit(bad != 0)
END
