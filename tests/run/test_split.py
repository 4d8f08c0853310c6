"""The split: who is held out, shares kept, persons kept whole, and the training side alone handed on."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.errors import RequestError
from sundog.core.extension import installed
from sundog.core.keys import Key
from sundog.core.notes import Remark, Used
from sundog.core.recipe import SourceSpec
from sundog.run.split import choose_holdout, open_source, split_source
from sundog.testing.evidence import MemorySource

KEY = Key.root(5)
SPEC = SourceSpec(path="x.csv")


def write(folder: Path, name: str = "real.csv", rows: int = 500, **columns: str) -> str:
    lines = ["id,age,city,who"] + [f"r{i},{i % 97},{'nsw'[i % 3]},p{i // 4}" for i in range(rows)]
    (folder / name).write_text("\n".join(lines) + "\n")
    return str(folder / name)


def ids(side: object) -> list[str]:
    return [str(v) for b in side.scan(["id"]) for v in b.column(0).to_pylist()]  # type: ignore[attr-defined]


def test_two_sides_that_make_up_the_whole(tmp_path: Path) -> None:
    path = write(tmp_path)
    split = split_source(SourceSpec(path=path), None, KEY, tmp_path / "a", "parts.p.source")
    assert split.holdout is not None
    train, holdout = ids(split.train), ids(split.holdout)
    assert (len(train), len(holdout)) == (400, 100)
    assert sorted(train + holdout) == sorted(f"r{i}" for i in range(500))
    assert train == sorted(train, key=lambda r: int(r[1:]))
    assert any(isinstance(n, Used) for n in split.train.notes)

    again = split_source(SourceSpec(path=path), None, KEY, tmp_path / "b", "parts.p.source")
    assert ids(again.train) == train
    (tmp_path / "real.csv").unlink()
    kept = split_source(SourceSpec(path=path), None, KEY, tmp_path / "a", "parts.p.source")  # finished: read again
    assert ids(kept.train) == train
    assert kept.train.schema == split.train.schema


def test_another_key_or_share(tmp_path: Path) -> None:
    path = write(tmp_path)
    spec = SourceSpec(path=path, holdout_share=0.5)
    half = split_source(spec, None, KEY, tmp_path / "a", "w")
    other = split_source(spec, None, Key.root(6), tmp_path / "b", "w")
    assert half.holdout is not None
    assert half.holdout.rows == 250
    assert ids(half.train) != ids(other.train)
    none = split_source(SourceSpec(path=path, holdout_share=0), None, KEY, tmp_path / "c", "w")
    assert (none.train.rows, none.holdout) == (500, None)


def source(**columns: object) -> MemorySource:
    return MemorySource(pa.table(columns))


def test_shares_of_a_stratum_are_kept() -> None:
    target = np.array(["rare"] * 30 + ["often"] * 970)
    held = choose_holdout(source(t=pa.array(target)), SPEC, "t", KEY)
    assert held.sum() == 200
    assert held[:30].sum() == 6
    spec = SourceSpec(path="x", stratify="u", holdout_share=0.25)
    both = source(t=pa.array(target), u=pa.array([i % 2 == 0 for i in range(1000)]))
    held = choose_holdout(both, spec, "t", KEY)  # the spec says which
    assert held[::2].sum() == held[1::2].sum() == 125


def test_a_number_is_stratified_by_its_deciles_with_missing_ones_apart() -> None:
    values = [None if i % 10 == 0 else float(i) for i in range(2000)]
    held = choose_holdout(source(t=pa.array(values)), SPEC, "t", KEY)
    assert held.sum() == 400
    assert held[::10].sum() == 40
    assert abs(int(held[:1000].sum()) - 200) <= 5  # one for each decile


def test_values_too_rare_to_share_are_one_stratum() -> None:
    held = choose_holdout(source(t=pa.array([f"v{i}" for i in range(100)])), SPEC, "t", KEY)
    assert held.sum() == 20


def test_a_person_is_never_on_both_sides() -> None:
    who = np.repeat(np.arange(300), np.arange(300) % 5 + 1)
    held = choose_holdout(source(who=pa.array(who)), SourceSpec(path="x", person="who"), None, KEY)
    assert not set(who[held]) & set(who[~held])
    assert len(set(who[held])) == 60


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_tiny_tables_keep_something_to_learn_from(tmp_path: Path, rows: int) -> None:
    split = split_source(SourceSpec(path=write(tmp_path, rows=rows)), None, KEY, tmp_path / "s", "w")
    held = 0 if split.holdout is None else split.holdout.rows
    assert split.train.rows + held == rows
    assert split.train.rows >= 1
    assert any(isinstance(n, Remark) and "only" in n.text for n in split.train.notes)


def test_a_stated_holdout(tmp_path: Path) -> None:
    train = write(tmp_path)
    other = write(tmp_path, "other.csv", rows=30)
    Path(other).write_text(Path(other).read_text().replace("r", "q").replace(",p", ",q").replace(",n,", ",m,"))
    split = split_source(SourceSpec(path=train, holdout=other), None, KEY, tmp_path / "s", "w")
    assert split.holdout is not None
    assert (split.train.rows, split.holdout.rows) == (500, 30)
    assert split.holdout.schema == split.train.schema


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("id,age,city\nr1,3,n\n", "SD-RUN-010", "it lacks who"),
        ("id,age,city,who,more\nr1,3,n,p1,x\n", "SD-RUN-010", "it also has more"),
    ],
)
def test_a_holdout_that_does_not_fit(tmp_path: Path, text: str, code: str, says: str) -> None:
    (tmp_path / "other.csv").write_text(text)
    spec = SourceSpec(path=write(tmp_path), holdout=str(tmp_path / "other.csv"))
    with pytest.raises(RequestError, match=rf"(?s){code} at w.holdout.*{says}"):
        split_source(spec, None, KEY, tmp_path / "s", "w")


def test_a_holdout_of_another_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own reader reads a holdout as the table it goes with; another one may not."""
    other = MemorySource(pa.table({"id": ["r1"], "age": ["old"], "city": ["n"], "who": ["p1"]}))
    monkeypatch.setattr("sundog.run.split.open_like", lambda spec, path, where, schema: other)
    spec = SourceSpec(path=write(tmp_path), holdout="other")
    with pytest.raises(RequestError, match=r"SD-RUN-011 at w.holdout: column 'age' is string in the holdout and int64"):
        split_source(spec, None, KEY, tmp_path / "s", "w")


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    spec = SourceSpec(path=write(tmp_path), stratify="town", person="whom")
    with pytest.raises(RequestError) as caught:
        split_source(spec, None, KEY, tmp_path / "s", "w")
    assert [p.code for p in caught.value.problems] == ["SD-RUN-009", "SD-RUN-009"]
    assert "w.person" in str(caught.value)
    assert "Did you mean 'who'" in str(caught.value)


