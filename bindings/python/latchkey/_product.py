"""The product definition. ``latchkey_product.py`` in the vendor's kit contains one."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from enum import IntEnum
from typing import Tuple

from . import _native


class Scope(IntEnum):
    """Whose licence it is."""

    #: Each user of the computer has a licence of their own.
    USER = 0
    #: All users of the computer share one licence.
    MACHINE = 1


class Store(IntEnum):
    """Where the licence may be stored."""

    #: In the keyring. A user without a keyring may choose a file.
    KEYRING = 0
    #: In a file.
    FILE = 1
    #: In the keyring and nowhere else.
    KEYRING_ONLY = 2


@dataclass(frozen=True)
class Product:
    """A product definition: facts that are part of the product and never read from another file."""

    vendor_id: bytes
    number: int
    #: The vendor's public keys, 64 bytes each, the active one first.
    vendor_keys: Tuple[bytes, ...]
    vendor_name: str = ""
    name: str = ""
    scope: Scope = Scope.USER
    store: Store = Store.KEYRING

    def __post_init__(self) -> None:
        if len(self.vendor_id) != 8 or any(len(key) != 64 for key in self.vendor_keys):
            raise ValueError("a vendor's id has 8 bytes, and each of its keys has 64")


def definition(product: Product) -> Tuple[_native.ProductDefinition, object]:
    """The definition for C, and an object that has to live as long as it."""
    keys = b"".join(product.vendor_keys)
    buffer = (ctypes.c_uint8 * len(keys)).from_buffer_copy(keys)
    value = _native.ProductDefinition()
    value.size = ctypes.sizeof(value)
    value.vendor_id[:] = product.vendor_id
    value.number = product.number
    value.scope = int(product.scope)
    value.store = int(product.store)
    value.vendor_key_count = len(product.vendor_keys)
    value.vendor_keys = ctypes.addressof(buffer)
    value.vendor_name = product.vendor_name.encode()
    value.name = product.name.encode()
    return value, buffer
