"""A small product in Python that runs only while its lease holds.

    hello.py [--no-wizard] [--store file:PATH] [COMMAND [TEXT]]

The commands show what a product with dialogs of its own does: request, activate, refresh,
deactivate, checkout, threads. Exit status: 0 it runs, 2 usage error, 3 a command failed, 4 not
licensed, 5 the licence can't be read.
"""

import sys
import threading
from pathlib import Path
from typing import List, Optional

from latchkey import Kind, LatchkeyError, Licence, open_wizard
from latchkey_product import FEATURE_EXPORT, FEATURE_RENDER, PRODUCT


def hello(licence: Licence, may_open_wizard: bool) -> int:
    verdict = licence.check()
    if verdict.kind is not Kind.ACTIVE:
        print(verdict.message, f"→ {verdict.action}", sep="\n", file=sys.stderr)
        print(verdict.code, verdict.number, file=sys.stderr)
    if not verdict.may_run:
        if may_open_wizard:
            open_wizard(verdict.reason, Path(__file__).parent)
        return 5 if verdict.kind in (Kind.STORE_UNAVAILABLE, Kind.TAMPERED) else 4
    print(f"Hello! {verdict.days_left} days left, seat {verdict.seat}.")
    if verdict.has_feature(FEATURE_EXPORT):
        print("export: yes")
    print(f"render: {verdict.limit(FEATURE_RENDER)}")
    print(f"plan: {verdict.attributes.get('plan')}")
    return 0


def many_threads(licence: Licence) -> int:
    heard: List[Kind] = []
    licence.on_change(lambda: heard.append(licence.last_verdict().verdict.kind))
    licence.watch(1)

    def check_often() -> None:
        for _ in range(20):
            licence.check()
            licence.last_verdict()

    threads = [threading.Thread(target=check_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    licence.watch(0)
    return 0 if not heard else 3


def command(licence: Licence, name: str, text: str) -> int:
    if name == "request":
        try:
            licence.compare_activation_code(text)
        except LatchkeyError as doubt:
            # A real product asks whether to use it anyway: the vendor may have chosen such a code.
            print(doubt.message, doubt.code, file=sys.stderr)
        print(licence.generate_offline_activation_request_token(text, "Made in Python"))
    elif name == "activate":
        licence.activate_offline(text)
    elif name == "refresh":
        licence.refresh_lease_offline(text)
    elif name == "deactivate":
        print(licence.deactivate_offline())
        # A real product shows the token until the user confirms that the portal has it.
        for waiting in licence.undelivered_deactivations():
            licence.confirm_delivered(waiting)
    elif name == "checkout":
        licence.checkout_feature(FEATURE_RENDER)
    elif name == "threads":
        return many_threads(licence)
    else:
        return 2
    return 0


def main(words: List[str]) -> int:
    file: Optional[str] = None
    may_open_wizard = True
    while words and words[0].startswith("--"):
        option = words.pop(0)
        if option == "--no-wizard":
            may_open_wizard = False
        elif option == "--store" and words and words[0].startswith("file:"):
            file = words.pop(0)[len("file:") :]
        else:
            return 2
    opening = True
    try:
        with Licence.open_file(PRODUCT, file) if file else Licence.open(PRODUCT) as licence:
            opening = False
            if not words:
                return hello(licence, may_open_wizard)
            return command(licence, words[0], words[1] if len(words) > 1 else "")
    except LatchkeyError as error:
        print(error.message, f"→ {error.action}", sep="\n", file=sys.stderr)
        print(error.code, error.number, file=sys.stderr)
        return 5 if opening else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
