"""Simulates a user at a terminal: starts a program on a new terminal, performs the steps in the
first argument, and prints as JSON what the terminal showed, the exit status of the program, and
whether the mode of the terminal was restored.

Each step is a mode to wait for ("lines", "anything", "hidden"), {"type": text} with its "encoding"
if that isn't UTF-8, {"signal": number} for the program, {"shown": text} to wait for, or "start";
without "start" the program starts first.
If a step isn't reached, or if the program ends before it, the call fails and prints what the
terminal showed.
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
# Bounds the wait for a step, which takes less than a second.
DEADLINE_SECONDS = 120
MARKER = b"\0the end of the output\0"


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
        # What it wrote last counts.
        if has_ended():
            drain()
            if is_reached():
                return True
            sys.exit(f"{what}: the program had ended before\n{told()}")
        return False

    wait_until(is_reached_or_over, what)


def type_some():
    """Types as much as the terminal accepts, and returns whether that was all."""
    global rest
    try:
        rest = rest[os.write(person, rest[:1000]) :]
    except BlockingIOError:
        pass
    return not rest


def told():
    return b"".join(shown).replace(MARKER, b"").decode(errors="replace")


def drain():
    """Waits until everything that the program wrote has been read: a marker that is written
    afterwards is read last."""
    expected = b"".join(shown).count(MARKER) + 1
    os.write(terminal, MARKER)
    end = time.monotonic() + DEADLINE_SECONDS
    while b"".join(shown).count(MARKER) < expected and time.monotonic() < end:
        time.sleep(0.01)


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


# Both ends stay open here, so that the mode can be read after the program has ended.
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
        rest = step["type"].encode(step.get("encoding", "utf-8"))
        # Before the program starts, nothing reads yet, and the terminal buffers what it can.
        wait = wait_until if "start" in STEPS else while_it_runs
        wait(type_some, "typing")
    elif not has_ended():
        os.kill(pid, step["signal"])
wait_until(has_ended, "the program's end")
ended = os.waitstatus_to_exitcode(status)
drain()
is_as_before = termios.tcgetattr(person) == before
print(json.dumps({"ended": ended, "shown": told(), "is_as_before": is_as_before}))
