"""A person at a terminal: starts a program on one of its own, does what the first argument says, and tells as JSON what
the terminal showed, how the program ended, and whether the terminal's mode is as it was.

Each step is a mode to wait for ("lines", "anything", "hidden"), {"type": text}, {"signal": number} for the program,
{"shown": text} to wait for, or "start"; without that the program starts first. A step that doesn't come about ends the call, as does the end of a program
that more steps were meant for: what the terminal showed is told then, too.
"""

import fcntl
import json
import os
import select
import signal
import sys
import termios
import threading
import time

STEPS, WORDS = json.loads(sys.argv[1]), sys.argv[2:]
LOCAL_MODES = 3
# A guard against waiting for ever: no step takes a second.
DEADLINE_SECONDS = 120


def is_in(mode):
    flags = termios.tcgetattr(person)[LOCAL_MODES]
    lines, shown = flags & termios.ICANON, flags & termios.ECHO
    return {"lines": lines and shown, "anything": not lines, "hidden": lines and not shown}[mode]


def wait_until(is_reached, what):
    end = time.monotonic() + DEADLINE_SECONDS
    while not is_reached():
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            sys.exit(f"{what}: not within {DEADLINE_SECONDS} s\n{told()}")
        time.sleep(0.01)


def has_ended():
    """Whether the program has ended; its status is kept."""
    global status
    if status is None:
        ended, found = os.waitpid(pid, os.WNOHANG)
        status = found if ended else None
    return status is not None


def while_it_runs(is_reached, what):
    def is_reached_or_over():
        if is_reached():
            return True
        # What it did last counts.
        if has_ended() and not is_reached():
            sys.exit(f"{what}: the program had ended before\n{told()}")
        return False

    wait_until(is_reached_or_over, what)


def type_some():
    """Types what the terminal takes now, and says whether that was all."""
    global rest
    try:
        rest = rest[os.write(person, rest[:1000]) :]
    except BlockingIOError:
        pass
    return not rest


def told():
    return b"".join(shown).decode(errors="replace")


def watch():
    while True:
        select.select([person], [], [])
        try:
            more = os.read(person, 65536)
        except BlockingIOError:
            continue
        except OSError:
            return
        if not more:
            return
        shown.append(more)


# Both ends stay open here, so that the mode can be asked for when the program is gone.
person, terminal = os.openpty()
before = termios.tcgetattr(person)
start, go = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(go)
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for standard in range(3):
        os.dup2(terminal, standard)
    os.read(start, 1)
    os.execvp(WORDS[0], WORDS)
shown, status = [], None
os.set_blocking(person, False)
threading.Thread(target=watch, daemon=True).start()
if "start" not in STEPS:
    os.close(go)
for step in STEPS:
    if step == "start":
        os.close(go)
    elif isinstance(step, str):
        while_it_runs(lambda: is_in(step), f"the mode {step!r}")
    elif "shown" in step:
        while_it_runs(lambda: step["shown"].encode() in b"".join(shown), f"the text {step['shown']!r}")
    elif "type" in step:
        rest = step["type"].encode()
        # Before the program starts, nothing reads yet, and the terminal buffers what it can.
        wait = wait_until if "start" in STEPS else while_it_runs
        wait(type_some, "typing")
    elif not has_ended():
        os.kill(pid, step["signal"])
wait_until(has_ended, "the program's end")
ended = os.waitstatus_to_exitcode(status)
# What it wrote last is on its way to the watcher.
quiet = -1
while quiet != len(shown):
    quiet = len(shown)
    time.sleep(0.1)
is_as_before = termios.tcgetattr(person) == before
print(json.dumps({"ended": ended, "shown": told(), "is_as_before": is_as_before}))
