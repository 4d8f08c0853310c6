"""Announces the checks of texts."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Extension
from sundog.kinds.text.recipe_checks import (
    TextAcceptanceCheck,
    TextContaminationCheck,
    TextCopyingCheck,
    TextDiversityCheck,
    TextDuplicatesCheck,
    TextQualityCheck,
)


def _quality() -> Any:
    from sundog.kinds.text.checks_quality import TextQuality

    return TextQuality()


def _copying() -> Any:
    from sundog.kinds.text.checks_copying import TextCopying

    return TextCopying()


def _contamination() -> Any:
    from sundog.kinds.text.checks_contamination import TextContamination

    return TextContamination()


def _diversity() -> Any:
    from sundog.kinds.text.checks_diversity import TextDiversity

    return TextDiversity()


def _acceptance() -> Any:
    from sundog.kinds.text.checks_acceptance import TextAcceptance

    return TextAcceptance()


def _duplicates() -> Any:
    from sundog.kinds.text.checks_duplicates import TextDuplicates

    return TextDuplicates()


QUALITY: Extension[Any] = Extension(
    kind="text_quality",
    spec=TextQualityCheck,
    load=_quality,
    about="length, language, encoding, refusals, boilerplate, repetition, toxicity and personal data of every text",
    when=("quick", "full"),
    beside=True,
)
COPYING: Extension[Any] = Extension(
    kind="text_copying",
    spec=TextCopyingCheck,
    load=_copying,
    about="runs of eight words that stand in the source, beside those of real texts that were never seen",
    when=("quick", "full"),
    beside=True,
)
CONTAMINATION: Extension[Any] = Extension(
    kind="text_contamination",
    spec=TextContaminationCheck,
    load=_contamination,
    about="items of named tests in the data: runs of 8, 10 and 13 words, and embeddings that are near",
    when=("quick", "full"),
    beside=True,
)
DIVERSITY: Extension[Any] = Extension(
    kind="text_diversity",
    spec=TextDiversityCheck,
    load=_diversity,
    about="how varied texts are in words and meaning, at one length, beside real texts where there are some",
    when=("quick", "full"),
)
ACCEPTANCE: Extension[Any] = Extension(
    kind="text_acceptance",
    spec=TextAcceptanceCheck,
    load=_acceptance,
    about="share of units that were accepted, why others were not, what one cost, and samples to read",
    when=("quick", "full"),
)
DUPLICATES: Extension[Any] = Extension(
    kind="text_duplicates",
    spec=TextDuplicatesCheck,
    load=_duplicates,
    about="texts that are the same as an earlier one, over all that were written",
    when=("quick", "full"),
)
