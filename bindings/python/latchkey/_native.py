"""The C library: finding it, and the types of its functions."""

from __future__ import annotations

import ctypes
import os
import sys
from ctypes import (
    POINTER,
    c_bool,
    c_char_p,
    c_int64,
    c_size_t,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path

if sys.platform == "win32":
    _NAME = "latchkey.dll"
elif sys.platform == "darwin":
    _NAME = "liblatchkey.dylib"
else:
    _NAME = "liblatchkey.so"


def _load() -> ctypes.CDLL:
    """Loads the library from ``LATCHKEY_LIBRARY``, this package's folder, or the system."""
    named = os.environ.get("LATCHKEY_LIBRARY", "").strip()
    in_package = Path(__file__).with_name(_NAME)
    return ctypes.CDLL(named or (str(in_package) if in_package.is_file() else _NAME))


class ProductDefinition(ctypes.Structure):
    """``latchkey_product``"""

    _fields_ = [
        ("size", c_size_t),
        ("vendor_id", c_uint8 * 8),
        ("number", c_uint32),
        ("scope", c_uint32),
        ("store", c_uint32),
        ("vendor_key_count", c_uint32),
        ("vendor_keys", c_void_p),
        ("vendor_name", c_char_p),
        ("name", c_char_p),
    ]


#: ``latchkey_change_callback``
ChangeCallback = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)

lib = _load()

_HANDLE = c_void_p
_OUT = POINTER(c_void_p)
_ERROR = POINTER(c_void_p)

# A string that the caller has to free is a `c_void_p` here: as a `c_char_p` it would be copied and
# its pointer lost.
for _function, _result, _arguments in [
    ("latchkey_version", c_char_p, []),
    ("latchkey_string_free", None, [c_void_p]),
    ("latchkey_error_number", c_uint32, [_HANDLE]),
    ("latchkey_error_name", c_char_p, [_HANDLE]),
    ("latchkey_error_message", c_char_p, [_HANDLE]),
    ("latchkey_error_action", c_char_p, [_HANDLE]),
    ("latchkey_error_free", None, [_HANDLE]),
    ("latchkey_open", c_uint32, [POINTER(ProductDefinition), _OUT, _ERROR]),
    ("latchkey_open_file", c_uint32, [POINTER(ProductDefinition), c_char_p, _OUT, _ERROR]),
    ("latchkey_close", None, [_HANDLE]),
    ("latchkey_set_language", c_uint32, [_HANDLE, c_char_p, _ERROR]),
    ("latchkey_keep_in_file", c_uint32, [_HANDLE, _ERROR]),
    ("latchkey_check", c_uint32, [_HANDLE, _OUT, _ERROR]),
    ("latchkey_last_verdict", c_uint32, [_HANDLE, _OUT, POINTER(c_uint64), _ERROR]),
    ("latchkey_on_change", c_uint32, [_HANDLE, ChangeCallback, c_void_p, _ERROR]),
    ("latchkey_watch", c_uint32, [_HANDLE, c_uint32, _ERROR]),
    ("latchkey_checkout_feature", c_uint32, [_HANDLE, c_uint32, c_uint64, _ERROR]),
    ("latchkey_return_feature", c_uint32, [_HANDLE, c_uint32, c_uint64, _ERROR]),
    ("latchkey_compare_activation_code", c_uint32, [_HANDLE, c_char_p, _ERROR]),
    (
        "latchkey_generate_offline_activation_request_token",
        c_uint32,
        [_HANDLE, c_char_p, c_char_p, _OUT, _ERROR],
    ),
    ("latchkey_pending_request_token", c_uint32, [_HANDLE, _OUT, _ERROR]),
    ("latchkey_activate_offline", c_uint32, [_HANDLE, c_char_p, _ERROR]),
    ("latchkey_refresh_lease_offline", c_uint32, [_HANDLE, c_char_p, _ERROR]),
    ("latchkey_deactivate_offline", c_uint32, [_HANDLE, _OUT, _ERROR]),
    ("latchkey_undelivered_deactivation", c_uint32, [_HANDLE, c_size_t, _OUT, _OUT, _ERROR]),
    ("latchkey_confirm_delivered", c_uint32, [_HANDLE, c_char_p, _ERROR]),
    ("latchkey_open_wizard", c_uint32, [c_char_p, c_uint32, _ERROR]),
    ("latchkey_verdict_kind", c_uint32, [_HANDLE]),
    ("latchkey_verdict_may_run", c_bool, [_HANDLE]),
    ("latchkey_verdict_number", c_uint32, [_HANDLE]),
    ("latchkey_verdict_name", c_char_p, [_HANDLE]),
    ("latchkey_verdict_message", c_char_p, [_HANDLE]),
    ("latchkey_verdict_action", c_char_p, [_HANDLE]),
    ("latchkey_verdict_reason", c_uint32, [_HANDLE]),
    ("latchkey_verdict_seat", c_char_p, [_HANDLE]),
    ("latchkey_verdict_seat_name", c_char_p, [_HANDLE]),
    ("latchkey_verdict_lease_expiry", c_int64, [_HANDLE]),
    ("latchkey_verdict_runs_until", c_int64, [_HANDLE]),
    ("latchkey_verdict_subscription_end", c_int64, [_HANDLE]),
    ("latchkey_verdict_effective_now", c_int64, [_HANDLE]),
    ("latchkey_verdict_days_left", c_uint32, [_HANDLE]),
    ("latchkey_verdict_days_until_stop", c_uint32, [_HANDLE]),
    ("latchkey_verdict_has_feature", c_bool, [_HANDLE, c_uint32]),
    ("latchkey_verdict_limit", c_uint64, [_HANDLE, c_uint32]),
    ("latchkey_verdict_attribute", c_char_p, [_HANDLE, c_char_p]),
    ("latchkey_verdict_attribute_key", c_char_p, [_HANDLE, c_size_t]),
    ("latchkey_verdict_changed_trait", c_char_p, [_HANDLE, c_size_t]),
    ("latchkey_verdict_free", None, [_HANDLE]),
]:
    _declared = getattr(lib, _function)
    _declared.restype = _result
    _declared.argtypes = _arguments


def text(value: bytes | None) -> str:
    """Copies a string of the library."""
    return value.decode() if value else ""


def take_string(pointer: c_void_p) -> str | None:
    """Copies and frees a string that the library handed out."""
    if not pointer.value:
        return None
    value = ctypes.string_at(pointer.value).decode()
    lib.latchkey_string_free(pointer)
    return value
