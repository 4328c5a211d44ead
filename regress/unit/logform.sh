#!/bin/sh
# Log lines have one form: what happened, then objects as key=value, at last
# perhaps the system's reason behind a colon.  Looks at every format string.
cd "$(dirname "$0")/../.." || exit 1
exec python3 - <<'END'
import re, sys

sys.path.insert(0, "regress/man")
import logheads

VALUE = r'(?:"[^"]*"|[^\s"=]+)'
FORM = re.compile(r"[A-Za-z%/][^=\"]*?(?: (?:[a-z][a-z0-9_]*|%s)=" + VALUE +
    r")*(?:: [^=]*)?$")
# Mistakes in the config have their place in front; these two are what
# keylessctl prints, too.
OTHER = re.compile(r'%s:%zu:%zu: |%s: further mistakes|%s$')

bad = count = 0
for path in logheads.sources(("keylessctl/",)):
    for _, form, line in logheads.messages(path):
        count += 1
        if FORM.match(form) or OTHER.match(form):
            continue
        print(f"{path}:{line}: {form}")
        bad += 1
if count < 100:
    print(f"only {count} log lines found: look at this test")
    bad += 1
sys.exit(bad != 0)
END
