"""Questions: what is wrong with them is found before rows are read, their sensitivity bounds what rows can change, and
their answers are right but for the noise that was paid for.
"""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.errors import MissingExtra, RequestError
from sundog.lib.privacy.asking import Answers, Counts, Number, Points, answer, ask
from sundog.lib.privacy.ledger import Budget
from sundog.lib.privacy.ledger_file import charge, read_ledger
from sundog.lib.privacy.losses import Concentrated, Pure
from sundog.lib.privacy.measuring import limit_rows, measure
from sundog.lib.privacy.neighbours import Neighbours
from sundog.lib.privacy.noise import draw_choice, draw_vector
from sundog.lib.privacy.pricing import price, price_draw
from sundog.lib.privacy.questions import (
    CountBins,
    CountCategories,
    CountRows,
    FindBounds,
    FindCategories,
    FindQuantiles,
    Mean,
    Question,
    Sum,
    find_problems,
)

SOURCE = "0f" * 32
COST = Pure(0.5)
SCHEMA = pa.schema(
    [("id", pa.string()), ("sex", pa.string()), ("age", pa.float64()), ("photo", pa.binary())]
    + [("twice", pa.int64())] * 2
)
QUESTIONS: tuple[Question, ...] = (
    CountRows(COST),
    CountCategories("sex", ("f", "m"), COST),
    FindCategories("sex", 1e-3, COST),
    CountBins("age", (0, 10, 20.5, 90), COST),
    FindBounds("age", COST),
    FindQuantiles("age", (0.25, 0.5, 0.99), -5, 90, COST, candidates=40),
    Sum("age", -3, 70, COST),
    Mean("age", 10, 70.1, COST),
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]),
        st.sampled_from(["f", "m", "x", "", None]),
        st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True), st.integers(-10, 100).map(float)),
    ),
    max_size=30,
)


