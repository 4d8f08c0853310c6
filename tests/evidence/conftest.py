"""Tables that checks are tried on: real records in three parts, a leak, noise, and fresh records."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from sundog.core.extension import installed
from sundog.core.findings import Answer, Finding
from sundog.core.keys import Key
from sundog.core.recipe import Recipe, SourceSpec
from sundog.kinds.tables.recipe import TablesPart
from sundog.testing.evidence import MemoryEvidence

CHECKS = (
    "columns",
    "associations",
    "c2st",
    "utility",
    "copies",
    "membership",
    "singling_out",
    "linkability",
    "inference",
    "membership_ensemble",
    "protection",
    "dimensions",
)


@dataclass(frozen=True)
class World:
    """Real records cut in three, and what a generator could have made of the first part."""

    train: pa.Table
    holdout: pa.Table
    fresh: pa.Table

    def leak(self) -> pa.Table:
        return self.train

    def shuffled(self) -> pa.Table:
        """Right columns, no associations."""
        draw = Key.root(5).generator()
        return pa.table(
            {
                name: self.train[name].take(pa.array(draw.permutation(self.train.num_rows)))
                for name in self.train.column_names
            }
        )

    def noise(self) -> pa.Table:
        """Wrong columns too: values drawn evenly from the range or the set of values."""
        draw = Key.root(6).generator()
        columns = {}
        for name in self.train.column_names:
            distinct = self.train[name].combine_chunks().unique()
            columns[name] = distinct.take(pa.array(draw.integers(0, len(distinct), self.train.num_rows)))
        return pa.table(columns)


@pytest.fixture(scope="session")
def world() -> World:
    raw = gzip.decompress((files("sundog.data") / "adult.csv.gz").read_bytes())
    table = pa.csv.read_csv(io.BytesIO(raw))
    order = pa.array(Key.root(4).generator().permutation(table.num_rows))
    table = table.take(order)
    return World(table.slice(0, 3000), table.slice(3000, 2000), table.slice(5000, 3000))


MakeEvidence = Callable[..., MemoryEvidence]


def build_evidence(
    synthetic: pa.Table,
    train: pa.Table | None,
    holdout: pa.Table | None,
    *,
    level: str = "quick",
    target: str | None = None,
    copies: str = "count",
    weights: str | None = None,
    person: str | None = None,
) -> MemoryEvidence:
    part = TablesPart(
        units=10, source=SourceSpec(path="real.csv", person=person), target=target, copies=copies, weights=weights
    )  # type: ignore[arg-type]
    recipe = Recipe(name="tried", parts={"people": part})
    return MemoryEvidence(recipe, part, "people", level, {"rows": synthetic}, train, holdout)


@pytest.fixture(scope="session")
def evidence(world: World) -> MakeEvidence:
    """Evidence of the world's records, unless others are given."""

    def make(
        synthetic: pa.Table,
        *,
        train: pa.Table | None = None,
        holdout: pa.Table | None = None,
        no_holdout: bool = False,
        **more: str,
    ) -> MemoryEvidence:
        real = world.train if train is None else train
        fresh = None if no_holdout else world.holdout if holdout is None else holdout
        return build_evidence(synthetic, real, fresh, **more)  # type: ignore[arg-type]

    return make


def run_check(kind: str, evidence: MemoryEvidence) -> Answer:
    """What a check says; the ways in which no answer may be wrong are asserted here."""
    extension = installed("sundog.checks")[kind]
    check = extension.load()  # type: ignore[union-attr]
    assert check.applies(evidence)
    answer = check.run(extension.spec(kind=kind), evidence, Key.root(1).child(kind))  # type: ignore[union-attr]
    assert isinstance(answer, Answer)
    assert len({(f.check, f.subject) for f in answer.findings}) == len(answer.findings)
    for finding in answer.findings:
        assert finding.why.endswith("."), finding
        assert (finding.value is None) == (finding.verdict == "skipped") or finding.check == "utility.tstr"
        assert finding.value is None or np.isfinite(finding.value), finding
        assert finding.baseline is None or np.isfinite(finding.baseline), finding
        if finding.interval is not None and finding.value is not None:
            assert finding.interval[0] - 1e-9 <= finding.value <= finding.interval[1] + 1e-9, finding
    answer.model_dump_json()
    return answer


def find(answer: Answer, check: str, subject: str = "") -> Finding:
    """The first finding of this check."""
    return next(f for f in answer.findings if f.check == check and subject in f.subject)


@pytest.fixture(scope="session")
def run() -> Callable[[str, MemoryEvidence], Answer]:
    return run_check


@pytest.fixture(scope="session")
def pick() -> Callable[..., Finding]:
    return find


@pytest.fixture(scope="session")
def checks() -> tuple[str, ...]:
    return CHECKS


@pytest.fixture(scope="session")
def build() -> MakeEvidence:
    return build_evidence
