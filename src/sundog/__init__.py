"""Sundog: synthetic data of every kind, each dataset with the evidence for it."""

from __future__ import annotations

import os as _os
import sys as _sys
from importlib import import_module as _import_module
from types import ModuleType as _ModuleType
from typing import TYPE_CHECKING

from sundog._kernel_cache import kernel_cache as _kernel_cache

__version__ = "0.1.0"

# numba reads the variable when it is imported; every way into Sundog passes here first.
_os.environ.setdefault("NUMBA_CACHE_DIR", str(_kernel_cache()))

if TYPE_CHECKING:
    from sundog.api import (
        Bundle,
        Recipe,
        advise_epsilon,
        audit,
        export,
        fit,
        inspect,
        load_fitted,
        make,
        open_bundle,
        read,
        read_privacy_report,
        replicate,
        save_privacy_pdf,
        stream,
        stream_rows,
        verify,
    )

__all__ = [
    "Bundle",
    "Recipe",
    "advise_epsilon",
    "audit",
    "export",
    "fit",
    "inspect",
    "load_fitted",
    "make",
    "open_bundle",
    "read",
    "read_privacy_report",
    "replicate",
    "save_privacy_pdf",
    "stream",
    "stream_rows",
    "verify",
]


def __getattr__(name: str) -> object:
    """Import the public names when they are first used, so that ``import sundog`` stays quick."""
    if name in __all__:
        return getattr(_import_module("sundog.api"), name)
    raise AttributeError(f"module 'sundog' has no attribute {name!r}")


class _Package(_ModuleType):
    """A module whose public names stay what they are when a subpackage of the same name (``export``) is imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in __all__ and isinstance(value, _ModuleType)):
            super().__setattr__(name, value)


_sys.modules[__name__].__class__ = _Package
