"""Ages agree with birth dates, months with a window that is no whole number of years, and texts on keys with what was read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
import yaml

from sundog.core.keys import Key
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.start.ages import count_years
from sundog.kinds.records.start.options import start_recipe
from sundog.run.recipe_files import parse_recipe

Make = Callable[..., dict[str, pa.Table]]


def _read(folder: Path, columns: dict[str, object]) -> tuple[str, dict[str, dict[str, object]]]:
    pa_csv.write_csv(pa.table(columns), folder / "real.csv")
    text = start_recipe([str(folder / "real.csv")])
    return text, yaml.safe_load(text)["parts"]["real"]["tables"]["real"]["fields"]


@pytest.mark.parametrize("exact", [True, False])
def test_an_age_follows_from_the_birth_date(exact: bool, tmp_path: Path, make_tables: Make) -> None:
    g = Key.root(4).child("born").generator()
    born = g.integers(-9_000, 13_000, 2_000)
    day = int(np.datetime64("2025-06-17").astype(np.int64))
    age = count_years(born, day) if exact else ((day - born) // 365.25).astype(np.int64)
    rows = {
        "born": pa.array(born.astype(np.int32), pa.date32()),
        "age": age,
        "joined": pa.array((born + 9_000).astype(np.int32), pa.date32()),
    }
    text, fields = _read(tmp_path, rows)
    assert str(fields["age"]["value"]).startswith("age_in_years(born, date('2025-")
    part = parse_recipe(text, "text").parts["real"]
    assert isinstance(part, RecordsPart)
    made = make_tables(part, 500)["real"]
    there = made.column("born").cast(pa.int32()).to_numpy().astype(np.int64)
    # Ages in years of 365.25 days make the day a little uncertain.
    assert (np.abs(count_years(there, day) - made.column("age").to_numpy()) > 0).mean() < (
        0.001 if exact and "06-17" in text else 0.06
    )


def test_an_age_of_its_own_is_no_age_by_a_date(tmp_path: Path) -> None:
    g = Key.root(5).child("born").generator()
    rows = {
        "seen": pa.array(g.integers(15_000, 19_000, 2_000).astype(np.int32), pa.date32()),
        "age": g.integers(18, 90, 2_000),
    }
    _, fields = _read(tmp_path, rows)
    assert fields["age"]["type"] != "expression"


def test_months_are_not_bent_by_growth_and_a_window_that_ends_in_october(tmp_path: Path) -> None:
    g = Key.root(6).child("days").generator()
    start, stop = (int(np.datetime64(d).astype(np.int64)) for d in ("2021-01-01", "2024-10-31"))
    days = np.arange(start, stop + 1)
    weights = 1.3 ** ((days - start) / 365.25)  # growth of 30 % a year, and no season
    picked = g.choice(days, 20_000, p=weights / weights.sum())
    _, fields = _read(tmp_path, {"at": pa.array(picked.astype(np.int32), pa.date32())})
    calendar = fields["at"].get("calendar", {})
    assert "months" not in calendar, fields["at"]  # type: ignore[operator]
    assert abs(calendar["growth"] - 0.3) < 0.06  # type: ignore[index]
    # A season that is there is found.
    season = np.where(days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 == 6, 2.0, 1.0)
    picked = g.choice(days, 20_000, p=weights * season / (weights * season).sum())
    _, fields = _read(tmp_path, {"at": pa.array(picked.astype(np.int32), pa.date32())})
    months = fields["at"]["calendar"]["months"]  # type: ignore[index]
    assert 1.7 < months[6] / np.mean(months[:6] + months[7:]) < 2.3
    assert max(months[:6] + months[7:]) / min(months[:6] + months[7:]) < 1.25


@pytest.mark.parametrize(("low", "start"), [(2**61, 10**18), (10**9, 10**9), (1, 1)])
def test_the_text_on_a_key_says_what_was_read(low: int, start: int, tmp_path: Path) -> None:
    g = Key.root(7).child("id").generator()
    ids = np.unique(g.integers(low, 2 * low, 3_000)) if low > 1 else np.arange(1, 900)
    _, fields = _read(tmp_path, {"id": ids, "x": np.arange(len(ids)) % 7})
    assert fields["id"]["start"] == start
    assert ("the number of digits" in str(fields["id"]["origin"])) == (start > 1)
