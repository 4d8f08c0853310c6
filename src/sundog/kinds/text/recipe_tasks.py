"""What a recipe says of the items of a part: one spec a task. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from sundog.core.recipe import Name, Spec
from sundog.core.recipe_model import ModelSpec
from sundog.kinds.text.recipe_tools import AnyTool

Column = Annotated[str, Field(min_length=1, max_length=200)]


class InstructionsTask(Spec, frozen=True):
    """Questions and tasks for an assistant, each with an answer."""

    variables: ClassVar[tuple[str, ...]] = ()
    type: Literal["instructions"] = "instructions"
    way: Literal["topics", "seeds", "evol", "pre_query"] = Field(
        "topics",
        description="`topics`: about a topic; `seeds`: new ones in the manner of given ones (self-instruct); `evol`: a seed or a "
        "topic's instruction is made harder or moved aside, some times over; `pre_query`: the model continues an empty turn of a user.",
    )
    rounds: int = Field(2, ge=1, le=8, description="With `evol`: how often an instruction is changed.")
    directions: tuple[Literal["deeper", "broader"], ...] = Field(
        ("deeper", "broader"), min_length=1, description="With `evol`: harder, or another one of the same field."
    )
    column: Column = Field("instruction", description="Column of the source with the seeds.")
    shown: int = Field(3, ge=1, le=12, description="With `seeds`: how many of them are shown at once.")
    novelty: float = Field(
        0.7,
        gt=0,
        le=1,
        description="With `seeds` and `evol`: an instruction whose ROUGE-L with one that was shown reaches this is not new.",
    )
    system: str = Field("", description="System message of the chats that come out; a template.")
    pre_query: str = Field(
        "<|im_start|>system\nYou are a helpful AI assistant<|im_end|>\n<|im_start|>user\n",
        description="With `pre_query`: the chat template of the model up to where a user begins to speak.",
    )
    stop: tuple[str, ...] = Field(
        ("<|im_end|>", "<|im_start|>", "<|eot_id|>", "</s>"),
        description="With `pre_query`: what ends the user's turn.",
    )


class ConversationTask(Spec, frozen=True):
    """Chats of several turns between a user and an assistant, who may use tools that are really run."""

    variables: ClassVar[tuple[str, ...]] = ("turns",)
    type: Literal["conversation"] = "conversation"
    least_turns: int = Field(2, ge=1, le=20, description="Fewest turns of the user.")
    most_turns: int = Field(4, ge=1, le=20, description="Most turns of the user.")
    system: str = Field("", description="System message of the chats that come out; a template.")
    tools: tuple[AnyTool, ...] = Field((), description="Tools that the assistant may call.")
    calls: Literal["planned", "native"] = Field(
        "planned",
        description="`planned`: which tool is called is drawn, so that weak models give right data too; `native`: the model asks for "
        "tools by its endpoint's own means.",
    )
    arguments: Literal["drawn", "asked"] = Field(
        "drawn", description="With `planned`: the arguments are drawn, or asked of the model in the form of the tool."
    )
    most_calls: int = Field(3, ge=1, le=20, description="With `native`: most calls of tools before an answer.")

    @model_validator(mode="after")
    def _fits(self) -> ConversationTask:
        if self.most_turns < self.least_turns:
            raise ValueError(f"'most_turns' ({self.most_turns}) is less than 'least_turns' ({self.least_turns})")
        names = [tool.called for tool in self.tools]
        if len(set(names)) < len(names):
            raise ValueError("two tools have the same name: give one of them a 'name'")
        if self.calls == "native" and not self.tools:
            raise ValueError("'calls: native' needs 'tools'")
        return self


class DocumentsTask(Spec, frozen=True):
    """Texts of a stated form; facts of a given row stand in them word for word."""

    variables: ClassVar[tuple[str, ...]] = ("form", "words")
    type: Literal["documents"] = "documents"
    form: Literal["article", "support_ticket", "email", "clinical_note", "report", "story", "review"] = "article"
    words: int = Field(120, ge=10, le=20000, description="About how many words a text has.")
    facts: tuple[Column, ...] = Field(
        (),
        description="Columns of the given row whose values must stand in the text. Without them: every column of the row, where there "
        "is one.",
    )
    strict: bool = Field(
        False,
        description="Form the text so that no figure but those of the facts can stand in it; always so with an embedded model.",
    )
    title: bool = Field(True, description="Whether a title is asked for, too.")


class QaTask(Spec, frozen=True):
    """Questions about documents, with the span of the document that answers each."""

    variables: ClassVar[tuple[str, ...]] = ("document", "sentence")
    type: Literal["qa"] = "qa"
    column: Column = Field("text", description="Column with the documents: of the source, or of the given row.")
    passage: int = Field(
        2000,
        ge=100,
        le=200000,
        description="Most characters of a document that are shown at once; longer ones are cut.",
    )
    answer_words: int = Field(
        8, ge=1, le=60, description="Most words of an answer; it is always a piece of the document."
    )
    unanswerable: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of questions that belong to another document, so that this one answers none.",
    )
    round_trip: bool = Field(
        False,
        description="Whether the question is asked once more without the answer, which must come out again.",
    )


class ClassificationTask(Spec, frozen=True):
    """Labelled texts: as many of each label, some of them hard to tell."""

    variables: ClassVar[tuple[str, ...]] = ("label", "meaning")
    type: Literal["classification"] = "classification"
    labels: Annotated[
        Mapping[str, str],
        BeforeValidator(lambda v: {str(n): "" for n in v} if isinstance(v, list | tuple) else v),
    ] = Field(min_length=2, description="Labels with what each means; a list where their names say it.")
    hard: float = Field(0.2, ge=0, le=1, description="Share of texts that nearly look like another label.")
    words: int = Field(40, ge=3, le=2000, description="About how many words a text has.")
    votes: int = Field(
        1, ge=0, le=9, description="How often the text is labelled blindly; most of the votes must give the label."
    )
    judge: ModelSpec | None = Field(None, description="Model that votes; without it, the one that writes.")
    balanced: bool = Field(True, description="Whether no label may have more than its equal share.")


class RewriteTask(Spec, frozen=True):
    """A user's own texts once more: in other words, in another language, or varied."""

    variables: ClassVar[tuple[str, ...]] = ("source", "to")
    type: Literal["rewrite"] = "rewrite"
    way: Literal["rewrite", "translate", "augment"] = "rewrite"
    column: Column = Field("text", description="Column with the texts: of the source, or of the given row.")
    keep: tuple[Column, ...] = Field((), description="Columns that are taken over as they are: labels, numbers.")
    to: str = Field("", description="With `translate`: the language; else the manner, in words.")
    keep_numbers: bool = Field(True, description="Reject texts in which a number of the original is missing or new.")
    least_share: float = Field(0.3, ge=0, description="Shortest text as a share of the original's characters.")
    most_share: float = Field(3.0, gt=0, description="Longest text as a multiple of the original's characters.")
    terms: tuple[str, ...] = Field((), description="Names and terms that stay as they are wherever they stand.")

    @model_validator(mode="after")
    def _fits(self) -> RewriteTask:
        if self.way == "translate" and not self.to:
            raise ValueError("'to' is needed with 'translate': the language")
        return self


