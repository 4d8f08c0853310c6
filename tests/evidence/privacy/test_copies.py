"""Copies are counted, and told from what chance explains."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.core.protocols import ShardCheck
from sundog.core.recipe import Part, SourceSpec
from sundog.core.tables import UNIT, with_meaning
from sundog.evidence.privacy.copies import Copies, CopyCount
from sundog.evidence.privacy.recipe import CopiesCheck
from sundog.kinds.tables.recipe import TablesPart
from sundog.lib import persist
from sundog.testing.evidence import MemorySource


def test_a_leak_withholds(world, evidence, run, pick):
    found = pick(run("copies", evidence(world.leak())), "privacy.copies")
    assert (found.value, found.verdict, found.withholds) == (1.0, "fail", True)


def test_a_leak_of_two_in_a_hundred_withholds(world, evidence, run, pick):
    mixed = pa.concat_tables([world.fresh.slice(0, 2900), world.train.slice(0, 60)])
    found = pick(run("copies", evidence(mixed)), "privacy.copies")
    assert found.verdict == "fail"
    assert found.value == pytest.approx(0.02, abs=0.003)


@pytest.mark.parametrize("kind", ["fresh", "shuffled", "noise"])
def test_what_is_no_copy_passes(world, evidence, run, kind):
    made = world.fresh if kind == "fresh" else getattr(world, kind)()
    assert {f.verdict for f in run("copies", evidence(made)).findings} == {"pass"}


def test_copies_are_those_of_a_python_set(world, evidence, run, pick):
    few = ["sex", "race", "income", "education_num", "age"]
    train, holdout, made = (t.select(few) for t in (world.train, world.holdout, world.fresh))
    known = set(zip(*(train[c].to_pylist() for c in few), strict=True))
    found = pick(run("copies", evidence(made, train=train, holdout=holdout)), "privacy.copies")
    for value, table in ((found.value, made), (found.baseline, holdout)):
        rows = list(zip(*(table[c].to_pylist() for c in few), strict=True))
        assert value == sum(r in known for r in rows) / len(rows)
    assert found.verdict == "pass"
    assert found.value > 0.5


def test_near_copies_are_those_of_a_double_loop(world, evidence, run, pick):
    few = ["sex", "race", "age", "hours_per_week", "occupation"]
    train, holdout, made = (t.select(few) for t in (world.train.slice(0, 300), world.holdout, world.fresh))
    known = list(zip(*(train[c].to_pylist() for c in few), strict=True))
    found = pick(run("copies", evidence(made.slice(0, 200), train=train, holdout=holdout)), "privacy.near_copies")
    near = 0
    for row in zip(*(made.slice(0, 200)[c].to_pylist() for c in few), strict=True):
        gaps = {sum(a != b for a, b in zip(row, other, strict=True)) for other in known}
        near += 1 in gaps and 0 not in gaps
    assert found.value == near / 200
    assert 0.1 < found.value < 0.95


def test_near_copies_fire_where_one_column_is_changed(world, evidence, run, pick):
    changed = world.train.set_column(0, "age", pa.array(np.asarray(world.train["age"]) + 100))
    found = pick(run("copies", evidence(changed)), "privacy.near_copies")
    assert found.verdict == "warn"
    assert found.value > 0.99


def test_a_copy_with_more_digits_is_a_copy(build, run, pick):
    values = Key.root(3).generator().integers(0, 100_000, (3, 400)) / 100
    train, holdout, other = (pa.table({"a": v, "b": v[::-1]}) for v in values)
    made = pa.table({"a": values[0] + 0.0004, "b": values[0][::-1] - 0.0004})
    assert pick(run("copies", build(made, train, holdout)), "privacy.copies").value == 1.0
    assert pick(run("copies", build(other, train, holdout)), "privacy.copies").value == 0.0


def test_identifiers_do_not_hide_a_copy(world, evidence, run, pick):
    field = with_meaning(pa.field("id", pa.string()), "identifier")

    def name(table: pa.Table, prefix: str) -> pa.Table:
        return table.append_column(field, pa.array([f"{prefix}{i}" for i in range(table.num_rows)]))

    looked_at = evidence(name(world.train, "s"), train=name(world.train, "t"), holdout=name(world.holdout, "h"))
    answer = run("copies", looked_at)
    assert pick(answer, "privacy.copies").value == 1.0
    assert "'id'" in pick(answer, "privacy.copies").why
    assert pick(answer, "privacy.identifiers").value == 0.0
    leaked = evidence(name(world.fresh, "t"), train=name(world.train, "t"), holdout=name(world.holdout, "h"))
    assert pick(run("copies", leaked), "privacy.identifiers").verdict == "warn"


def test_persons_are_counted(world, evidence, run, pick):
    def person(table: pa.Table, start: int) -> pa.Table:
        return table.append_column("who", pa.array(np.arange(table.num_rows) // 5 + start))

    train, holdout = person(world.train, 0), person(world.holdout, 100_000)
    # one row of each of 300 persons out of 600
    made = world.train.take(pa.array(np.arange(300) * 10))
    found = pick(run("copies", evidence(made, train=train, holdout=holdout, person="who")), "privacy.copied_persons")
    assert found.value == pytest.approx(0.5, abs=0.02)
    assert found.verdict == "fail"
    fresh = run("copies", evidence(world.fresh, train=train, holdout=holdout, person="who"))
    assert pick(fresh, "privacy.copied_persons").verdict == "pass"


def test_false_alarms_are_rare(world, build, run, pick):
    """Real against real, columns coarse enough that chance copies abound: 40 splits, at most 2 alarms at 0.5% each."""
    few = ["sex", "race", "age", "hours_per_week", "income"]
    everything = pa.concat_tables([world.train, world.holdout, world.fresh]).select(few)
    alarms = 0
    for seed in range(40):
        order = pa.array(Key.root(seed).generator().permutation(everything.num_rows))
        shuffled = everything.take(order)
        found = run("copies", build(shuffled.slice(0, 1000), shuffled.slice(1000, 3000), shuffled.slice(4000, 1000)))
        alarms += pick(found, "privacy.copies").verdict == "fail"
    assert alarms <= 2


# beside generation


def part(copies: str = "reject") -> TablesPart:
    return TablesPart(units=10, source=SourceSpec(path="real.csv"), copies=copies)  # type: ignore[arg-type]


def test_is_a_shard_check():
    check = Copies()
    assert isinstance(check, ShardCheck)
    assert check.watches(part())
    assert not check.watches(Part(kind="records", units=1))


def test_watcher_rejects_copies_and_keeps_no_values(world):
    watcher = Copies().open(CopiesCheck(), part(), MemorySource(world.train))
    batch = pa.concat_tables([world.fresh.slice(0, 5), world.train.slice(7, 2)]).combine_chunks().to_batches()[0]
    state, rejected = watcher.observe(range(100, 107), {"rows": batch})
    assert state == CopyCount(7, 2)
    assert [(r.unit, r.reason, r.detail, r.keep) for r in rejected] == [
        (105, "copy", "", False),
        (106, "copy", "", False),
    ]


def test_watcher_counts_where_nothing_is_rejected(world):
    watcher = Copies().open(CopiesCheck(), part("count"), MemorySource(world.train))
    assert watcher.observe(range(3), {"rows": world.train.slice(0, 3).combine_chunks().to_batches()[0]}) == (
        CopyCount(3, 3),
        (),
    )


def test_watcher_reads_unit_numbers(world):
    batch = (
        world.train.slice(0, 4)
        .append_column(UNIT, pa.array([9, 9, 11, 12], pa.uint64()))
        .combine_chunks()
        .to_batches()[0]
    )
    watcher = Copies().open(CopiesCheck(), part(), MemorySource(world.train))
    assert [r.unit for r in watcher.observe(range(9, 13), {"rows": batch})[1]] == [9, 11, 12]


@pytest.mark.parametrize("train", [None, pa.table({"z": [1]}), pa.table({"age": pa.array([], pa.int64())})])
def test_watcher_without_comparable_records(world, train):
    watcher = Copies().open(CopiesCheck(), part(), None if train is None else MemorySource(train))
    batch = world.train.select(["age"]).slice(0, 4).combine_chunks().to_batches()[0]
    assert watcher.observe(range(4), {"rows": batch})[1] == ()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=3))
def test_merge_is_associative(counts):
    a, b, c = (CopyCount(*x) for x in counts)
    check = Copies()
    assert check.merge(check.merge(a, b), c) == check.merge(a, check.merge(b, c))
    assert persist.loads(CopyCount, persist.dumps(a)) == a


def test_conclude_says_what_rejection_did(world, evidence):
    looked_at = replace(evidence(world.fresh.slice(0, 197), copies="reject"), rejects={"copy": 3, "constraint": 9})
    found = Copies().conclude(CopiesCheck(), CopyCount(197, 0), looked_at).findings[0]
    assert found.value == 0.015
    assert "drawn again" in found.why
    assert Copies().conclude(CopiesCheck(), CopyCount(200, 3), evidence(world.fresh)).findings == ()


def test_a_reference_of_a_few_rows_passes_nothing(world, evidence, run, pick):
    """0 of 2 fresh rows leaves room for 84%: that is no reference. A leak is plain even so."""
    looked_at = evidence(world.fresh.slice(0, 500), holdout=world.holdout.slice(0, 2))
    found = pick(run("copies", looked_at), "privacy.copies")
    assert (found.verdict, found.value, found.withholds) == ("skipped", None, True)
    assert "2 fresh real rows are too few" in found.why
    assert pick(run("copies", looked_at), "privacy.unique_copies").verdict == "skipped"
    leaked = pick(run("copies", evidence(world.leak(), holdout=world.holdout.slice(0, 2))), "privacy.copies")
    assert leaked.verdict == "fail"


def test_a_failure_says_what_to_do(evidence, run, pick):
    """One number of three places: fresh rows equal training rows too, and the sentence says what that means."""
    draw = Key.root(3).generator()
    train, holdout, other = (
        pa.table({"x": np.round(draw.normal(size=n), 3), "y": np.repeat(7, n)}) for n in (3000, 600, 1500)
    )
    made = pa.concat_tables([other, train.slice(0, 1500)])
    found = pick(run("copies", evidence(made, train=train, holdout=holdout)), "privacy.copies")
    assert found.verdict == "fail"
    assert "`copies: reject` draws such rows again" in found.why
    assert "coarser numbers or fewer columns" in found.why
