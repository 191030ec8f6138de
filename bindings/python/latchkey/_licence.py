"""The product's view of its licence: asking, tokens, and being told."""

from __future__ import annotations

from ctypes import byref, c_uint64, c_void_p
from dataclasses import dataclass
from datetime import timedelta
from os import PathLike, fsencode
from types import TracebackType
from typing import Any, Callable, List, Optional, Type, Union
from weakref import finalize

from ._native import ChangeCallback, kept, lib, text
from ._product import Product, definition
from ._verdict import Reason, Verdict, taken


class LatchkeyError(Exception):
    """A call failed. Decide by the code or the number (docs/errors.md), never by the words."""

    def __init__(self, number: int, code: str, message: str, action: str) -> None:
        super().__init__(message)
        self.number = number
        self.code = code
        #: What happened, as a sentence for the person.
        self.message = message
        #: What they can do next.
        self.action = action


@dataclass(frozen=True)
class LastVerdict:
    """What the last check said, and how old that is."""

    verdict: Verdict
    age: timedelta


@dataclass(frozen=True)
class Deactivation:
    """A deactivation that hasn't been confirmed as delivered."""

    id: str
    token: str


def _call(function: Callable[..., int], *arguments: Any) -> None:
    error = c_void_p()
    if function(*arguments, byref(error)) == 0:
        return
    try:
        raise LatchkeyError(
            int(lib.latchkey_error_number(error)),
            text(lib.latchkey_error_name(error)),
            text(lib.latchkey_error_message(error)),
            text(lib.latchkey_error_action(error)),
        )
    finally:
        lib.latchkey_error_free(error)


class _Listener:
    """A function for the library to call, which stays where it is even if it closes its own licence."""

    #: Those of closed licences: one of them may still be the one that closed it, and return here.
    _closed: List[_Listener] = []

    def __init__(self, function: Callable[[], None]) -> None:
        self.function: Optional[Callable[[], None]] = function
        self.callback = ChangeCallback(lambda _user, _verdict: self._call())

    def _call(self) -> None:
        if self.function is not None:
            self.function()


def _close(handle: c_void_p) -> None:
    lib.latchkey_close(handle)