class PreferencesTask(Spec, frozen=True):
    """A prompt with a better and a worse answer. Each pair is judged in both orders; only verdicts that agree count."""

    variables: ClassVar[tuple[str, ...]] = ()
    type: Literal["preferences"] = "preferences"
    answers: int = Field(2, ge=2, le=8, description="How many answers to a prompt are written and compared.")
    criteria: str = Field("helpful, correct, honest and clear", description="What makes an answer better.")
    judge: ModelSpec | None = Field(None, description="Model that judges; without it, the one that answers.")
    column: Column = Field("prompt", description="Column of the source, or of the given row, with the prompts.")
    system: str = Field("", description="System message of the chats that come out; a template.")
    spread: float = Field(
        0.3, ge=0, le=1.5, description="How much warmer the last answer is drawn than the first, so that they differ."
    )


class CritiqueTask(Spec, frozen=True):
    """A draft, its critique by one principle of a constitution, and the revision."""

    variables: ClassVar[tuple[str, ...]] = ("principle",)
    type: Literal["critique"] = "critique"
    principles: Mapping[Name, str] = Field(
        default_factory=dict, description="Principles by id. Without them and a file: those that come with Sundog."
    )
    constitution: str | None = Field(None, description="YAML or JSON file of principles: id to text.")
    rounds: int = Field(1, ge=1, le=4, description="How often a text is revised, each time by another principle.")
    judged: bool = Field(False, description="Keep only revisions that are judged better in both orders.")
    judge: ModelSpec | None = Field(None, description="Model that judges; without it, the one that writes.")
    column: Column = Field("prompt", description="Column of the source, or of the given row, with the prompts.")
    system: str = Field("", description="System message of the chats that come out; a template.")


