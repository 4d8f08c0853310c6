"""Announces the checks of privacy."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Extension
from sundog.evidence.privacy.recipe import (
    CopiesCheck,
    IdentifiersCheck,
    InferenceCheck,
    LinkabilityCheck,
    MembershipCheck,
    MembershipEnsembleCheck,
    ProtectionCheck,
    SinglingOutCheck,
)


def _copies() -> Any:
    from sundog.evidence.privacy.copies import Copies

    return Copies()


def _membership() -> Any:
    from sundog.evidence.privacy.membership import Membership

    return Membership()


def _identifiers() -> Any:
    from sundog.evidence.privacy.identifiers import Identifiers

    return Identifiers()


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


def _singling_out() -> Any:
    from sundog.evidence.privacy.singling_out import SinglingOut

    return SinglingOut()


def _linkability() -> Any:
    from sundog.evidence.privacy.linkability import Linkability

    return Linkability()


def _inference() -> Any:
    from sundog.evidence.privacy.inference import Inference

    return Inference()


def _membership_ensemble() -> Any:
    from sundog.evidence.privacy.membership_ensemble import MembershipEnsemble

    return MembershipEnsemble()


SINGLING_OUT: Extension[Any] = Extension(
    kind="singling_out",
    spec=SinglingOutCheck,
    load=_singling_out,
    when=("full",),
    about="whether conditions read off the synthetic table single out a person",
)
LINKABILITY: Extension[Any] = Extension(
    kind="linkability",
    spec=LinkabilityCheck,
    load=_linkability,
    when=("full",),
    about="whether the synthetic table links two tables of the same people",
)
INFERENCE: Extension[Any] = Extension(
    kind="inference",
    spec=InferenceCheck,
    load=_inference,
    when=("full",),
    about="whether the synthetic table tells a secret column of a known person",
)
MEMBERSHIP_ENSEMBLE: Extension[Any] = Extension(
    kind="membership_ensemble",
    spec=MembershipEnsembleCheck,
    load=_membership_ensemble,
    when=("full",),
    about="whether the best of twelve attacks tells who was in the training records",
)


def _protection() -> Any:
    from sundog.evidence.privacy.protection import Protection

    return Protection()


PROTECTION: Extension[Any] = Extension(
    kind="protection",
    spec=ProtectionCheck,
    load=_protection,
    when=("quick", "full"),
    about="what the synthetic table keeps of rare categories, extreme values and outlying records",
)
IDENTIFIERS: Extension[Any] = Extension(
    kind="identifiers",
    spec=IdentifiersCheck,
    load=_identifiers,
    when=("quick", "full"),
    about="which columns of the real records hold personal data, and whether synthetic texts hold identifiers of theirs",
)