def _table(rows: Sequence[tuple[str | None, str | None, float | None]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    arrays = [pa.array(c, f.type, from_pandas=False) for c, f in zip(columns, SCHEMA, strict=False)]
    return pa.table(dict(zip(("id", "sex", "age"), arrays, strict=True)))


def _ask(questions: Sequence[Question], table: pa.Table, folder: Path, **changes: object) -> Answers:
    settings = {
        "budget": Budget(1e8, 1e-3),
        "source": SOURCE,
        "neighbours": Neighbours(),
        "schema": table.schema,
    } | changes
    return ask(questions, read=lambda names: table.select(list(names)), folder=folder, **settings)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------- sensitivity


@pytest.mark.parametrize("cost", [Pure(0.5), Concentrated(0.1)], ids=["pure", "concentrated"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: type(q).__name__)
def test_no_neighbour_differs_by_more_than_the_sensitivity(question: Question, cost: Pure | Concentrated) -> None:
    """For rows and for persons, whatever the values: infinite, missing, outside of bounds and domain."""
    question = replace(question, cost=cost)

    @given(ROWS, st.data())
    @settings(max_examples=30)
    def check(rows: list[tuple[str | None, str | None, float | None]], data: st.DataObject) -> None:
        for neighbours in (Neighbours(), Neighbours("id", 2)):
            if neighbours.person:
                gone = data.draw(st.sampled_from("abc"))
                fewer = [r for r in rows if r[0] != gone]
            else:
                at = data.draw(st.integers(0, max(len(rows) - 1, 0)))
                fewer = rows[:at] + rows[at + 1 :]
            pair = [measure(question, limit_rows(_table(r), neighbours)) for r in (rows, fewer)]
            for release, more, less in zip(price(question, neighbours), *pair, strict=True):
                if isinstance(more, dict):
                    assert isinstance(less, dict)
                    new = [n for name, n in more.items() if name not in less]
                    assert set(less) <= set(more)
                    assert len(new) <= release.contribution
                    assert max(new, default=0) <= release.contribution
                    more, less = (np.array([x.get(k, 0) for k in more]) for x in (more, less))
                assert not isinstance(less, dict)
                size = {"l1": 1, "l2": 2, "linf": math.inf}[release.norm]
                if len(more):
                    assert np.linalg.norm(more - less, size) <= release.sensitivity

    check()


def test_the_sensitivity_is_reached() -> None:
    """It is no larger than it must be: one row at the far bound, or at the heavier side of a quantile."""
    for question in QUESTIONS[-3:]:
        with_row, without = _table([("a", "f", 1e9)]), _table([])
        (release, *_), exact, other = (
            price(question, Neighbours()),
            measure(question, with_row),
            measure(question, without),
        )
        assert isinstance(exact[0], np.ndarray)
        assert isinstance(other[0], np.ndarray)
        reached = np.abs(exact[0] - other[0]).max()
        assert reached == (release.sensitivity if not isinstance(question, FindQuantiles) else 1)
    low = measure(QUESTIONS[5], _table([("a", "f", -1e9)]))[0]
    assert isinstance(low, np.ndarray)
    assert np.abs(low).max() == price(QUESTIONS[5], Neighbours())[0].sensitivity == 3


# ---------------------------------------------------------------------------------------- answers


def test_answers_are_right_but_for_the_noise(tmp_path: Path) -> None:
    """With so much epsilon that no noise is left, they are exact."""
    rows = [
        ("a", "f", 12.0),
        ("b", "m", 30.0),
        ("c", "x", 30.0),
        ("d", None, None),
        ("e", "f", 1e9),
        ("f", "f", math.nan),
    ]
    exact = [replace(q, cost=Pure(1e5)) for q in QUESTIONS]
    answers = _ask(exact, _table(rows), tmp_path).answers
    assert answers[0] == Number(6.0, answers[0].releases)
    sex, found, bins, bounds, points, total, mean = answers[1:]
    assert isinstance(sex, Counts)
    assert isinstance(found, Counts)
    assert isinstance(bins, Counts)
    assert (sex.labels, sex.counts.tolist(), sex.other, sex.missing) == (("f", "m"), [3, 1], 1, 1)
    assert (found.labels, found.counts.tolist(), found.other, found.missing) == (("f",), [3], None, None)
    assert bins.labels == ("[0, 10)", "[10, 20.5)", "[20.5, 90]")
    assert (bins.counts.tolist(), bins.other, bins.missing) == ([0, 1, 2], 1, 2)
    assert isinstance(bounds, Points)
    assert isinstance(points, Points)
    assert (bounds.levels, bounds.values.tolist()) == ((0.0, 1.0), [8.0, 2.0**30])
    assert 12 < points.values[1] < 90  # one row below and three above, or the other way round
    assert isinstance(total, Number)
    assert isinstance(mean, Number)
    assert total.value == pytest.approx(12 + 30 + 30 + 70, abs=0.02)
    assert mean.value == pytest.approx((12 + 30 + 30 + 70.1) / 4, abs=0.02)


def test_quantiles_are_found(tmp_path: Path) -> None:
    """Of 0 to 1,000 with all levels at once, in whatever order they are asked; and at epsilon 1 nearly so.

    A choice is accepted with a chance of exp(score / scale): added up over all more than 200 off, below 1e-15.
    """
    table = _table([("a", "f", float(i)) for i in range(1_001)])
    for cost, off in ((Pure(1e5), 2.5), (Pure(1.0), 200)):
        question = FindQuantiles("age", (0.9, 0.25, 0.5), 0, 1_000, cost, candidates=401)
        (points,) = _ask([question], table, tmp_path).answers
        assert isinstance(points, Points)
        assert points.levels == (0.25, 0.5, 0.9)
        assert points.values.tolist() == pytest.approx([250, 500, 900], abs=off)


def test_answers_carry_what_was_asked_and_paid(tmp_path: Path) -> None:
    """Each draw is a release of its own, and the ledger holds all of them; the cost of a question is kept."""
    answers = _ask(QUESTIONS, _table([("a", "f", 12.0)] * 4), tmp_path, neighbours=Neighbours("id", 2))
    releases = [r for a in answers.answers for r in a.releases]
    assert answers.ledger.releases == tuple(releases) == read_ledger(SOURCE, tmp_path).releases
    for question, found in zip(QUESTIONS, answers.answers, strict=True):
        assert isinstance(question.cost, Pure)
        assert math.fsum(r.loss.epsilon for r in found.releases) == pytest.approx(question.cost.epsilon)
        assert all(r.contribution == 2 and r.columns[-1] == "id" for r in found.releases)
    total, mean = answers.answers[-2:]
    assert total.releases[0].bounds == (-3, 70)
    assert total.releases[0].scale * total.releases[0].step == pytest.approx(2 * 70 / 0.5)
    assert mean.releases[0].scale * mean.releases[0].step == pytest.approx(2 * 30.05 / 0.25)
    assert mean.releases[1].scale == pytest.approx(2 / 0.25)


def test_noise_differs_and_comes_from_no_key(tmp_path: Path) -> None:
    """The same question about the same rows twice; equal noise on 40 cells would have a chance below 1e-40."""
    question = CountBins("age", tuple(range(41)), Pure(0.01))
    table = _table([("a", "f", 12.0)])
    first, second = (_ask([question], table, tmp_path).answers[0] for _ in range(2))
    assert isinstance(first, Counts)
    assert isinstance(second, Counts)
    assert first.counts.tolist() != second.counts.tolist()
    assert len(read_ledger(SOURCE, tmp_path).releases) == 2


@pytest.mark.parametrize("cost", [Pure(0.5), Concentrated(0.05)], ids=["pure", "concentrated"])
def test_a_rare_value_is_not_told(tmp_path: Path, cost: Pure | Concentrated) -> None:
    """The common one is. A false alarm has a chance below 1e-9."""
    table = _table([("a", "common", 0.0)] * 2_000 + [("a", "only one", 0.0)] + [("a", None, 0.0)] * 2_000)
    (found,) = _ask([FindCategories("sex", 1e-10, cost)], table, tmp_path).answers
    assert isinstance(found, Counts)
    assert found.labels == ("common",)
    assert found.missing is not None


def test_no_rows_give_answers_too(tmp_path: Path) -> None:
    """An empty table is a neighbour of a table of one row, so it may not be an error."""
    for answer_ in _ask(QUESTIONS, _table([]), tmp_path).answers:
        assert answer_.releases
    (bounds,) = _ask([FindBounds("age", Pure(1e5))], _table([]), tmp_path).answers
    assert isinstance(bounds, Points)
    assert bounds.levels == ()


def test_columns_of_every_type(tmp_path: Path) -> None:
    """Dates and times count in the unit of Arrow; codes, truth values, decimals and whole numbers are read."""
    day, moment = date(1970, 1, 11), datetime(1970, 1, 1, 1)  # noqa: DTZ001 - a time without a zone is meant
    table = pa.table(
        {
            "day": pa.array([day] * 5, pa.date32()),
            "moment": pa.array([moment] * 5, pa.timestamp("s")),
            "span": pa.array([timedelta(seconds=7)] * 5, pa.duration("s")),
            "money": pa.array([Decimal("1.50")] * 5, pa.decimal128(9, 2)),
            "whole": pa.array([3, 3, 3, 3, None], pa.int8()),
            "code": pa.array(["a", "a", "b", None, "a"]).dictionary_encode(),
            "truth": pa.array([True, False, None, True, True]),
            "large": pa.array(["x"] * 5, pa.large_string()),
        }
    )
    high = Pure(1e6)  # noise of .005 on the mean of five
    numbers = {"day": 10, "moment": 3600, "span": 7, "money": 1.5, "whole": 3}
    answers = _ask([Mean(name, 0, 5_000, high) for name in numbers], table, tmp_path).answers
    assert [a.value for a in answers if isinstance(a, Number)] == pytest.approx(list(numbers.values()), abs=0.15)
    texts = {"code": "a", "truth": "true", "large": "x", "day": "1970-01-11", "whole": "3", "money": "1.50"}
    counted = _ask([CountCategories(n, (v,), high) for n, v in texts.items()], table, tmp_path).answers
    assert [int(a.counts[0]) for a in counted if isinstance(a, Counts)] == [3, 3, 5, 5, 4, 5]


# ---------------------------------------------------------------------------------------- refusals


def _must_not_be_read(names: tuple[str, ...]) -> pa.Table:
    raise AssertionError(f"{names} were read")


def test_over_budget_nothing_is_read_and_nothing_is_spent(tmp_path: Path) -> None:
    """Alone, and after earlier runs."""
    refused = {"schema": SCHEMA, "read": _must_not_be_read, "source": SOURCE, "folder": tmp_path}
    with pytest.raises(RequestError, match="SD-PRIVACY-004") as raised:
        ask(QUESTIONS, budget=Budget(3.9, 1e-2), **refused)  # type: ignore[arg-type]
    assert raised.value.exit_code == 2
    assert not list(tmp_path.iterdir())
    _ask(QUESTIONS[:2], _table([]), tmp_path, budget=Budget(1.2))
    with pytest.raises(RequestError, match="epsilon 1 is spent"):
        ask(QUESTIONS[:1], budget=Budget(1.2), **refused)  # type: ignore[arg-type]
    assert len(read_ledger(SOURCE, tmp_path).releases) == 2


def test_the_cost_is_on_the_disk_before_rows_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line and its folder are flushed, then rows are read, once; even a failing reader has been paid for."""
    happened: list[str] = []
    flush = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (happened.append("flush"), flush(handle))[1])

    def read(names: tuple[str, ...]) -> pa.Table:
        happened.append(",".join(names))
        assert len(read_ledger(SOURCE, tmp_path).releases) == 3
        raise OSError("the disk of the source is gone")

    with pytest.raises(OSError, match="is gone"):
        ask([QUESTIONS[1], QUESTIONS[7]], schema=SCHEMA, read=read, source=SOURCE, budget=Budget(1), folder=tmp_path)
    assert happened == ["flush", "flush", "sex,age"]
    assert read_ledger(SOURCE, tmp_path).total(0).epsilon == 1


def test_a_private_domain_needs_a_delta_in_the_budget(tmp_path: Path) -> None:
    """Its own delta counts."""
    with pytest.raises(RequestError, match="SD-PRIVACY-004"):
        ask(QUESTIONS[2:3], schema=SCHEMA, read=_must_not_be_read, source=SOURCE, budget=Budget(9.0), folder=tmp_path)


def test_runs_about_rows_and_about_persons_do_not_mix(tmp_path: Path) -> None:
    """The second unit of privacy is refused."""
    _ask(QUESTIONS[:1], _table([]), tmp_path)
    with pytest.raises(RequestError, match="SD-PRIVACY-003"):
        _ask(QUESTIONS[:1], _table([]), tmp_path, neighbours=Neighbours("id", 3))


BAD: list[tuple[str, Question]] = [
    ("SD-PRIVACY-008", CountRows(Pure(0.0))),
    ("SD-PRIVACY-008", CountRows(Pure(math.nan))),
    ("SD-PRIVACY-008", CountRows(Concentrated(math.inf))),
    ("SD-PRIVACY-008", CountRows(Concentrated(-0.1))),
    ("SD-PRIVACY-011", CountCategories("sax", ("f",), COST)),
    ("SD-PRIVACY-011", Sum("twice", 0, 1, COST)),
    ("SD-PRIVACY-012", CountCategories("photo", ("f",), COST)),
    ("SD-PRIVACY-012", Sum("sex", 0, 1, COST)),
    ("SD-PRIVACY-012", FindBounds("sex", COST)),
    ("SD-PRIVACY-013", CountCategories("sex", (), COST)),
    ("SD-PRIVACY-013", CountCategories("sex", ("f", "m", "f"), COST)),
    ("SD-PRIVACY-014", FindCategories("sex", 0.0, COST)),
    ("SD-PRIVACY-014", FindCategories("sex", math.nan, COST)),
    ("SD-PRIVACY-015", CountBins("age", (1.0,), COST)),
    ("SD-PRIVACY-015", CountBins("age", (0.0, 2.0, 2.0), COST)),
    ("SD-PRIVACY-015", CountBins("age", (0.0, math.inf), COST)),
    ("SD-PRIVACY-016", Sum("age", 5, 5, COST)),
    ("SD-PRIVACY-016", Mean("age", 0, math.inf, COST)),
    ("SD-PRIVACY-016", Mean("age", math.nan, 1, COST)),
    ("SD-PRIVACY-016", FindQuantiles("age", (0.5,), 9, 1, COST)),
    ("SD-PRIVACY-017", FindQuantiles("age", (), 0, 1, COST)),
    ("SD-PRIVACY-017", FindQuantiles("age", (0.5, 1.0), 0, 1, COST)),
    ("SD-PRIVACY-018", FindQuantiles("age", (0.5,), 0, 1, COST, candidates=1)),
]


@pytest.mark.parametrize(("code", "question"), BAD, ids=lambda x: x if isinstance(x, str) else "")
def test_a_wrong_question_is_refused_before_anything_is_read(tmp_path: Path, code: str, question: Question) -> None:
    """And before anything is spent."""
    with pytest.raises(RequestError) as raised:
        ask([question], schema=SCHEMA, read=_must_not_be_read, source=SOURCE, budget=Budget(9, 1e-2), folder=tmp_path)
    assert [p.code for p in raised.value.problems] == [code]
    assert not list(tmp_path.iterdir())


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    """Those of the budget, of the unit and of every question, each with its place."""
    with pytest.raises(RequestError) as raised:
        ask(
            [q for _, q in BAD],
            schema=SCHEMA,
            read=_must_not_be_read,
            source=SOURCE,
            budget=Budget(-1, 2),
            neighbours=Neighbours("ib", 0),
            folder=tmp_path,
            where="parts.people.privacy",
        )
    codes = [p.code for p in raised.value.problems]
    assert codes == ["SD-PRIVACY-001", "SD-PRIVACY-002", "SD-PRIVACY-009", "SD-PRIVACY-010", *(c for c, _ in BAD)]
    assert raised.value.problems[8].where == "parts.people.privacy[4] (sax)"
    assert "'sex'" in raised.value.problems[8].fix


def test_a_bound_on_rows_needs_a_person() -> None:
    """Without one each row is somebody of its own."""
    assert [p.code for p in find_problems((), Neighbours("", 3), SCHEMA, "here")] == ["SD-PRIVACY-009"]


def test_rows_of_other_types_than_stated_are_not_answered(tmp_path: Path) -> None:
    """A schema that depends on rows would tell something about them; the cost is spent all the same."""
    table = _table([("a", "f", 1.0)])
    with pytest.raises(RequestError, match="SD-PRIVACY-019"):
        _ask([Sum("age", 0, 1, COST)], table, tmp_path, schema=pa.schema([("age", pa.int64())]))
    assert len(read_ledger(SOURCE, tmp_path).releases) == 1


def test_without_opendp_nothing_is_spent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named before the ledger is touched."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra):
        ask(QUESTIONS[:1], schema=SCHEMA, read=_must_not_be_read, source=SOURCE, budget=Budget(9), folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_no_question_costs_nothing(tmp_path: Path) -> None:
    """And reads nothing."""
    asked = ask([], schema=SCHEMA, read=_must_not_be_read, source=SOURCE, budget=Budget(1), folder=tmp_path)
    assert (asked.answers, asked.total.epsilon) == ((), 0)
    assert not list(tmp_path.iterdir())


def test_methods_of_their_own_pay_and_draw_with_the_same_pieces(tmp_path: Path) -> None:
    """A selection and a vector under zCDP, charged together, then drawn."""
    columns, unit = ("age", "sex"), Neighbours("id", 2)
    best = price_draw(columns, unit, "best pair", "selection", 2, Concentrated(1e4))
    pair = price_draw(columns, unit, "a pair", "noise", 2, Concentrated(1e4))
    total = charge((best, pair), SOURCE, Budget(1e5, 1e-9), tmp_path)
    assert total.accounting == "zcdp"
    assert read_ledger(SOURCE, tmp_path).rho == 2e4
    assert draw_choice(best, np.array([0, 7, 3])) == 1
    assert draw_vector(pair, np.array([5, 0, 9])).tolist() == [5, 0, 9]


def test_answering_alone_draws_what_was_priced() -> None:
    """Kinds that charge for themselves use the same pieces."""
    question = CountRows(Pure(1e5))
    assert answer(question, price(question, Neighbours()), _table([("a", "f", 1.0)] * 3)) == Number(
        3.0, price(question, Neighbours())
    )
