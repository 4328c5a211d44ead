"""Run a command on a terminal of its own, and answer its questions.

    answer.py FILE COMMAND [ARGUMENT ...] <ANSWERS

Each line of ANSWERS is a regular expression, a tab, and what is typed once the
command has written something that matches, since the last answer.  What the
terminal shows goes to FILE.  Exits as the command did.
"""
import os
import pty
import re
import sys

name, command = sys.argv[1], sys.argv[2:]
answers = [line.rstrip("\n").split("\t") for line in sys.stdin]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown = b""
with open(name, "wb") as out:
    while True:
        try:
            some = os.read(terminal, 65536)
        except OSError:     # Linux: the other side is closed
            some = b""
        if not some:
            break
        out.write(some)
        shown += some
        while answers and re.search(answers[0][0].encode(), shown):
            text = answers.pop(0)[1].encode().decode("unicode_escape")
            shown = b""
            os.write(terminal, text.encode())
_, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)
