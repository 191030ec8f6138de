"""What a check says."""

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
    """Why the wizard is opened: it begins where that is put right."""

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
    #: The number of its sentence, and its stable name (docs/errors.md).
    number: int
    code: str
    #: How it stands, as a sentence for the person, and what they can do next.
    message: str
    action: str
    #: Why to open the wizard after this verdict.
    reason: Reason
    seat: str
    seat_name: str
    lease_expiry: Optional[datetime]
    #: When the product stops, grace included.
    runs_until: Optional[datetime]
    subscription_end: Optional[datetime]
    #: The time that all of this was judged by.
    effective_now: Optional[datetime]
    #: Days until the lease ends: 30 on the first day of thirty, 1 within the last 24 hours, 0 once it is over.
    days_left: int
    #: Days until the product stops, grace included, counted in the same way.
    days_until_stop: int
    attributes: Mapping[str, str]
    #: The hardware traits that have changed, by their stable names.
    changed_traits: Tuple[str, ...]


class _Handle:
    """The library's verdict. Copies of a verdict share it, and the last of them gives it back."""

    def __init__(self, pointer: ctypes.c_void_p) -> None:
        self.pointer = pointer

    # Bound here: when the interpreter ends, modules are emptied before the last objects are.
    def __del__(self, free: Callable[[ctypes.c_void_p], None] = lib.latchkey_verdict_free) -> None:
        free(self.pointer)

    def __deepcopy__(self, _memo: Any) -> _Handle:
        return self

    def __reduce__(self) -> Any:
        raise TypeError("a verdict can't be pickled: ask again where it is needed")


class Verdict(_Plain):
    """What a check said: plain values, and the features that were granted.

    It can be copied, and not pickled. One that was made by hand grants no features.
    """

    _shared: Optional[_Handle] = None

    @property
    def _handle(self) -> Optional[ctypes.c_void_p]:
        return self._shared.pointer if self._shared else None

    def has_feature(self, feature: int) -> bool:
        """Whether the product may run and the licence includes this feature."""
        return bool(lib.latchkey_verdict_has_feature(self._handle, feature))

    def limit(self, feature: int) -> int:
        """How many elements or uses the licence includes of a feature, if the product may run."""
        return int(lib.latchkey_verdict_limit(self._handle, feature))


def taken(handle: ctypes.c_void_p) -> Verdict:
    """The verdict behind a handle, which belongs to it from now on."""
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
