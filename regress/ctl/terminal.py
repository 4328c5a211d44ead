"""Run a command on a terminal of its own.

    terminal.py FILE REGEX COMMAND [ARGUMENT ...]

What the command writes goes to FILE.  Once that matches REGEX, ^C is typed;
never if REGEX is empty.  Exits as the command did, with 128 and its number if
a signal ended it.
"""
import os
import pty
import re
import signal
import sys

name, regex, command = sys.argv[1], sys.argv[2].encode(), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execvp(command[0], command)
written = b""
typed = not regex
with open(name, "wb") as out:
    while True:
        try:
            some = os.read(terminal, 65536)
        except OSError:     # Linux: the other side is closed
            some = b""
        if not some:
            break
        out.write(some)
        written += some
        if not typed and re.search(regex, written, re.M):
            os.write(terminal, b"\x03")
            typed = True
_, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)
