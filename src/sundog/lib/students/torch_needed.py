"""Asks for torch where it is needed, and says how to get it where it is not there."""

from __future__ import annotations

from importlib.util import find_spec

from sundog.core.errors import MissingExtra, Problem, install_extra


def need_torch(where: str) -> None:
    """Raise where torch is not installed.

    Raises:
        MissingExtra: it is not there.
    """
    if find_spec("torch") is None:
        what = "the decoder student needs torch, which is not installed"
        fix = f"{install_extra('distill')}. The linear student needs no extra."
        raise MissingExtra(Problem("SD-DISTILL-001", where, what, fix))
