"""Recipes begun by differentially private answers: the ledger is what was spent, one row moves little, nothing is read for free."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from scipy import stats

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.notes import Remark
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.start.asked import lay_bins, lay_days, read_stated_values
from sundog.kinds.records.start.noisy import correlate_cells, draw_curve
from sundog.kinds.records.start.options import PrivateOptions, StartOptions, start_private_recipe
from sundog.kinds.records.start.stated import BooleanColumn, DateColumn, NumberColumn, read_stated
from sundog.kinds.records.synthesize import RecordsSynthesizer
from sundog.lib.privacy.ledger_file import read_ledger
from sundog.run.recipe_files import parse_recipe

pytest.importorskip("opendp")

Make = Callable[..., dict[str, pa.Table]]
Write = Callable[[Mapping[str, pa.Table]], list[str]]

STATED = read_stated(
    "",
    ["age=17:90", "hours_per_week=1:99", "capital_gain=0:99999", "fnlwgt=0:1500000"],
    ["sex=Male,Female", "income=<=50K,>50K"],
)


@pytest.fixture(autouse=True)
def ledgers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ledgers lie with the test."""
    monkeypatch.setenv("SUNDOG_PRIVACY_LEDGER", str(tmp_path / "ledgers"))
    return tmp_path / "ledgers"


@pytest.fixture
def census(tmp_path: Path) -> str:
    """The census sample as CSV."""
    path = tmp_path / "adult.csv"
    path.write_bytes(gzip.decompress((files("sundog.data") / "adult.csv.gz").read_bytes()))
    return str(path)


def read_part(text: str) -> RecordsPart:
    part = next(iter(parse_recipe(text, "text").parts.values()))
    assert isinstance(part, RecordsPart)
    return part


def write_rows(path: Path, columns: Mapping[str, list[object]]) -> str:
    pa_csv.write_csv(pa.table(dict(columns)), path)
    return str(path)


def spent_on(folder: Path) -> list[object]:
    """All releases of the one source that has a ledger."""
    found = list(folder.glob("*.jsonl"))
    assert len(found) == 1
    return list(read_ledger(found[0].stem, folder).releases)


def test_at_a_large_epsilon_the_census_comes_back(make_tables: Make, census: str) -> None:
    text = start_private_recipe(census, StartOptions(), PrivateOptions(1_000.0, stated=STATED, stated_only=True))
    real, made = pa_csv.read_csv(census), make_tables(read_part(text), 20_000)["adult"]
    assert made.column_names == [n for n in real.column_names if n in STATED]
    for name in ("age", "hours_per_week", "fnlwgt", "capital_gain"):
        a, b = (t.column(name).cast(pa.float64()).to_numpy() for t in (real, made))
        assert float(stats.ks_2samp(a, b).statistic) < 0.035
    for name in ("sex", "income"):
        a, b = (np.mean([v == real.column(name)[0].as_py() for v in t.column(name).to_pylist()]) for t in (real, made))
        assert abs(a - b) < 0.02
    rho = [
        stats.spearmanr(t.column("age").to_numpy(), t.column("hours_per_week").to_numpy()).statistic
        for t in (real, made)
    ]
    assert abs(rho[0] - rho[1]) < 0.04


def test_the_ledger_of_the_recipe_is_what_was_spent(make_tables: Make, census: str, ledgers: Path) -> None:
    text = start_private_recipe(census, StartOptions(), PrivateOptions(0.8, stated=STATED, stated_only=True))
    part = read_part(text)
    read, spent = part.read[0], spent_on(ledgers)
    assert read.mode == "dp"
    assert len(read.ledger) == len(spent)
    for written, release in zip(read.ledger, spent, strict=True):
        assert written.asked == release.asked  # type: ignore[attr-defined]
        assert written.mechanism == release.mechanism  # type: ignore[attr-defined]
        assert written.epsilon == release.loss.epsilon  # type: ignore[attr-defined]
        assert written.scale == release.scale * release.step  # type: ignore[attr-defined]
    assert read.epsilon == pytest.approx(0.8, rel=1e-6)
    assert sum(w.epsilon or 0 for w in read.ledger) == pytest.approx(0.8, rel=1e-6)
    assert read.sha256 == "", "a hash of the file would be told without noise"
    assert read.unit == "add or remove one row"
    assert next(ledgers.glob("*.jsonl")).stem not in text
    risk = [
        n.text for n in RecordsSynthesizer().prepare(part, None, Key.root(1), Path()).notes if isinstance(n, Remark)
    ]
    assert any("differentially private answers about adult.csv: epsilon 0.8" in r for r in risk)
    assert not any("No record was read" in r for r in risk)
    # Of 48,842 rows; nearly half of them work 40 hours, a heap that noise must not spread. Usual distances are .01.
    real, made = pa_csv.read_csv(census), make_tables(part, 10_000)["adult"]
    for name in ("age", "hours_per_week"):
        a, b = (t.column(name).to_numpy() for t in (real, made))
        assert float(stats.ks_2samp(a, b).statistic) < 0.06
    for name, field in part.tables["adult"].fields.items():
        numbers = field.origin.split("; answer")[1]
        assert field.origin.startswith("DP: ")
        assert any(name in read.ledger[int(i) - 1].columns for i in numbers.split(" of")[0].strip("s ").split(", "))