class Licence:
    """A product's view of its licence. Open one and keep it; any number of threads may use it at once."""

    def __init__(self, handle: c_void_p) -> None:
        self._handle = handle
        self._listeners: List[_Listener] = []
        # Once, when this is called, collected, or when the interpreter ends: then no callback may come any more. It
        # doesn't know the listeners, because one that refers to its licence would keep it from being collected.
        self._finish = finalize(self, _close, handle)

    def __copy__(self) -> Licence:
        return self

    def __deepcopy__(self, _memo: Any) -> Licence:
        return self

    def __reduce__(self) -> Any:
        raise TypeError("a licence can't be pickled: open it where it is needed")

    @classmethod
    def open(cls, product: Product) -> Licence:
        """Knows where the product's licence is. Nothing is read yet."""
        handle, (value, _alive) = c_void_p(), definition(product)
        _call(lib.latchkey_open, byref(value), byref(handle))
        return cls(handle)

    @classmethod
    def open_file(cls, product: Product, file: Union[str, PathLike[str]]) -> Licence:
        """The same with the licence in a file of its own: for tests of the product."""
        handle, (value, _alive) = c_void_p(), definition(product)
        _call(lib.latchkey_open_file, byref(value), fsencode(file), byref(handle))
        return cls(handle)

    def close(self) -> None:
        """Closes it, also in a callback of its own; afterwards no other callback of it begins or runs.

        What is asked of it then fails with ``sdk.argument``.
        """
        self._finish()
        # Once more, for a second thread: it waits until the first one's call is over. A number isn't used twice.
        _close(self._handle)
        for listener in self._listeners:
            listener.function = None
        _Listener._closed.extend(self._listeners)
        self._listeners.clear()

    def __enter__(self) -> Licence:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def set_language(self, tag: str) -> None:
        """Chooses the language of the sentences by a tag like ``de``; without it the environment does."""
        _call(lib.latchkey_set_language, self._handle, tag.encode())

    def keep_in_file(self) -> None:
        """A person without a keyring wants the licence to be kept in a file."""
        _call(lib.latchkey_keep_in_file, self._handle)

    def check(self) -> Verdict:
        """Asks how it stands: verifies the vendor's signatures with the compiled-in keys."""
        handle = c_void_p()
        _call(lib.latchkey_check, self._handle, byref(handle))
        return taken(handle)

    def last_verdict(self) -> LastVerdict:
        """What the last check said, without looking at anything. Fails before the first one."""
        handle, age = c_void_p(), c_uint64()
        _call(lib.latchkey_last_verdict, self._handle, byref(handle), byref(age))
        return LastVerdict(taken(handle), timedelta(microseconds=age.value / 1000))

    def has_feature(self, feature: int) -> bool:
        """Checks, and says whether the licence includes a feature."""
        return self.check().has_feature(feature)

    def limit(self, feature: int) -> int:
        """Checks, and says how many elements or uses the licence includes of a feature."""
        return self.check().limit(feature)

    def checkout_feature(self, feature: int, count: int = 1) -> None:
        """Fails under an offline lease (``feature.offline``), and says why."""
        _call(lib.latchkey_checkout_feature, self._handle, feature, count)

    def return_feature(self, feature: int, count: int = 1) -> None:
        """Fails under an offline lease (``feature.offline``), and says why."""
        _call(lib.latchkey_return_feature, self._handle, feature, count)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Has a function called whenever a check finds something else than the one before.

        It is called on the thread that checks, and what is found meanwhile is told after it; what was found is in
        :meth:`last_verdict`. It may check, and close any licence.
        """
        one = _Listener(listener)
        self._listeners.append(one)
        _call(lib.latchkey_on_change, self._handle, one.callback, None)

    def watch(self, seconds: int) -> None:
        """Checks in the background every so many seconds; 0 ends it."""
        _call(lib.latchkey_watch, self._handle, seconds)

    def compare_activation_code(self, code: str) -> None:
        """Raises an error that says where an activation code looks mistyped. It may be used all the same."""
        _call(lib.latchkey_compare_activation_code, self._handle, code.encode())

    def generate_offline_activation_request_token(self, code: str, seat_name: str = "") -> str:
        """Makes a request token, which the person takes to the licence portal."""
        place = c_void_p()
        _call(
            lib.latchkey_generate_offline_activation_request_token,
            self._handle,
            code.encode(),
            seat_name.encode(),
            byref(place),
        )
        return kept(place) or ""

    def pending_request_token(self) -> Optional[str]:
        """The newest request that waits for its response, to show it again."""
        place = c_void_p()
        _call(lib.latchkey_pending_request_token, self._handle, byref(place))
        return kept(place)

    def activate_offline(self, response: str) -> Verdict:
        """Applies the response token in a text, and checks again."""
        _call(lib.latchkey_activate_offline, self._handle, response.encode())
        return self.last_verdict().verdict

    def refresh_lease_offline(self, refresh: str) -> Verdict:
        """Applies the refresh token in a text, which prolongs the lease, and checks again."""
        _call(lib.latchkey_refresh_lease_offline, self._handle, refresh.encode())
        return self.last_verdict().verdict

    def deactivate_offline(self) -> str:
        """Gives the seat back: the licence is gone in the same instant. Show the token until it was delivered."""
        place = c_void_p()
        _call(lib.latchkey_deactivate_offline, self._handle, byref(place))
        return kept(place) or ""

    def undelivered_deactivations(self) -> List[Deactivation]:
        """Deactivations that haven't been confirmed as delivered, oldest first."""
        found: List[Deactivation] = []
        while True:
            name, token = c_void_p(), c_void_p()
            _call(
                lib.latchkey_undelivered_deactivation,
                self._handle,
                len(found),
                byref(name),
                byref(token),
            )
            one, its_token = kept(name), kept(token)
            if one is None or its_token is None:
                return found
            found.append(Deactivation(one, its_token))

    def confirm_delivered(self, deactivation: Deactivation) -> None:
        """The person says that the licence portal has this deactivation."""
        _call(lib.latchkey_confirm_delivered, self._handle, deactivation.id.encode())


def open_wizard(
    reason: Reason = Reason.ASKED, folder: Union[str, PathLike[str], None] = None
) -> None:
    """Opens the wizard in a folder, or the one on the search path. Doesn't wait for it."""
    _call(lib.latchkey_open_wizard, fsencode(folder) if folder else None, int(reason))
