"""A person at a terminal: starts a program on one of its own, does what the first argument says, and tells as JSON what
the terminal showed, how the program ended, and whether the terminal's mode is as it was.

Each step is a mode to wait for ("lines", "anything", "hidden"), {"type": text}, {"signal": number} for the program, or
"start"; without that the program starts first.
"""

import json
import os
import sys
import termios
import threading
import time

STEPS, WORDS = json.loads(sys.argv[1]), sys.argv[2:]
LOCAL_MODES = 3


def is_in(mode):
    flags = termios.tcgetattr(person)[LOCAL_MODES]
    lines, shown = flags & termios.ICANON, flags & termios.ECHO
    return {"lines": lines and shown, "anything": not lines, "hidden": lines and not shown}[mode]


def watch():
    try:
        while more := os.read(person, 65536):
            shown.append(more)
    except OSError:
        pass


# Both ends stay open here, so that the mode can be asked for when the program is gone.
person, terminal = os.openpty()
before = termios.tcgetattr(person)
start, go = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(go)
    os.login_tty(os.dup(terminal))
    os.read(start, 1)
    os.execvp(WORDS[0], WORDS)
shown = []
threading.Thread(target=watch, daemon=True).start()
if "start" not in STEPS:
    os.close(go)
for step in STEPS:
    if step == "start":
        os.close(go)
    elif isinstance(step, str):
        while not is_in(step):
            time.sleep(0.01)
    elif "type" in step:
        rest = step["type"].encode()
        while rest:
            rest = rest[os.write(person, rest[:1000]) :]
    else:
        os.kill(pid, step["signal"])
ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
# What it wrote last is on its way to the watcher.
quiet = -1
while quiet != len(shown):
    quiet = len(shown)
    time.sleep(0.1)
is_as_before = termios.tcgetattr(person) == before
print(json.dumps({"ended": ended, "shown": b"".join(shown).decode(), "is_as_before": is_as_before}))