def test_over_budget_nothing_is_told_and_the_ledger_stays(census: str, ledgers: Path) -> None:
    once = PrivateOptions(0.5, stated=STATED, stated_only=True)
    start_private_recipe(census, StartOptions(), once)
    before = len(spent_on(ledgers))
    with pytest.raises(RequestError) as raised:
        start_private_recipe(census, StartOptions(), once)
    assert raised.value.problems[0].code == "SD-PRIVACY-004"
    assert raised.value.exit_code == 2
    assert len(spent_on(ledgers)) == before
    text = start_private_recipe(
        census, StartOptions(), PrivateOptions(0.5, budget=1.0, stated=STATED, stated_only=True)
    )
    assert "cost epsilon 1," in text
    assert read_part(text).read[0].epsilon == pytest.approx(0.5, rel=1e-6)
    assert len(spent_on(ledgers)) == 2 * before


def test_what_is_not_stated_is_not_read(tmp_path: Path) -> None:
    rows: dict[str, list[object]] = {"age": [i % 80 for i in range(300)], "name": [f"Ann{i}" for i in range(300)]}
    path = write_rows(tmp_path / "people.csv", rows)
    for stated, code in (
        (read_stated("", ["age=0:100"], []), "SD-RECORDS-067"),
        (read_stated("", ["aeg=0:100"], []), "SD-SOURCE"),
        ({}, "SD-RECORDS-067"),
    ):
        with pytest.raises(RequestError) as raised:
            start_private_recipe(path, StartOptions(), PrivateOptions(1.0, stated=stated))
        assert raised.value.problems[0].code.startswith(code)
    with pytest.raises(RequestError) as raised:
        start_private_recipe(
            path, StartOptions(), PrivateOptions(1.0, 2.0, stated=read_stated("", ["age=0:100"], []), stated_only=True)
        )
    assert raised.value.problems[0].code == "SD-PRIVACY-002"
    with pytest.raises(RequestError) as raised:
        start_private_recipe(path, StartOptions(), PrivateOptions(1.0, stated_only=True))
    assert raised.value.problems[0].code == "SD-RECORDS-068"
    schema = tmp_path / "schema.yaml"
    schema.write_text("columns: {nmae: {type: field, field: {type: person, part: name}}}")
    with pytest.raises(RequestError) as raised:
        start_private_recipe(
            path, StartOptions(), PrivateOptions(1.0, stated=read_stated(str(schema), ["age=0:100"], []))
        )
    assert {p.code for p in raised.value.problems} == {"SD-RECORDS-066", "SD-RECORDS-067"}


def test_one_planted_row_moves_nothing_by_more_than_noise(tmp_path: Path) -> None:
    g = np.random.default_rng(6)
    pay = g.lognormal(10, 0.4, 4_000).round()
    bounds = read_stated("", ["pay=0:100000"], [])
    said = []
    for name, more in (("plain", []), ("planted", [10**12])):
        path = write_rows(tmp_path / f"{name}.csv", {"pay": [int(x) for x in [*pay, *more]]})
        text = start_private_recipe(path, StartOptions(), PrivateOptions(200.0, stated=bounds))
        assert "1000000000000" not in text
        part = read_part(text)
        said.append(part.tables[name].fields["pay"])
    assert said[0].type == said[1].type == "lognormal"  # type: ignore[union-attr]
    # The noise on a bin has a scale below a tenth of a row here, so the two recipes differ by the one row, if at all.
    assert abs(said[0].median - said[1].median) < 0.002 * said[0].median  # type: ignore[operator, union-attr]
    assert abs(said[0].spread - said[1].spread) < 0.002  # type: ignore[operator, union-attr]
    assert max(said[0].high or 0, said[1].high or 0) <= 100_001  # type: ignore[union-attr]


