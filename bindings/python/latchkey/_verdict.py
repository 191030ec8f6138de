"""The result of a check."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import IntEnum
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ._native import lib, text


class Kind(IntEnum):
    """Which verdict it is."""

    ACTIVE = 1
    IN_GRACE = 2
    EXPIRED = 3
    NOT_ACTIVATED = 4
    CLOCK_SUSPECT = 5
    HARDWARE_CHANGED = 6
    STORE_UNAVAILABLE = 7
    TAMPERED = 8


class Reason(IntEnum):
    """Why the wizard is opened. It decides the screen that the wizard starts with."""

    ASKED = 0
    ACTIVATE = 1
    REFRESH = 2
    DEACTIVATE = 3


def _time(seconds: int) -> Optional[datetime]:
    return datetime.fromtimestamp(seconds, timezone.utc) if seconds else None


@dataclass(frozen=True)
class _Plain:
    kind: Kind
    #: Whether the product may run.
    may_run: bool
    #: The number of its message, and its stable name (docs/errors.md).
    number: int
    code: str
    #: The licence's status, as a sentence for the end user, and what they can do next.
    message: str
    action: str
    #: The reason to open the wizard with after this verdict.
    reason: Reason
    seat: str
    seat_name: str
    lease_expiry: Optional[datetime]
    #: Until when the product may run, grace included.
    runs_until: Optional[datetime]
    subscription_end: Optional[datetime]
    #: The time that the verdict is based on.
    effective_now: Optional[datetime]
    #: The days until the lease ends: 30 on the first day of thirty, 1 within the last 24 hours, 0
    #: once it has expired.
    days_left: int
    #: The days until the product may no longer run, grace included, counted in the same way.
    days_until_stop: int
    attributes: Mapping[str, str]
    #: The hardware traits that have changed, by their stable names.
    changed_traits: Tuple[str, ...]


class _Handle:
    """A verdict of the library. Copies of a verdict share it, and the last of them frees it."""

    def __init__(self, pointer: ctypes.c_void_p) -> None:
        self.pointer = pointer

    # Bound here, because the interpreter clears modules at exit before it deletes the last objects.
    def __del__(self, free: Callable[[ctypes.c_void_p], None] = lib.latchkey_verdict_free) -> None:
        free(self.pointer)

    def __deepcopy__(self, _memo: Any) -> _Handle:
        return self

    def __reduce__(self) -> Any:
        raise TypeError("a verdict can't be pickled: check again where it is needed")


class Verdict(_Plain):
    """The result of a check: plain values, and queries for features.

    It can be copied but not pickled. One that is constructed by hand grants no features.
    """

    _shared: Optional[_Handle] = None

    @property
    def _handle(self) -> Optional[ctypes.c_void_p]:
        return self._shared.pointer if self._shared else None

    def has_feature(self, feature: int) -> bool:
        """Whether the product may run and its licence includes a feature."""
        return bool(lib.latchkey_verdict_has_feature(self._handle, feature))

    def limit(self, feature: int) -> int:
        """How many elements or uses of a feature the licence includes, if the product may run."""
        return int(lib.latchkey_verdict_limit(self._handle, feature))


def new_verdict(handle: ctypes.c_void_p) -> Verdict:
    """Reads a verdict and takes ownership of its handle."""
    attributes: Dict[str, str] = {}
    while (key := lib.latchkey_verdict_attribute_key(handle, len(attributes))) is not None:
        attributes[text(key)] = text(lib.latchkey_verdict_attribute(handle, key))
    changed: List[str] = []
    while (name := lib.latchkey_verdict_changed_trait(handle, len(changed))) is not None:
        changed.append(text(name))
    verdict = Verdict(
        kind=Kind(lib.latchkey_verdict_kind(handle)),
        may_run=bool(lib.latchkey_verdict_may_run(handle)),
        number=int(lib.latchkey_verdict_number(handle)),
        code=text(lib.latchkey_verdict_name(handle)),
        message=text(lib.latchkey_verdict_message(handle)),
        action=text(lib.latchkey_verdict_action(handle)),
        reason=Reason(lib.latchkey_verdict_reason(handle)),
        seat=text(lib.latchkey_verdict_seat(handle)),
        seat_name=text(lib.latchkey_verdict_seat_name(handle)),
        lease_expiry=_time(lib.latchkey_verdict_lease_expiry(handle)),
        runs_until=_time(lib.latchkey_verdict_runs_until(handle)),
        subscription_end=_time(lib.latchkey_verdict_subscription_end(handle)),
        effective_now=_time(lib.latchkey_verdict_effective_now(handle)),
        days_left=int(lib.latchkey_verdict_days_left(handle)),
        days_until_stop=int(lib.latchkey_verdict_days_until_stop(handle)),
        attributes=attributes,
        changed_traits=tuple(changed),
    )
    object.__setattr__(verdict, "_shared", _Handle(handle))
    return verdict
