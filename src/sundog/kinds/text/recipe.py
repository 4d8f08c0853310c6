"""What a recipe says of text. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator
from typing_extensions import TypeAliasType

from sundog.core.recipe import CheckSpec, Part, SourceSpec, is_rest
from sundog.core.recipe_model import ModelSpec
from sundog.kinds.text.recipe_accept import AcceptSpec, DuplicatesSpec
from sundog.kinds.text.recipe_tasks import AnyTask, read_task

Topics = TypeAliasType("Topics", "tuple[str, ...] | Mapping[str, Topics]")
"""Topics, or fields with the topics in them, to any depth."""


_SAME: Mapping[str, Mapping[str, Any]] = {
    "reasoning": {"columns": ["question"], "near": None},
    "qa": {"columns": ["document", "question"], "near": None},
}
"""Which items of a task are the same, where another rule than the general one is needed."""

_BY_RULE = dict.fromkeys(("refusals", "boilerplate", "repetition", "toxicity", "personal_data", "encoding"), "off")
"""Faults that are not looked for in what is written by rule."""


class TextPart(Part, frozen=True):
    """Text, made by a language model or by rule and verified: a unit is one item or one conversation."""

    count_noun: ClassVar[str] = "items"

    kind: Literal["text"] = "text"
    task: Annotated[AnyTask, BeforeValidator(read_task)] = Field(
        description="What the items are: instructions, conversation, documents, qa, classification, rewrite, preferences, critique, "
        "personas, reasoning; with its options under `type`."
    )
    model: ModelSpec = Field(ModelSpec(), description="The model that is asked.")
    source: SourceSpec | None = Field(
        None,
        description="A user's own rows: seeds, documents, prompts, texts to rewrite. Item i reads row i, over and over.",
    )
    topics: Topics = Field(
        (), description="What items are about: a list, or a tree of fields; drawn anew for each item."
    )
    topics_from: str | None = Field(
        None,
        description="File of topics: YAML or JSON (list or tree), or text with one a line, indented under its field.",
    )
    personas: tuple[str, ...] = Field((), description="For whom or as whom is written; one of them for each item.")
    personas_from: str | None = Field(
        None,
        description="File of personas: one a line, JSONL or Parquet with a column `persona`, as the task `personas` makes it.",
    )
    language: str = Field(
        "English", min_length=2, max_length=40, description="Language that is asked for, by its name."
    )
    examples: tuple[Mapping[str, str], ...] = Field(
        (),
        description="Items as they should be (few-shot), by the names of the task's columns; some are shown each time.",
    )
    prompt: str | None = Field(
        None,
        description="Template of what is asked, in place of the task's own: {topic}, {persona}, {language}, {row.COLUMN}, "
        "{rows.TABLE}, and what the task has.",
    )
    system: str | None = Field(
        None, description="Template of a system message for the model, in place of Sundog's own."
    )
    row: str | None = Field(
        None, description="Table of the earlier part whose row is given; where one alone has one row a unit, that one."
    )
    tries: int = Field(3, ge=1, le=20, description="How often a step is asked again before its unit is rejected.")
    accept: AcceptSpec = Field(AcceptSpec(), description="Rules that each text must keep.")
    duplicates: DuplicatesSpec = Field(
        DuplicatesSpec(), description="Which items are the same as an earlier one. Without it: what the task needs."
    )

    @model_validator(mode="before")
    @classmethod
    def _say_rules(cls, value: Any) -> Any:
        """Where nothing is said of duplicates and rules, what the task needs: problems by rule share their wording, documents are
        asked about often, and what is written by rule cannot refuse or ramble.
        """
        if not isinstance(value, Mapping):
            return value
        task = read_task(value.get("task"))
        told = task if isinstance(task, Mapping) else getattr(task, "__dict__", {})
        name, way = str(told.get("type", "")), told.get("way", "procedural")
        rules: dict[str, Any] = {}
        if value.get("duplicates") is None:
            rules["duplicates"] = dict(_SAME.get(name, {}))
        if value.get("accept") is None and name == "reasoning" and way == "procedural":
            rules["accept"] = dict(_BY_RULE)
        return {**value, **rules}

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> TextPart:
        if is_rest(info):
            return self
        for one, other in (("topics", "topics_from"), ("personas", "personas_from")):
            if getattr(self, one) and getattr(self, other) is not None:
                raise ValueError(f"'{one}' and '{other}' say the same: state one of them")
        if self.source is not None and self.after is not None:
            raise ValueError("a part that is given rows of an earlier part reads no 'source' beside them")
        if self.row is not None and self.after is None:
            raise ValueError("'row' needs an earlier part: 'of' or 'each'")
        return self

    def uses_model(self) -> bool:
        """Whether a language model is asked at all."""
        return not (self.task.type == "reasoning" and self.task.way == "procedural")


class GroundedCheck(CheckSpec, frozen=True):
    """Whether facts and quotes stand where they are said to, read again from the finished rows."""

    kind: Literal["grounded"] = "grounded"


class StepsCheck(CheckSpec, frozen=True):
    """Whether every chain holds, verified again over the finished rows by a checker that knows texts alone."""

    kind: Literal["steps"] = "steps"


class ToolsCheck(CheckSpec, frozen=True):
    """Whether every result of a tool in a chat comes out again when the call is made once more."""

    kind: Literal["tools"] = "tools"


class CritiquesCheck(CheckSpec, frozen=True):
    """Whether critiques name a principle of the constitution, and revisions change the draft; whether pairs differ."""

    kind: Literal["critiques"] = "critiques"


class JudgedCheck(CheckSpec, frozen=True):
    """What a model says of a sample of items, from 1 to 5; never by itself a reason to release."""

    kind: Literal["judged"] = "judged"
    model: ModelSpec = Field(ModelSpec(), description="The judge: better another model than the one that wrote.")
    items: int = Field(50, ge=1, le=10000, description="How many items are judged.")
    criteria: str = Field("correct, clear, natural and complete", description="What is judged.")
    least: float | None = Field(None, ge=1, le=5, description="Least mean score; below it the bundle is withheld.")