def test_persons_are_the_unit(make_tables: Make, tmp_path: Path) -> None:
    g = np.random.default_rng(8)
    person = np.repeat(np.arange(3_000), g.integers(1, 5, 3_000))
    rows: dict[str, list[object]] = {
        "patient_id": [f"P{x:05d}" for x in person],
        "cost": [float(x) for x in np.round(g.gamma(2, 50, len(person)), 2)],
    }
    path = write_rows(tmp_path / "visits.csv", rows)
    stated = read_stated("", ["cost=0:1000:2"], [])
    text = start_private_recipe(path, StartOptions(unit="patient_id"), PrivateOptions(50.0, stated=stated, most_rows=4))
    part = read_part(text)
    assert {n: t.parent for n, t in part.tables.items()} == {"patient": None, "visits": "patient"}
    assert part.read[0].unit == "add or remove all rows of one person (patient_id), at most 4 of them read"
    assert "P00" not in text
    made = make_tables(part, 3_000)
    counts = np.bincount(made["visits"].column("patient_id").to_numpy())
    shares = np.bincount(counts[counts > 0], minlength=6)[1:5] / 3_000
    assert float(np.abs(shares - 0.25).max()) < 0.04
    assert part.units is not None
    assert abs(part.units - 3_000) <= 150
    unbounded = {"cost": NumberColumn(type="number", decimals=2)}
    again = start_private_recipe(
        path, StartOptions(unit="patient_id"), PrivateOptions(50.0, budget=200.0, stated=unbounded, most_rows=4)
    )
    field = read_part(again).tables["visits"].fields["cost"]
    assert 0 <= field.low < field.high <= 1_024  # type: ignore[operator, union-attr]
    cost = made["visits"].column("cost").to_numpy()
    assert float(stats.ks_2samp(cost, np.array(rows["cost"], np.float64)).statistic) < 0.05


def test_domains_and_bounds_can_be_found(tmp_path: Path, make_tables: Make) -> None:
    g = np.random.default_rng(9)
    n = 4_000
    rows: dict[str, list[object]] = {
        "city": [str(x) for x in g.choice(["Rome", "Oslo", "Bonn"], n, p=[0.6, 0.3, 0.1])],
        "size": [float(x) for x in np.round(g.normal(300, 40, n), 1)],
        "joined": [str(np.datetime64("2022-01-03") + int(x)) for x in g.integers(0, 104, n) * 7 + g.integers(0, 5, n)],
        "active": [bool(x) for x in g.random(n) < 0.8],
    }
    rows["city"][7] = "Secretville"
    schema = tmp_path / "schema.yaml"
    schema.write_text(
        "columns:\n  city: {type: category}\n  size: {type: number, decimals: 1}\n  active: {type: boolean}\n"
        "  joined: {type: date, start: 2022-01-01, stop: 2023-12-31}\n"
    )
    path = write_rows(tmp_path / "members.csv", rows)
    with pytest.raises(RequestError) as raised:
        start_private_recipe(path, StartOptions(), PrivateOptions(5.0, stated=read_stated(str(schema), [], [])))
    assert raised.value.problems[0].code == "SD-PRIVACY-014", "without delta no domain can be found"
    text = start_private_recipe(
        path, StartOptions(), PrivateOptions(20.0, 1e-6, stated=read_stated(str(schema), [], []))
    )
    part = read_part(text)
    assert "Secretville" not in text
    city = part.tables["members"].fields["city"].values  # type: ignore[union-attr]
    assert city["Rome"] == pytest.approx(0.6, abs=0.03)  # type: ignore[call-overload, index]
    assert set(city) == {"Rome", "Oslo", "Bonn"}  # type: ignore[arg-type]
    made = make_tables(part, 4_000)["members"]
    size = made.column("size").to_numpy()
    assert float(stats.ks_2samp(size, np.array(rows["size"], np.float64)).statistic) < 0.06
    weekdays = np.bincount((made.column("joined").cast(pa.int32()).to_numpy() + 3) % 7, minlength=7)
    assert weekdays[5:].sum() < 0.02 * 4_000, "nobody joins at weekends"
    assert abs(np.mean(made.column("active").to_numpy(zero_copy_only=False)) - 0.8) < 0.03
    assert part.read[0].delta <= 1e-6


def test_a_small_epsilon_gives_a_recipe_that_runs(make_tables: Make, tmp_path: Path) -> None:
    rows: dict[str, list[object]] = {"x": [i % 50 for i in range(60)], "y": ["a", "b"] * 30}
    path = write_rows(tmp_path / "tiny.csv", rows)
    for epsilon in (0.01, 0.3):
        stated = read_stated("", ["x=0:60"], ["y=a,b,c"])
        text = start_private_recipe(path, StartOptions(), PrivateOptions(epsilon, budget=10.0, stated=stated))
        made = make_tables(read_part(text), 50)["tiny"]
        assert made.num_rows == 50
        assert set(made.column("y").to_pylist()) <= {"a", "b", "c"}


