"""No table makes a check fall over: it says a number, or why there is none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.core.tables import with_meaning

ROWS = 160


def mixed(rows: int, seed: int = 0) -> pa.Table:
    """Every kind of column, with missing values."""
    draw = Key.root(seed).generator()
    numbers = draw.normal(size=rows)
    missing = draw.random(rows) < 0.2
    day = dt.date(2020, 1, 1)
    fields = [
        with_meaning(pa.field("id", pa.string()), "identifier"),
        pa.field("x", pa.float64()),
        pa.field("n", pa.int64()),
        pa.field("d", pa.decimal128(8, 2)),
        pa.field("kind", pa.string()),
        pa.field("ok", pa.bool_()),
        pa.field("day", pa.date32()),
        pa.field("at", pa.timestamp("us", "UTC")),
        pa.field("clock", pa.time64("us")),
        pa.field("took", pa.duration("s")),
        with_meaning(pa.field("code", pa.int64()), "category"),
        pa.field("nothing", pa.null()),
        with_meaning(pa.field("same", pa.string()), "constant"),
        pa.field("blob", pa.binary()),
        pa.field("dict", pa.dictionary(pa.int32(), pa.string())),
    ]
    columns = [
        [f"p{seed}-{i}" for i in range(rows)],
        [None if m else float(v) for v, m in zip(numbers, missing, strict=True)],
        draw.integers(0, 50, rows).tolist(),
        [Decimal(int(v)) / 4 for v in draw.integers(0, 99, rows)],
        [None if m else "abc"[int(v) % 3] for v, m in zip(draw.integers(0, 9, rows), missing, strict=True)],
        (numbers > 0).tolist(),
        [day + dt.timedelta(days=int(v)) for v in draw.integers(0, 900, rows)],
        [dt.datetime(2020, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=int(v)) for v in draw.integers(0, 9000, rows)],
        [dt.time(int(v), 30) for v in draw.integers(0, 24, rows)],
        [dt.timedelta(seconds=int(v)) for v in draw.integers(0, 999, rows)],
        draw.integers(1, 5, rows).tolist(),
        [None] * rows,
        ["one"] * rows,
        [b"x"] * rows,
        ["uv"[int(v)] for v in draw.integers(0, 2, rows)],
    ]
    return pa.Table.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, fields, strict=True)], schema=pa.schema(fields)
    )


def answers(build, run, checks, synthetic, train, holdout, **more):
    evidence = build(synthetic, train, holdout, **more)
    return {kind: run(kind, evidence) for kind in checks}


@pytest.mark.parametrize("level", ["quick", "full"])
@pytest.mark.parametrize("target", ["ok", "kind", "x", "day", "code", "same", "nothing", "id", "absent", None])
def test_utility_takes_any_target(build, run, target, level):
    evidence = build(mixed(ROWS, 1), mixed(ROWS, 2), mixed(ROWS, 3), target=target, level=level)
    answer = run("utility", evidence)
    judged = answer.findings[0].verdict != "skipped"
    assert judged == (target in ("ok", "kind", "x", "day", "code"))


def test_every_kind_of_column(build, run, checks):
    found = answers(build, run, checks, mixed(ROWS, 1), mixed(ROWS, 2), mixed(ROWS, 3), target="ok", level="full")
    names = {f.subject for f in found["columns"].findings if f.check == "fidelity.column"}
    assert names == {"x", "n", "d", "kind", "ok", "day", "at", "clock", "took", "code", "nothing", "same", "dict"}
    assert found["columns"].findings[0].verdict == "pass"


@pytest.mark.parametrize("rows", [0, 1, 2, 49, 50, 100])
@pytest.mark.parametrize("side", ["synthetic", "train", "holdout"])
def test_few_rows(build, run, checks, side, rows):
    sides = {"synthetic": mixed(ROWS, 1), "train": mixed(ROWS, 2), "holdout": mixed(ROWS, 3)}
    sides[side] = mixed(rows, 9)
    if side == "train" and rows == 0:
        assert not build(**sides).has("train")
        return
    found = answers(build, run, checks, sides["synthetic"], sides["train"], sides["holdout"], target="ok")
    if rows < 49:
        assert found["c2st"].findings[0].verdict == "skipped"
        assert found["membership"].findings[0].verdict == "skipped"


def test_no_holdout(build, run, checks):
    found = answers(build, run, checks, mixed(ROWS, 1), mixed(ROWS, 2), None, target="ok")
    for kind, check in (
        ("associations", "fidelity.pairs"),
        ("c2st", "fidelity.c2st"),
        ("utility", "utility.tstr"),
        ("membership", "privacy.membership"),
    ):
        first = found[kind].findings[0]
        assert (first.check, first.verdict) == (check, "skipped")
        assert "holdout" in first.why
    assert found["columns"].findings[0].baseline is None
    assert found["copies"].findings[0].verdict == "pass"


def constant(rows: int) -> pa.Table:
    return pa.table({"a": [1.5] * rows, "b": ["x"] * rows, "c": pa.array([None] * rows, pa.int64())})


def test_constant_and_missing_columns(build, run, checks):
    found = answers(build, run, checks, constant(ROWS), constant(ROWS), constant(ROWS), target="b")
    assert found["columns"].findings[0].value == 0.0
    assert found["c2st"].findings[0].value == 0.5
    # every row equals every other, and fresh rows do so too
    assert found["copies"].findings[0].value == 1.0
    assert found["copies"].findings[0].verdict == "pass"
    assert found["membership"].findings[0].value == 0.5


def test_one_column(build, run, checks):
    one = [mixed(ROWS, s).select(["x"]) for s in (1, 2, 3)]
    found = answers(build, run, checks, *one, target="x")
    assert found["associations"].findings[0].verdict == "skipped"
    assert found["utility"].findings[0].verdict == "skipped"
    assert found["c2st"].findings[0].verdict in ("pass", "warn")


def test_no_column_in_common(build, run, checks):
    other = pa.table({"else": np.arange(ROWS)})
    found = answers(build, run, checks, other, mixed(ROWS, 2), mixed(ROWS, 3), target="x")
    for kind in checks:
        if kind != "dimensions":
            assert found[kind].findings[0].verdict == "skipped", kind


def test_columns_missing_on_one_side(build, run, pick):
    synthetic, holdout = mixed(ROWS, 1).drop_columns(["x", "kind"]), mixed(ROWS, 3).drop_columns(["n"])
    answer = run("columns", build(synthetic, mixed(ROWS, 2), holdout))
    names = {f.subject for f in answer.findings if f.check == "fidelity.column"}
    assert not names & {"x", "kind", "n"}
    assert "'x', 'kind'" in pick(answer, "fidelity.compared").why


def test_unseen_categories(build, run, pick):
    train = pa.table({"a": ["u", "v"] * 80, "b": np.arange(ROWS) % 7})
    synthetic = pa.table({"a": ["w", "z"] * 80, "b": np.arange(ROWS) % 7})
    evidence = build(synthetic, train, train.slice(0, 100), target="a")
    assert pick(run("columns", evidence), "fidelity.column", "a").value == 1.0
    assert pick(run("c2st", evidence), "fidelity.c2st").value > 0.95
    assert "synthetic rows have a value" in run("utility", evidence).findings[0].why


def test_infinities_count_as_missing(build, run, pick):
    train = pa.table({"a": np.where(np.arange(ROWS) % 2, np.inf, 1.0), "b": np.arange(ROWS) * 1.0})
    answer = run("columns", build(train, train, train))
    assert pick(answer, "fidelity.missing").value == 0.0


def test_huge_numbers(build, run, checks):
    values = [1e308, -1e308, 3.0, 1e174, -0.0]
    sides = [pa.table({"a": values * 40, "b": list(range(200))}) for _ in range(3)]
    found = answers(build, run, checks, *sides, target="a", level="full")
    assert found["columns"].findings[0].value == 0.0


def test_wide_table(build, run, checks, pick):
    draw = Key.root(8).generator()
    tables = [pa.table({f"c{i}": draw.normal(size=60) for i in range(200)}) for _ in range(3)]
    found = answers(build, run, checks, *tables)
    assert "drawn by the seed" in pick(found["associations"], "fidelity.pairs").why
    assert sum(e.check == "fidelity.column" for e in found["columns"].exhibits) == 60


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_small_table(build, run, checks, data):
    """Columns of every make, on sides that need not agree in type or length."""
    make = {
        "ints": st.none() | st.integers(-(2**40), 2**40),
        "floats": st.none() | st.floats(allow_nan=True, allow_infinity=True, width=64),
        "words": st.none() | st.text(max_size=3),
        "flags": st.none() | st.booleans(),
        "days": st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)),
    }
    kinds = data.draw(st.lists(st.sampled_from(sorted(make)), min_size=1, max_size=4))
    types = {"ints": pa.int64(), "floats": pa.float64(), "words": pa.string(), "flags": pa.bool_(), "days": pa.date32()}
    sides = []
    for _ in range(3):
        rows = data.draw(st.sampled_from([1, 60, 120]))
        other = data.draw(st.booleans())
        columns = {}
        for i, kind in enumerate(kinds):
            chosen = data.draw(st.sampled_from(sorted(make))) if other else kind
            few = data.draw(st.lists(make[chosen], min_size=1, max_size=6))
            columns[f"c{i}"] = pa.array([few[(k * 7 + k // 5) % len(few)] for k in range(rows)], types[chosen])
        sides.append(pa.table(columns))
    answers(build, run, checks, *sides, target="c0", level=data.draw(st.sampled_from(["quick", "full"])))
