"""No value of a single person stands in a bundle: planted ones are looked for in every file of it."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given

from sundog.api import replicate
from sundog.core.keys import Key
from sundog.core.recipe import LEAST_SUPPORT
from sundog.evidence._support import Support
from sundog.kinds.tables.recipe import ColumnSpec, TablesPart

RARE_TEXTS = ("QzxRare", "Vaduz-Qzx", "PairQzx")
RARE_NUMBERS = (98765432.17, 87654321.25, 7654321.0, 65432.5, -43218765.0)
RARE_DAYS = ("1901-02-03", "2199-08-09")


def plant(rows: int, seed: int) -> pa.Table:
    """A table of a bank: in each column a few values that one to nine persons have, and that give them away."""
    draw = Key.root(seed).generator()
    day = np.datetime64("2015-01-01") + draw.integers(0, 2000, rows).astype("timedelta64[D]")
    opened = day.astype("datetime64[D]")
    opened[3], opened[4] = np.datetime64(RARE_DAYS[0]), np.datetime64(RARE_DAYS[1])
    city = draw.choice(["Berlin", "London", "Zurich"], rows).astype(object)
    city[5], city[6] = RARE_TEXTS[1], RARE_TEXTS[0]
    code = draw.choice(["A", "B"], rows).astype(object)
    code[7 : 7 + LEAST_SUPPORT - 1] = RARE_TEXTS[2]
    income = np.round(draw.lognormal(7, 1, rows), 2)
    income[8], income[9] = RARE_NUMBERS[0], RARE_NUMBERS[4]
    children = draw.integers(0, 4, rows).astype(np.float64)
    children[10], children[11] = RARE_NUMBERS[2], RARE_NUMBERS[3]
    spike = np.zeros(rows)
    spike[12 : 12 + rows // 40] = np.round(draw.uniform(1, 60, rows // 40), 1)
    spike[13] = RARE_NUMBERS[1]
    default = (draw.uniform(size=rows) < 0.3).astype(np.int64)
    return pa.table(
        {
            "city": pa.array(city, pa.string()),
            "code": pa.array(code, pa.string()),
            "opened": pa.array(opened),
            "income": income,
            "children": children,
            "spike": spike,
            "default": default,
        }
    )


def tell(path: Path) -> str:
    """All that a file says, as text: tables are decoded, and other files are taken as they are."""
    if path.suffix == ".parquet":
        return _spell_table(pq.read_table(path))
    if path.suffix == ".arrow":
        with pa.memory_map(str(path)) as mapped, pa.ipc.open_file(mapped) as reader:
            return _spell_table(reader.read_all())
    return path.read_bytes().decode("utf-8", "replace")


def _spell_table(table: pa.Table) -> str:
    return "\n".join(str(value) for column in table.columns for value in column.to_pylist())


def spell(number: float) -> list[str]:
    """How a number may be written: as it is, without its decimals, with separators, with few digits."""
    whole = abs(number)
    forms = [f"{whole:.10g}", f"{whole:,.2f}", f"{whole:.4g}", f"{whole:,.0f}", f"{whole:.0f}"]
    return [re.escape(f) for f in dict.fromkeys(forms)]


def search(bundle: Path) -> list[str]:
    """Planted values that stand somewhere in the bundle, with the file."""
    patterns = [*map(re.escape, RARE_TEXTS), *map(re.escape, RARE_DAYS)]
    patterns += [rf"(?<![\d.]){form}(?![\d])" for n in RARE_NUMBERS for form in spell(n)]
    found = []
    for path in sorted(p for p in bundle.rglob("*") if p.is_file()):
        text, raw = tell(path), path.read_bytes()
        found += [f"{path.relative_to(bundle)}: {p}" for p in patterns if re.search(p, text)]
        found += [f"{path.relative_to(bundle)}: {n} in bytes" for n in RARE_NUMBERS if struct.pack("<d", n) in raw]
    return found


@pytest.mark.parametrize(
    ("level", "privacy", "rows"), [("quick", "standard", 400), ("quick", "strict", 900), ("full", "strict", 600)]
)
def test_planted_values_stay_out_of_the_bundle(tmp_path, level, privacy, rows):
    real = tmp_path / "bank.parquet"
    pq.write_table(plant(rows, seed=rows), real)
    made = replicate(
        str(real), str(tmp_path / "out"), evidence=level, privacy=privacy, target="default", method="forest"
    )
    assert search(tmp_path / "out") == []
    shown = json.loads((tmp_path / "out" / "report.json").read_text())["private"]["exhibits"]
    drawn = {e["title"]: e["drawing"] for e in shown if e["check"] == "fidelity.column"}
    assert "Berlin" in drawn["city"]["labels"]  # what many have is named
    assert any("other" in label for label in drawn["city"]["labels"])
    assert made.verdict in ("unassessed", "released", "withheld")


def test_the_search_finds_what_is_there(tmp_path):
    table = plant(200, seed=1)
    pq.write_table(table, tmp_path / "data.parquet")
    (tmp_path / "report.json").write_text("[98765432.17, 1901-02-03]")
    found = "\n".join(search(tmp_path))
    assert all(re.escape(text) in found for text in (*RARE_TEXTS, *RARE_DAYS))
    assert "report.json: (?<![\\d.])98765432" in found


def test_persons_count_once(world, build, run):
    """Fifteen rows of one person are one person; without persons they are enough to be named."""
    table = world.train.slice(0, 1000)
    city = np.array(["Berlin"] * 985 + ["Vaduz"] * 15)
    person = np.array([*range(985), *[985] * 15])
    real = table.append_column("city", pa.array(city)).append_column("who", pa.array([f"P{p}" for p in person]))
    high = np.where(city == "Vaduz", 10_000_000.0 + np.arange(1000), pc.cast(table["fnlwgt"], pa.float64()).to_numpy())
    real = real.append_column("worth", pa.array(high))
    for who, named in ((None, True), ("who", False)):
        found = build(real.drop_columns(["who"]), real, None, person=who)
        answer = run("columns", found)
        drawn = {e.title: e.drawing for e in answer.exhibits}
        assert ("Vaduz" in drawn["city"].labels) == named
        assert (max(drawn["worth"].edges) > 5_000_000) == named


def test_nothing_is_drawn_of_a_handful(build, run):
    table = pa.table({"a": [float(i) ** 3 for i in range(60)], "b": [f"v{i}" for i in range(60)]})
    few = table.slice(0, 60)
    answer = run("columns", build(few, few, few))
    drawn = {e.title: e.drawing for e in answer.exhibits}
    assert drawn["b"].labels == ("60 others",)
    assert drawn["a"].edges[0] >= 10**3  # ten lie below
    assert drawn["a"].edges[-1] <= 49**3


@given(
    values=st.lists(st.integers(-50, 50) | st.just(None), max_size=120),
    least=st.integers(1, 20),
    share=st.sampled_from([0.0, 0.01, 0.2]),
    persons=st.none() | st.integers(1, 60),
)
@example(values=[*range(50)], least=10, share=0.01, persons=None)
@example(values=[1] * 100, least=10, share=0.01, persons=5)
def test_ends_have_enough_beyond_them(values, least, share, persons):
    numbers = np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)
    people = None if persons is None else np.arange(len(numbers)) % persons
    support = Support(least, people)
    ends = support.find_ends(numbers, share)
    who = np.arange(len(numbers)) if people is None else people
    known = ~np.isnan(numbers)
    if ends is None:
        assert len(np.unique(who[known])) < 4 * least or known.sum() < 4 * least or persons is not None or share > 0.1
        return
    low, high = ends
    assert low <= high
    assert len(np.unique(who[known & (numbers <= low)])) >= least
    assert len(np.unique(who[known & (numbers >= high)])) >= least


def test_support_of_a_part():
    part = TablesPart(units=1, model="m", columns={"a": ColumnSpec(protect=False), "b": ColumnSpec(min_support=30)})
    assert [part.least_support(c) for c in "abc"] == [1, 30, LEAST_SUPPORT]
    strict = part.model_copy(update={"privacy": "strict"})
    assert [strict.least_support(c) for c in "abc"] == [1, 30, 2 * LEAST_SUPPORT]
