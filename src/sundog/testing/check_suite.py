"""Questions to a check: are its findings well formed, do they repeat, and does watching beside generation add up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

import pyarrow as pa

from sundog.core.extension import Extension
from sundog.core.findings import Answer, Role
from sundog.core.keys import Key
from sundog.core.protocols import Evidence, ShardCheck
from sundog.core.recipe import CheckSpec
from sundog.core.tables import UNIT, Tables
from sundog.lib import persist
from sundog.run.shard import drop_units

KEY = Key.root(2024).child("conformance")


@dataclass(frozen=True)
class CheckTrial:
    """A check on trial."""

    extension: Extension[Any]
    spec: CheckSpec
    evidence: Evidence | None

    @cached_property
    def check(self) -> Any:
        """The implementation."""
        return self.extension.load()

    @cached_property
    def watches(self) -> bool:
        """Whether it runs beside the generation of the example's part."""
        return (
            isinstance(self.check, ShardCheck) and self.evidence is not None and self.check.watches(self.evidence.part)
        )

    def answer(self) -> Answer | None:
        """What it finds in the example, or None where there is nothing to ask."""
        if self.evidence is None or not hasattr(self.check, "run") or not self.check.applies(self.evidence):
            return None
        said: Answer = self.check.run(self.spec, self.evidence, KEY)
        return said


def it_has_the_form_of_a_check(trial: CheckTrial) -> None:
    """It says what it reads; it runs at the end, beside generation, or both, and announces the latter."""
    assert trial.check.reads <= set(get_args(Role)), f"{set(trial.check.reads)} are no roles"
    beside = isinstance(trial.check, ShardCheck)
    assert beside or hasattr(trial.check, "run"), "it has neither 'run' nor the form of a ShardCheck"
    assert not hasattr(trial.check, "run") or hasattr(trial.check, "applies"), "'run' needs 'applies'"
    assert beside == trial.extension.beside, "the extension of a ShardCheck, and of no other, says beside=True"
    assert set(trial.extension.when) <= {"quick", "full"}


def findings_are_well_formed(trial: CheckTrial) -> None:
    """Each finding names its part, stays within what the check reads, and can be argued with."""
    answer = trial.answer()
    if answer is None or trial.evidence is None:
        return
    for f in answer.findings:
        where = f"{f.check} ({f.subject})"
        assert re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", f.check), f"{where}: a check is called section.name"
        assert f.part == trial.evidence.name, f"{where}: it speaks of {f.part!r}"
        assert set(f.reads) <= set(trial.check.reads), f"{where}: it read {f.reads}"
        assert f.reads, f"{where}: it read nothing"
        assert (f.value is None) == (f.verdict == "skipped"), f"{where}: a skipped finding, and no other, has no value"
        assert f.verdict != "skipped" or f.why, f"{where}: it does not say why it was skipped"
        assert f.verdict in ("info", "skipped") or f.limit or f.why, f"{where}: a verdict needs a limit or a reason"
        assert f.baseline is None or f.baseline_is, f"{where}: it does not say what the baseline is"
        if f.interval is not None and f.value is not None:
            slack = 1e-9 * max(1.0, abs(f.value))
            assert f.interval[0] - slack <= f.value <= f.interval[1] + slack, f"{where}: {f.value} outside {f.interval}"
    told = [(f.check, f.subject) for f in answer.findings]
    assert len(told) == len(set(told)), "two findings about the same thing"
    for e in answer.exhibits:
        assert e.part == trial.evidence.name, f"exhibit {e.title!r}: it speaks of {e.part!r}"
        assert set(e.reads) <= set(trial.check.reads), f"exhibit {e.title!r}: it read {e.reads}"
        assert e.how_to_read, f"exhibit {e.title!r}: it does not say how to read it"


def findings_survive_json(trial: CheckTrial) -> None:
    """Findings and exhibits come back from JSON as they were."""
    answer = trial.answer()
    if answer is not None:
        assert Answer.model_validate(json.loads(json.dumps(answer.model_dump(mode="json"), allow_nan=False))) == answer


def asking_again_gives_the_same_answer(trial: CheckTrial) -> None:
    """The same evidence and key give the same findings."""
    assert trial.answer() == trial.answer()


def watching_in_pieces_is_watching_the_whole(trial: CheckTrial) -> None:
    """States of shards merge to the state of all, in any grouping, and survive their marker."""
    if not trial.watches or trial.evidence is None:
        return
    check, evidence = trial.check, trial.evidence
    tables = _numbered(evidence)
    units = range(max((b.num_rows for b in tables.values()), default=0))
    train = None
    watcher = check.open(trial.spec, evidence.part, train)

    def observe(start: int, stop: int) -> Any:
        state, rejects = watcher.observe(range(start, stop), _between(tables, start, stop))
        assert all(start <= r.unit < stop for r in rejects), "a unit is rejected that was not shown"
        kept = drop_units(_between(tables, start, stop), pa.array([r.unit for r in rejects], pa.uint64()).to_numpy())
        assert not watcher.observe(range(start, stop), kept)[1] or not rejects, (
            "what is left is rejected when seen again"
        )
        again = persist.loads(check.state_type, persist.dumps(state))
        assert persist.dumps(again) == persist.dumps(state), "the state does not survive its marker"
        return again

    whole = observe(0, units.stop)
    third = max(units.stop // 3, 1)
    a, b, c = observe(0, third), observe(third, 2 * third), observe(2 * third, units.stop)
    left, right = check.merge(check.merge(a, b), c), check.merge(a, check.merge(b, c))
    said = [check.conclude(trial.spec, s, evidence) for s in (whole, left, right)]
    assert said[1] == said[2], "merge is not associative"
    assert said[0] == said[1], "the cut into shards changes what is found"


QUESTIONS: tuple[Callable[[CheckTrial], None], ...] = (
    it_has_the_form_of_a_check,
    findings_are_well_formed,
    findings_survive_json,
    asking_again_gives_the_same_answer,
    watching_in_pieces_is_watching_the_whole,
)


def _numbered(evidence: Evidence) -> Tables:
    """The synthetic tables of the example as one shard, a unit for each row."""
    out = {}
    for name in evidence.tables():
        table = pa.Table.from_batches(evidence.scan("synthetic", name), evidence.schema("synthetic", name))
        batches = table.combine_chunks().to_batches()
        if batches:
            out[name] = batches[0].append_column(UNIT, pa.array(range(batches[0].num_rows), pa.uint64()))
    return out


def _between(tables: Tables, start: int, stop: int) -> Tables:
    return {n: b.slice(start, max(min(stop, b.num_rows) - start, 0)) for n, b in tables.items()}
