"""The log messages of keylessd and its signers, from the sources.

Prints the head of each: what happened, without the objects behind it.  A "%s"
in it stands for any text.  With -l the level comes first.
"""
import glob
import os
import re
import sys

CALL = re.compile(r'\b(log_(?:debug|info|warnx?|errx?)|fatalx?)\(')
STRING = re.compile(r'\s*"((?:[^"\\]|\\.)*)"')
MACRO = re.compile(r"\s*([A-Z][A-Z0-9_]+)(?=\s*\")")
OBJECTS = re.compile(r' (?:[a-z][a-z0-9_]*|%s)=.*')
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def sources(others=("keylessctl/", "keyless-pkcs11/")):
    """All .c files, but for the others, whose lines go to keylessd's log."""
    os.chdir(TOP)
    paths = glob.glob("lib/*.c") + glob.glob("keyless*/*.c")
    return sorted(path for path in paths if not path.startswith(others))


def messages(path):
    """Each (level, format, line) of the calls in the file, of those only
    whose format is a literal."""
    text = open(path).read()
    for call in CALL.finditer(text):
        at, form = call.end(), ""
        while (part := STRING.match(text, at) or
                (form and MACRO.match(text, at))):
            form += part.group(1)
            at = part.end()
        if form:
            yield (call.group(1), form.replace('\\"', '"'),
                   text.count("\n", 0, call.start()) + 1)


def head(form):
    """What happened."""
    return OBJECTS.sub("", form)


def main():
    levels = "-l" in sys.argv
    found = {(level if levels else "", head(form))
             for path in sources() for level, form, _ in messages(path)}
    for level, text in sorted(found):
        print(f"{level} {text}".strip())


if __name__ == "__main__":
    main()