def test_nothing_to_learn_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = MemorySource(pa.table({"a": pa.array([], pa.int64())}))
    monkeypatch.setattr("sundog.run.split.open_source", lambda spec, path, where: empty)
    with pytest.raises(RequestError, match="SD-RUN-008"):
        split_source(SPEC, None, KEY, tmp_path / "s", "w")


def test_equal_records_of_a_private_part_stand_on_both_sides_and_one_more_moves_no_other(tmp_path: Path) -> None:
    def sides(name: str, rows: list[str]) -> tuple[list[str], list[str]]:
        (tmp_path / f"{name}.csv").write_text("\n".join(["id,sex", *rows]) + "\n")
        spec = SourceSpec(path=str(tmp_path / f"{name}.csv"))
        split = split_source(spec, None, KEY, tmp_path / name, "parts.p.source", private=True)
        assert split.holdout is not None
        return ids(split.train), ids(split.holdout)

    rows = [f"{i % 4},{'mf'[i % 2]}" for i in range(800)]
    train, holdout = sides("all", rows)
    for value in "0123":  # 200 of each: 40 held out, give or take 5 standard deviations
        assert 12 <= holdout.count(value) <= 68
        assert holdout.count(value) + train.count(value) == 200
    fewer_train, fewer_holdout = sides("fewer", rows[1:])
    more = (sorted(train), sorted(holdout))
    assert more in (
        (sorted([*fewer_train, "0"]), sorted(fewer_holdout)),
        (sorted(fewer_train), sorted([*fewer_holdout, "0"])),
    )


def test_tables_that_ship_with_sundog() -> None:
    found = open_source(SPEC, "builtin:adult.csv.gz", "w")
    assert found.rows > 40_000
    with pytest.raises(RequestError, match=r"(?s)SD-RUN-029.*Did you mean 'adult.csv.gz'"):
        open_source(SPEC, "builtin:adlt.csv", "w")


def test_a_source_that_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sundog.run.split.installed", lambda group: {})
    with pytest.raises(RequestError, match="SD-RUN-007"):
        open_source(SPEC, "x.csv", "w")
    assert installed("sundog.sources")


def test_packed_sources_split_the_same(tmp_path: Path) -> None:
    path = Path(write(tmp_path))
    packed = tmp_path / "packed.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    sides = [split_source(SourceSpec(path=str(p)), None, KEY, tmp_path / p.stem, "w").train for p in (path, packed)]
    assert ids(sides[0]) == ids(sides[1])
