"""A holdout that was learned from is refused; other people, however much alike, are not."""

from __future__ import annotations

import gzip
import io
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

import sundog
from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.recipe import SourceSpec
from sundog.core.tables import with_meaning
from sundog.lib.stats.overlap import find_same_table, find_shared_names, find_shared_rows
from sundog.run.apart import need_apart
from sundog.run.split import open_source, split_source
from sundog.testing.evidence import MemorySource

NARROW = ["sex", "race", "income"]
MIDDLE = ["age", "sex", "education", "workclass"]


@pytest.fixture(scope="module")
def people() -> pa.Table:
    raw = gzip.decompress((files("sundog.data") / "adult.csv.gz").read_bytes())
    table = pa.csv.read_csv(io.BytesIO(raw))
    return table.take(pa.array(Key.root(8).generator().permutation(table.num_rows)))


def refuses(train: pa.Table, holdout: pa.Table, person: str | None = None) -> bool:
    try:
        need_apart(MemorySource(train), MemorySource(holdout), "--holdout", person)
    except RequestError as error:
        return [p.code for p in error.problems] == ["SD-RUN-047"]
    return False


@pytest.mark.parametrize("columns", [NARROW, MIDDLE, None])
@pytest.mark.parametrize("sizes", [(2000, 2000), (4000, 500), (300, 3000), (60, 60)])
def test_other_people_are_taken(people: pa.Table, columns: list[str] | None, sizes: tuple[int, int]) -> None:
    """Narrow tables share nearly every row with fresh people. No refusal in 60 draws in all."""
    table = people if columns is None else people.select(columns)
    for start in range(0, 20_000, 4_000):
        train = table.slice(start, sizes[0])
        assert not refuses(train, table.slice(20_000 + start // 4, sizes[1]))


@pytest.mark.parametrize("columns", [NARROW, MIDDLE, None])
def test_the_training_table_is_refused_in_any_order(people: pa.Table, columns: list[str] | None) -> None:
    table = people.slice(0, 2000) if columns is None else people.select(columns).slice(0, 2000)
    assert refuses(table, table)
    if columns != NARROW:  # two columns of few values have the same counts by accident
        assert refuses(table, table.take(pa.array(np.arange(1999, -1, -1))))


@pytest.mark.parametrize("columns", [MIDDLE, None])
@pytest.mark.parametrize("share", [1.0, 0.5, 0.1])
def test_a_holdout_that_is_partly_learned_from(people: pa.Table, columns: list[str] | None, share: float) -> None:
    table = people if columns is None else people.select(columns)
    train, others = table.slice(0, 3000), table.slice(5000, 1000)
    mixed = pa.concat_tables([train.slice(700, round(1000 * share)), others.slice(0, 1000 - round(1000 * share))])
    assert refuses(train, mixed) == (columns is None or share > 0.1)


def test_running_numbers_that_begin_anew_are_no_overlap(people: pa.Table) -> None:
    narrow = people.select(NARROW)

    def number(table: pa.Table) -> pa.Table:
        field = with_meaning(pa.field("id", pa.int64()), "identifier")
        return table.add_column(0, field, pa.array(np.arange(table.num_rows)))

    train, fresh = number(narrow.slice(0, 2000)), number(narrow.slice(3000, 1500))
    assert not refuses(train, fresh)
    shuffled = train.take(pa.array(Key.root(2).generator().permutation(2000)[:800]))
    assert refuses(train, shuffled)  # the same numbers with the same values


def test_persons_on_both_sides(people: pa.Table) -> None:
    def name(table: pa.Table, first: int) -> pa.Table:
        return table.append_column("who", pa.array([f"p{first + i // 3}" for i in range(table.num_rows)]))

    train = name(people.slice(0, 900), 0)
    assert not refuses(train, name(people.slice(2000, 600), 5000), "who")
    later = name(people.slice(2000, 600), 290)  # ten of the persons, with other rows
    assert refuses(train, later, "who")
    assert not refuses(train, later)


def test_a_copied_table_is_not_passed_against_its_own_training_rows(people: pa.Table, tmp_path: Path) -> None:
    """What it was for: with this holdout every reference is that of a copy."""
    for name, part in (
        ("train", people.slice(0, 300)),
        ("copy", people.slice(0, 300)),
        ("other", people.slice(900, 300)),
    ):
        pa.csv.write_csv(part, tmp_path / f"{name}.csv")
    train = tmp_path / "train.csv"
    with pytest.raises(RequestError, match="SD-RUN-047 at --holdout: 300 of its 300 rows"):
        sundog.audit(tmp_path / "copy.csv", train=train, holdout=train, evidence="quick", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(RequestError, match=r"SD-RUN-047 at parts\.table\.source\.holdout"):
        sundog.replicate(train, tmp_path / "out", holdout=train, method="forest")
    assert not (tmp_path / "out").exists()
    judged = sundog.audit(tmp_path / "copy.csv", train=train, holdout=tmp_path / "other.csv", evidence="quick")
    assert judged.verdict == "withheld"


def test_a_stated_holdout_of_others_is_split(people: pa.Table, tmp_path: Path) -> None:
    pa.csv.write_csv(people.slice(0, 200), tmp_path / "train.csv")
    pa.csv.write_csv(people.slice(200, 100), tmp_path / "other.csv")
    spec = SourceSpec(path=str(tmp_path / "train.csv"), holdout=str(tmp_path / "other.csv"))
    split = split_source(spec, None, Key.root(1), tmp_path / "s", "w")
    assert split.holdout is not None
    assert split.holdout.rows == 100
    assert open_source(spec, spec.path, "w").rows == 200


def hashes(values: np.ndarray) -> np.ndarray:
    return np.stack([values, values * 31 + 7], axis=1).astype(np.uint64)


def test_chance_alone_seldom_refuses() -> None:
    """Draws from one law, from 20 to 20,000 kinds: at most 1 of 200 pairs is refused."""
    refused = 0
    for seed in range(200):
        draw = Key.root(seed).child("kinds").generator()
        kinds = int(10 ** draw.uniform(1.3, 4.3))
        law = draw.dirichlet(np.full(kinds, 0.3))
        first, second = (draw.choice(kinds, int(draw.integers(30, 2000)), p=law) for _ in range(2))
        refused += find_shared_rows(hashes(first), hashes(second)) is not None
        refused += find_same_table(hashes(first), hashes(second)) is not None
    assert refused <= 1


def test_empty_tables_share_nothing() -> None:
    none, some = hashes(np.zeros(0)), hashes(np.arange(5))
    assert find_shared_rows(none, some) is None
    assert find_shared_rows(some, none) is None
    assert find_same_table(none, none) is None
    assert find_same_table(hashes(np.ones(9)), hashes(np.ones(9))) is None  # one kind of row tells nothing
    names = (np.arange(5, dtype=np.uint64), np.arange(5, dtype=np.uint64))
    assert find_shared_names(names, (some, some)) is None  # five are too few to say
