"""Announces the checks of privacy."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Extension
from sundog.evidence.privacy.recipe import CopiesCheck, MembershipCheck


def _copies() -> Any:
    from sundog.evidence.privacy.copies import Copies

    return Copies()


def _membership() -> Any:
    from sundog.evidence.privacy.membership import Membership

    return Membership()


COPIES: Extension[Any] = Extension(
    kind="copies",
    spec=CopiesCheck,
    load=_copies,
    when=("quick", "full"),
    beside=True,
    about="rows that equal a training row, exactly or but for one column",
)
MEMBERSHIP: Extension[Any] = Extension(
    kind="membership",
    spec=MembershipCheck,
    load=_membership,
    when=("quick", "full"),
    about="whether the synthetic table tells who was in the training records",
)
