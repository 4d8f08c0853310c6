"""What a recipe may ask about texts. Imports nothing heavy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sundog.core.recipe import CheckSpec


class TextQualityCheck(CheckSpec, frozen=True):
    """Length, language, encoding, refusals, boilerplate, repetition, toxicity and personal data of every text."""

    kind: Literal["text_quality"] = "text_quality"


class TextCopyingCheck(CheckSpec, frozen=True):
    """Runs of eight words that stand in the source, beside those of real texts that were never seen."""

    kind: Literal["text_copying"] = "text_copying"
    factor: float = Field(
        2.0, ge=1, description="How many times as many runs as real texts that were never seen may stand in the source."
    )


class TextContaminationCheck(CheckSpec, frozen=True):
    """Items of tests in the data: runs of 8, 10 and 13 words, and embeddings that are near."""

    kind: Literal["text_contamination"] = "text_contamination"
    neighbour: float = Field(
        0.85, gt=0, le=1, description="Cosine from which a text is told to be near an item, where the part states none."
    )


class TextDiversityCheck(CheckSpec, frozen=True):
    """How varied the texts are, at one length and number, beside real texts where there are some."""

    kind: Literal["text_diversity"] = "text_diversity"
    reference: str | None = Field(
        None, description="Texts to compare with where the part has no source: a JSONL, CSV, Parquet or TXT file."
    )
    topics: int = Field(20, ge=2, le=200, description="Topics that the texts are sorted into by their embeddings.")


class TextAcceptanceCheck(CheckSpec, frozen=True):
    """Share of units that were accepted, why others were not, what an accepted one cost, and samples to read."""

    kind: Literal["text_acceptance"] = "text_acceptance"
    samples: int = Field(12, ge=0, le=100, description="Units that the report shows.")


class TextDuplicatesCheck(CheckSpec, frozen=True):
    """Texts that are the same as an earlier one, counted over all that were written."""

    kind: Literal["text_duplicates"] = "text_duplicates"
