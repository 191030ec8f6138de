"""What a Python program can do to licences and verdicts without a fault: `copies.py FILE`"""

import copy
import gc
import pickle
import sys
from dataclasses import replace
from pathlib import Path

from latchkey import LatchkeyError, Licence
from latchkey_product import PRODUCT

file = Path(sys.argv[1])


def changed() -> None:
    """The next check finds something else than the one before."""
    if file.exists():
        file.unlink()
    else:
        file.write_text("no licence")


def fails(function, kind) -> None:
    try:
        function()
    except kind:
        return
    raise AssertionError(f"{kind} expected")


licence = Licence.open_file(PRODUCT, file)

# Copies of a verdict share what the library gave; the last one gives it back.
verdict = licence.check()
copies = [copy.copy(verdict), copy.deepcopy(verdict), replace(verdict, message="by hand")]
fails(lambda: pickle.dumps(verdict), TypeError)
del verdict
gc.collect()
assert [one.has_feature(1) for one in copies] == [False] * 3
while copies:
    copies.pop(0)
    gc.collect()

# A licence is closed in its own callback, and what it is asked then is an error.
heard = []


def close_it() -> None:
    heard.append(licence.last_verdict().verdict.code)
    licence.close()
    gc.collect()


licence.on_change(close_it)
changed()
licence.check()
assert len(heard) == 1, heard
fails(licence.check, LatchkeyError)
licence.close()
fails(lambda: pickle.dumps(licence), TypeError)

# A copy is the licence itself; the interpreter ends while a watch runs.
last = Licence.open_file(PRODUCT, file)
again = copy.deepcopy(copy.copy(last))
last.on_change(lambda: heard.append("later"))
last.check()
last.watch(1)
del last
gc.collect()
changed()
again.check()
assert len(heard) == 2, heard
print("done")