@pytest.mark.parametrize(
    ("bounds", "domains", "code"),
    [
        (["age"], [], "SD-RECORDS-063"),
        (["age=5"], [], "SD-RECORDS-063"),
        (["age=9:1"], [], "SD-RECORDS-063"),
        (["age=a:b"], [], "SD-RECORDS-063"),
        ([], ["sex=F,F"], "SD-RECORDS-063"),
        ([], ["sex="], "SD-RECORDS-063"),
        (["day=2024-01-01:2023-01-01"], [], "SD-RECORDS-063"),
    ],
)
def test_wrong_statements_are_told(bounds: list[str], domains: list[str], code: str) -> None:
    with pytest.raises(RequestError) as raised:
        read_stated("", bounds, domains)
    assert raised.value.problems[0].code == code


def test_wrong_files_of_statements_are_told(tmp_path: Path) -> None:
    path = tmp_path / "schema.yaml"
    for text, code in (
        ("columns: [", "SD-RECORDS-064"),
        ("columns: {a: {type: nubmer}}", "SD-RECORDS-065"),
        ("columns: {a: {type: number, low: 1}}", "SD-RECORDS-065"),
        ("column: {}", "SD-RECORDS-065"),
        ("- a", "SD-RECORDS-065"),
    ):
        path.write_text(text)
        with pytest.raises(RequestError) as raised:
            read_stated(str(path), [], [])
        assert raised.value.problems[0].code == code
    with pytest.raises(RequestError) as raised:
        read_stated(str(tmp_path / "absent.yaml"), [], [])
    assert raised.value.problems[0].code == "SD-RECORDS-064"


def test_bins_cover_what_was_stated() -> None:
    for low, high, decimals in (
        (0, 100, 0),
        (0, 200_000, 2),
        (-50, 50, 1),
        (0, 1, None),
        (5, 1e9, 0),
        (-1e6, 1e6, None),
    ):
        bins = lay_bins(low, high, decimals)
        edges = np.array(bins.edges)
        assert (np.diff(edges) > 0).all()
        assert edges[0] <= low
        assert edges[-1] >= high
        assert len(edges) < 160
        if bins.zero >= 0:
            assert edges[bins.zero] < 0 < edges[bins.zero + 1]
    days = DateColumn(type="date", start="2024-01-01", stop="2024-01-20")  # type: ignore[arg-type]
    assert len(lay_days(days.start, days.stop).edges) == 21


def test_texts_that_do_not_fit_are_missing_and_no_error() -> None:
    texts = pa.array(["1", " 2.5 ", "-3e2", "x", "", None, "1,5", "0x10"])
    assert read_stated_values(texts, NumberColumn(type="number")).to_pylist() == [1.0, 2.5, -300.0, *[None] * 5]
    assert read_stated_values(pa.array(["Yes", "f", "maybe"]), BooleanColumn(type="boolean")).to_pylist() == [
        "true",
        "false",
        None,
    ]
    column = DateColumn(type="timestamp", start="2024-01-01", stop="2024-12-31")  # type: ignore[arg-type]
    days = read_stated_values(
        pa.array(["2024-05-06", "2024-05-06 23:59:59", "2024-05-06T01:02:03", "6.5.2024", None]), column
    )
    assert [None if d is None else d.isoformat() for d in days.to_pylist()] == ["2024-05-06"] * 3 + [None] * 2


def test_noisy_counts_become_curves_and_correlations() -> None:
    bins = lay_bins(0, 100, 0)
    counts = np.zeros(101, np.int64)
    counts[20:41] = 50
    curve = draw_curve(counts, bins, 2.0, False)
    assert curve is not None
    assert curve.at[0] == 19.5
    assert curve.at[-1] == 40.5
    assert draw_curve(np.array([1, -2, 3], np.int64), lay_bins(0, 2, 0), 5.0, False) is None
    table = np.diag([100, 100, 100, 100, 100]).astype(np.int64)
    assert correlate_cells(table.ravel(), (5, 5), 0.0)[0] == pytest.approx(1.0)
    assert correlate_cells(table[::-1].ravel(), (5, 5), 0.0)[0] == pytest.approx(-1.0)
    rho, error = correlate_cells(np.full(25, 20, np.int64), (5, 5), 3.0)
    assert rho == pytest.approx(0.0)
    assert 0.01 < error < 0.1
