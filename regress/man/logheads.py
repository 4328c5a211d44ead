"""The log messages of keylessd and its signers, from the sources.

Prints the head of each: what happened, without the objects behind it.  A "%s"
in it stands for any text.  With arguments, looks at these files only; the
level comes first with -l.
"""
import glob
import os
import re
import sys

CALL = re.compile(r'\b(log_(?:debug|info|warnx?|errx?)|fatalx?)\(')
STRING = re.compile(r'\s*"((?:[^"\\]|\\.)*)"')
MACRO = re.compile(r"\s*([A-Z][A-Z0-9_]+)(?=\s*\")")
OBJECTS = re.compile(r' (?:[a-z][a-z0-9_]*|%s)=.*')
TOP = os.path.join(os.path.dirname(__file__), "..", "..")


def sources():
    """All .c files whose lines go to keylessd's log."""
    os.chdir(TOP)
    return sorted(path for path in glob.glob("lib/*.c") + glob.glob("keyless*/*.c")
                  if not path.startswith(("keylessctl/", "keyless-pkcs11/")))


def messages(path):
    """Each (level, format) of the calls in the file; of those only whose
    format is a literal."""
    text = open(path).read()
    for call in CALL.finditer(text):
        at, form = call.end(), ""
        while (part := STRING.match(text, at) or
                (form and MACRO.match(text, at))):
            form += part.group(1)
            at = part.end()
        if form:
            yield call.group(1), form.replace('\\"', '"')


def head(form):
    """What happened."""
    return OBJECTS.sub("", form)


def main():
    levels = "-l" in sys.argv
    found = {(level if levels else "", head(form))
             for path in sources() for level, form in messages(path)}
    for level, text in sorted(found):
        print(f"{level} {text}".strip())


if __name__ == "__main__":
    main()
