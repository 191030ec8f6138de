"""The product's view of its licence: checks, tokens, and notifications of changes."""

from __future__ import annotations

from ctypes import byref, c_uint64, c_void_p
from dataclasses import dataclass
from datetime import timedelta
from os import PathLike, fsencode
from types import TracebackType
from typing import Any, Callable, List, Optional, Type, Union
from weakref import finalize

from ._native import ChangeCallback, lib, take_string, text
from ._product import Product, definition
from ._verdict import Reason, Verdict, new_verdict


class LatchkeyError(Exception):
    """A call failed. Decide by the code or the number (docs/errors.md), never by the message."""

    def __init__(self, number: int, code: str, message: str, action: str) -> None:
        super().__init__(message)
        self.number = number
        self.code = code
        #: What happened, as a sentence for the end user.
        self.message = message
        #: What the end user can do next.
        self.action = action


@dataclass(frozen=True)
class LastVerdict:
    """The verdict of the last check, and its age."""

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
    """A callback, which stays alive even if it closes its own licence."""

    #: The listeners of closed licences. One of them may be the callback that closed its licence,
    #: and it still has to return here.
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
    """A product's view of its licence.

    Open it once and keep it; any number of threads may use it at the same time.
    """

    def __init__(self, handle: c_void_p) -> None:
        self._handle = handle
        self._listeners: List[_Listener] = []
        # Runs once: when it is called, when this object is collected, or when the interpreter exits
        # and no callback may run any more. It holds no reference to the listeners, because one that
        # refers to its licence would keep the licence from being collected.
        self._finish = finalize(self, _close, handle)

    def __copy__(self) -> Licence:
        return self

    def __deepcopy__(self, _memo: Any) -> Licence:
        return self

    def __reduce__(self) -> Any:
        raise TypeError("a licence can't be pickled: open it where it is needed")

    @classmethod
    def open(cls, product: Product) -> Licence:
        """Opens a product's licence. Nothing is read until the first check."""
        handle, (value, _alive) = c_void_p(), definition(product)
        _call(lib.latchkey_open, byref(value), byref(handle))
        return cls(handle)

    @classmethod
    def open_file(cls, product: Product, file: Union[str, PathLike[str]]) -> Licence:
        """Opens a product's licence in a file of its own, for the product's tests."""
        handle, (value, _alive) = c_void_p(), definition(product)
        _call(lib.latchkey_open_file, byref(value), fsencode(file), byref(handle))
        return cls(handle)

    def close(self) -> None:
        """Closes the licence, even in a callback of its own.

        Afterwards no other callback of it starts or is running. Calls fail with ``sdk.argument``.
        """
        self._finish()
        # Called again for a second thread, which then waits for the first one's call. Handles are
        # never reused, so this is safe.
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
        """Sets the language of the messages by a tag such as ``de``.

        By default the environment decides.
        """
        _call(lib.latchkey_set_language, self._handle, tag.encode())

    def keep_in_file(self) -> None:
        """Stores the licence in a file instead of the keyring.

        Call it when a user who has no keyring agrees to it.
        """
        _call(lib.latchkey_keep_in_file, self._handle)

    def check(self) -> Verdict:
        """Checks the licence.

        The vendor's signatures are verified with the keys that are compiled in.
        """
        handle = c_void_p()
        _call(lib.latchkey_check, self._handle, byref(handle))
        return new_verdict(handle)

    def last_verdict(self) -> LastVerdict:
        """Returns the verdict of the last check; fails if there was none."""
        handle, age = c_void_p(), c_uint64()
        _call(lib.latchkey_last_verdict, self._handle, byref(handle), byref(age))
        return LastVerdict(new_verdict(handle), timedelta(microseconds=age.value / 1000))

    def has_feature(self, feature: int) -> bool:
        """Checks the licence and tells whether the product may run with a feature."""
        return self.check().has_feature(feature)

    def limit(self, feature: int) -> int:
        """Checks the licence and returns how many elements or uses of a feature it includes."""
        return self.check().limit(feature)

    def checkout_feature(self, feature: int, count: int = 1) -> None:
        """Fails with ``feature.offline``, because an offline lease doesn't support it."""
        _call(lib.latchkey_checkout_feature, self._handle, feature, count)

    def return_feature(self, feature: int, count: int = 1) -> None:
        """Fails with ``feature.offline``, because an offline lease doesn't support it."""
        _call(lib.latchkey_return_feature, self._handle, feature, count)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Registers a function that is called when a check's verdict differs from the previous one.

        It is called on the thread that checks. Changes that are found meanwhile are reported after
        it returns. :meth:`last_verdict` has the verdict. The function may check and close any
        licence.
        """
        one = _Listener(listener)
        self._listeners.append(one)
        _call(lib.latchkey_on_change, self._handle, one.callback, None)

    def watch(self, seconds: int) -> None:
        """Checks in the background at an interval in seconds; 0 stops it."""
        _call(lib.latchkey_watch, self._handle, seconds)

    def compare_activation_code(self, code: str) -> None:
        """Raises an error that names the part of an activation code that looks mistyped.

        The code may be used all the same.
        """
        _call(lib.latchkey_compare_activation_code, self._handle, code.encode())

    def generate_offline_activation_request_token(self, code: str, seat_name: str = "") -> str:
        """Makes a request token, which the user takes to the licence portal."""
        pointer = c_void_p()
        _call(
            lib.latchkey_generate_offline_activation_request_token,
            self._handle,
            code.encode(),
            seat_name.encode(),
            byref(pointer),
        )
        return take_string(pointer) or ""

    def pending_request_token(self) -> Optional[str]:
        """Returns the newest request token that still waits for its response, to show it again."""
        pointer = c_void_p()
        _call(lib.latchkey_pending_request_token, self._handle, byref(pointer))
        return take_string(pointer)

    def activate_offline(self, response: str) -> Verdict:
        """Applies the response token in a text, and checks again."""
        _call(lib.latchkey_activate_offline, self._handle, response.encode())
        return self.last_verdict().verdict

    def refresh_lease_offline(self, refresh: str) -> Verdict:
        """Applies the refresh token in a text, which extends the lease, and checks again."""
        _call(lib.latchkey_refresh_lease_offline, self._handle, refresh.encode())
        return self.last_verdict().verdict

    def deactivate_offline(self) -> str:
        """Releases the seat and removes the licence at once.

        Show the token until the user confirms its delivery.
        """
        pointer = c_void_p()
        _call(lib.latchkey_deactivate_offline, self._handle, byref(pointer))
        return take_string(pointer) or ""

    def undelivered_deactivations(self) -> List[Deactivation]:
        """Returns the deactivations that haven't been confirmed as delivered, oldest first."""
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
            one, its_token = take_string(name), take_string(token)
            if one is None or its_token is None:
                return found
            found.append(Deactivation(one, its_token))

    def confirm_delivered(self, deactivation: Deactivation) -> None:
        """Records that the licence portal has received a deactivation."""
        _call(lib.latchkey_confirm_delivered, self._handle, deactivation.id.encode())


def open_wizard(
    reason: Reason = Reason.ASKED, folder: Union[str, PathLike[str], None] = None
) -> None:
    """Starts the wizard, and returns at once. The path is that of the wizard's program, or of the
    folder with `latchkey-wizard` in it; by default it is this program's folder."""
    _call(lib.latchkey_open_wizard, fsencode(folder) if folder else None, int(reason))
