"""Latchkey: may this product run?

    from latchkey import Licence, open_wizard
    from latchkey_product import FEATURE_EXPORT, PRODUCT  # from the vendor's kit

    licence = Licence.open(PRODUCT)
    verdict = licence.check()
    if not verdict.may_run:
        print(verdict.message, verdict.action, sep="\\n")
        open_wizard(verdict.reason)

What lives here: a wrapper of the C library, which implements all rules about licences.
"""

from ._licence import Deactivation, LastVerdict, LatchkeyError, Licence, open_wizard
from ._product import Product, Scope, Store
from ._verdict import Kind, Reason, Verdict

__all__ = [
    "Deactivation",
    "Kind",
    "LastVerdict",
    "LatchkeyError",
    "Licence",
    "Product",
    "Reason",
    "Scope",
    "Store",
    "Verdict",
    "open_wizard",
]