class PersonasTask(Spec, frozen=True):
    """People who do not exist, in a few sentences: what others write for, or as."""

    variables: ClassVar[tuple[str, ...]] = ("fields",)
    type: Literal["personas"] = "personas"
    fields: Mapping[Name, tuple[str, ...]] = Field(
        default_factory=dict,
        description="What is drawn for each of them, by name with its values. Without it: age, occupation, home, interest.",
    )
    words: int = Field(40, ge=8, le=400, description="About how many words a description has.")


class ReasoningTask(Spec, frozen=True):
    """Problems with chains of steps and an answer; every checkable step is verified."""

    variables: ClassVar[tuple[str, ...]] = ("question",)
    type: Literal["reasoning"] = "reasoning"
    way: Literal["procedural", "model"] = Field(
        "procedural", description="`procedural`: made by rule, without a model; `model`: a model writes the chains."
    )
    families: tuple[str, ...] = Field(
        (), description="Families of problems; empty for all. See `sundog.lib.reasoning`."
    )
    levels: tuple[Annotated[int, Field(ge=1, le=10)], ...] = Field(
        (3, 4, 5, 6, 7), min_length=1, description="Difficulties, 1 to 10, one of which each problem has."
    )
    dials: Mapping[str, Mapping[str, int]] = Field(
        default_factory=dict, description="Measures of difficulty by family, in place of those of the level."
    )
    chain: bool = Field(True, description="Whether the chats hold the chain, or the answer alone.")
    samples: int = Field(4, ge=1, le=64, description="With `model`: chains that are drawn for each problem.")
    majority: float = Field(
        0.0, ge=0, le=1, description="With `model`: least share of the samples that must give the kept answer."
    )
    hint: bool = Field(
        False, description="With `model`: where no chain is right, ask once more with the answer as a hint (STaR)."
    )
    question: Column | None = Field(
        None, description="With `model`: column of the source with problems; without it, they are made by rule."
    )
    answer: Column | None = Field(None, description="With `model`: column of the source with the answers.")

    @model_validator(mode="after")
    def _fits(self) -> ReasoningTask:
        if (self.question is None) != (self.answer is None):
            raise ValueError("'question' and 'answer' name columns together, or neither is stated")
        if self.question is not None and self.way == "procedural":
            raise ValueError("'question' needs 'way: model'")
        return self


AnyTask: TypeAlias = Annotated[
    InstructionsTask
    | ConversationTask
    | DocumentsTask
    | QaTask
    | ClassificationTask
    | RewriteTask
    | PreferencesTask
    | CritiqueTask
    | PersonasTask
    | ReasoningTask,
    Field(discriminator="type"),
]


def read_task(value: Any) -> Any:
    """A task that is only named has its defaults: ``task: reasoning``."""
    return {"type": value} if isinstance(value, str) else value
