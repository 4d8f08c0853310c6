"""Whether an extension keeps the contract of its group: named checks, as scikit-learn's ``check_estimator`` has them.

::

    from sundog.testing import Example, check_extension
    check_extension(EXTENSION, Example(part=MyPart(units=100)))

or, for one test a check in pytest::

    @parametrize_with_extensions([(EXTENSION, Example(part=MyPart(units=100)))])
    def test_conformance(check):
        check()
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sundog.core.extension import Extension
from sundog.core.protocols import Evidence
from sundog.core.recipe import CheckSpec, Part, SinkSpec, SourceSpec, Spec
from sundog.testing import announcement, check_suite, engine_suite, exporter_suite, kind_suite, sink_suite, source_suite
from sundog.testing.bundle import MemoryBundle

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True)
class Example:
    """What an extension is tried on. Each group uses what concerns it; without it, the checks that need it are left out.

    Attributes:
        part: for a kind, a part that makes at least a few units.
        given: for a kind that is chained, tables with a ``_unit`` column for the units 0 to 63.
        check: for a check, what the recipe asks; without it, the check's defaults.
        evidence: for a check, what it looks at.
        source: for a source, what it reads.
        target: for a sink, a target that answers; ``{folder}`` in it stands for a new folder.
        tables: for an exporter that needs columns of its own, tables by part and name; the last part needs at least three rows.
    """

    part: Part | None = None
    given: Mapping[str, pa.RecordBatch] = field(default_factory=dict)
    check: CheckSpec | None = None
    evidence: Evidence | None = None
    source: SourceSpec | None = None
    target: str | None = None
    tables: Mapping[str, Mapping[str, pa.Table]] = field(default_factory=dict)


@dataclass(frozen=True)
class NamedCheck:
    """One question to an extension; calling it raises AssertionError where the answer is no.

    Attributes:
        kind: name of the extension.
        name: of the question, ``any_shard_size_gives_the_same_data``.
        about: what it asks, in a sentence.
        ask: asks it.
    """

    kind: str
    name: str
    about: str
    ask: Callable[[], None]

    def __call__(self) -> None:
        """Ask."""
        self.ask()

    def __str__(self) -> str:
        """Extension and question: the id of a test."""
        return f"{self.kind}-{self.name}"


def list_checks(extension: Extension[Any], example: Example | None = None) -> Iterator[NamedCheck]:
    """Every question to this extension that can be asked with this example."""
    example = Example() if example is None else example
    for ask in announcement.QUESTIONS:
        yield _name(extension, ask, extension)
    spec = extension.spec
    if not issubclass(spec, Spec):
        return
    if issubclass(spec, Part):
        if example.part is not None:
            trial = kind_suite.KindTrial(extension, example.part, example.given)
            yield from (_name(extension, ask, trial) for ask in kind_suite.QUESTIONS)
    elif issubclass(spec, CheckSpec):
        asked = example.check if example.check is not None else always(spec, extension.kind)
        checked = check_suite.CheckTrial(extension, asked, example.evidence)
        yield from (_name(extension, ask, checked) for ask in check_suite.QUESTIONS)
    elif spec is SourceSpec:
        if example.source is not None:
            read = source_suite.SourceTrial(extension, example.source)
            yield from (_name(extension, ask, read) for ask in source_suite.QUESTIONS)
    elif issubclass(spec, SinkSpec):
        if example.target is not None:
            sent = sink_suite.SinkTrial(extension, example.target)
            yield from (_name(extension, ask, sent) for ask in sink_suite.QUESTIONS)
    elif _loads_an_engine(extension):
        yield from (_name(extension, ask, extension) for ask in engine_suite.QUESTIONS)
    else:
        bundle = MemoryBundle(example.tables, batch=2) if example.tables else exporter_suite.BUNDLE
        out = exporter_suite.ExporterTrial(extension, bundle)
        yield from (_name(extension, ask, out) for ask in exporter_suite.QUESTIONS)


def always(spec: type[Spec], kind: str) -> CheckSpec:
    """The spec of a check that nobody asked for."""
    made = spec.model_validate({"kind": kind})
    assert isinstance(made, CheckSpec)
    return made


def check_extension(extension: Extension[Any], example: Example | None = None) -> tuple[str, ...]:
    """Ask every question; gives their names.

    Raises:
        AssertionError: names every question whose answer was no, with the reason.
    """
    asked, failed = [], []
    for check in list_checks(extension, example):
        asked.append(check.name)
        try:
            check()
        except Exception as error:  # noqa: BLE001 - whatever an extension raises is an answer
            failed.append(f"{check.name} ({check.about}): {type(error).__name__}: {error}")
    if failed:
        raise AssertionError(f"{extension.kind!r} does not conform:\n" + "\n".join(f"- {f}" for f in failed))
    return tuple(asked)


def parametrize_with_extensions(
    extensions: Sequence[tuple[Extension[Any], Example | None]],
) -> pytest.MarkDecorator:
    """A decorator for a test with the argument ``check``: one test for every question to every extension."""
    import pytest

    checks = [c for extension, example in extensions for c in list_checks(extension, example)]
    return pytest.mark.parametrize("check", checks, ids=str)


def _name(extension: Extension[Any], ask: Callable[[Any], None], on: object) -> NamedCheck:
    about = (inspect.getdoc(ask) or "").split("\n", 1)[0].rstrip(".")
    return NamedCheck(extension.kind, ask.__name__, about, lambda: ask(on))


def _loads_an_engine(extension: Extension[Any]) -> bool:
    """Engines are told by the options of their spec, so that nothing is loaded before it is asked for."""
    return {"workers", "address"} <= set(extension.spec.model_fields)
