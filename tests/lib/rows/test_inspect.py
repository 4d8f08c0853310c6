"""What `inspect` says of a table, and that it names nobody."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pytest

from sundog.core.notes import Note, Remark
from sundog.lib.rows.infer_profile import Watch
from sundog.lib.rows.inspect import Inspection, format_inspection, inspect_source
from sundog.lib.rows.read import open_files

ADULT = str(files("sundog.data") / "adult.csv.gz")


def people(rows: int = 300) -> str:
    lines = ["patient_id,email,born,visits,cost,sex,note,town,rare"]
    for i in range(rows):
        person = i % 90
        cost = 0 if i % 3 == 0 else 10 + i * 7919 % 900 + 0.25
        lines.append(
            f"{70000 + person},p{person}@example.org,19{person % 80 + 10}-0{person % 9 + 1}-1{person % 9},{i % 40},{cost:.2f},"
            f"{'fm'[i % 2]},patient {person} was seen in room {i} of the ward,{['Ulm', 'Bonn', 'NA'][i % 3]},{f'secret{i}' if i < 5 else 'usual'}"
        )
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Inspection:
    path = tmp_path_factory.mktemp("people") / "people.csv"
    path.write_text(people())
    return inspect_source(open_files(str(path)), rules=("born <= visits",))


def test_meanings_and_reasons(seen: Inspection) -> None:
    assert {c.name: (c.meaning, c.pattern) for c in seen.columns} == {
        "patient_id": ("identifier", "key"),
        "email": ("identifier", "email"),
        "born": ("time", ""),
        "visits": ("number", ""),
        "cost": ("number", ""),
        "sex": ("category", ""),
        "note": ("text", "prose"),
        "town": ("category", ""),
        "rare": ("category", ""),
    }
    assert all(c.why for c in seen.columns)
    assert seen.rows == 300
    assert seen.person == "patient_id"
    assert "3.3 rows for each" in seen.person_why


def test_numbers_of_columns(seen: Inspection) -> None:
    columns = {c.name: c for c in seen.columns}
    assert (columns["visits"].low, columns["visits"].median, columns["visits"].high) == ("0", "18", "39")
    assert columns["cost"].decimals == 2
    assert [(s.value, round(s.share, 3)) for s in columns["cost"].spikes] == [("0", 0.333)]
    assert columns["town"].missing == pytest.approx(1 / 3)
    assert columns["town"].missing_tokens == {"NA": 100}
    assert {v.value: round(v.share, 2) for v in columns["town"].values} == {"Ulm": 0.5, "Bonn": 0.5}
    assert columns["email"].distinct == 90
    assert columns["email"].distinct_exact


def test_nothing_that_names_a_person_is_shown(seen: Inspection) -> None:
    for text in (json.dumps(dataclasses.asdict(seen)), format_inspection(seen)):
        for hidden in ("70000", "70089", "@example.org", "was seen in room", "secret"):
            assert hidden not in text
    rare = next(c for c in seen.columns if c.name == "rare")
    assert [v.value for v in rare.values] == ["usual"]


def test_the_table_for_a_terminal(seen: Inspection) -> None:
    lines = format_inspection(seen).splitlines()
    assert lines[0] == "300 rows, 9 columns"
    assert lines[1].startswith("  people.csv  sha256 ")
    head = next(line for line in lines if line.startswith("column"))
    row = lines[lines.index(head) + 1]
    assert row.startswith("patient_id")
    assert row.index("int64") == head.index("type")
    assert lines[lines.index(head) + 2].startswith("    why: named 'patient_id'")
    text = "\n".join(lines)
    assert "--person patient_id" in text
    assert "Never copied: patient_id, email, note." in text
    assert "born <= visits" in text
    assert str(seen) == text
    assert "born &lt;= visits" in seen._repr_html_()


def test_the_sample_that_ships_with_sundog() -> None:
    seen = inspect_source(open_files(ADULT))
    columns = {c.name: c for c in seen.columns}
    assert not seen.person
    assert [s.value for s in columns["capital_gain"].spikes] == ["0"]
    assert [s.value for s in columns["hours_per_week"].spikes] == ["40"]
    assert (columns["age"].low, columns["age"].median, columns["age"].high) == ("17", "37", "90")
    assert [v.value for v in columns["sex"].values] == ["Male", "Female"]
    assert all(c.missing == 0 for c in seen.columns)


@dataclasses.dataclass(frozen=True)
class Plain:
    """A source that was not profiled while it was read."""

    table: pa.Table
    notes: tuple[Note, ...] = (Remark("x", "a remark about x"), Remark("table", "a remark"))

    @property
    def schema(self) -> pa.Schema:
        return self.table.schema

    @property
    def rows(self) -> int:
        rows: int = self.table.num_rows
        return rows

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        yield from (self.table if columns is None else self.table.select(columns)).to_batches(max_chunksize=1000)


def test_a_source_of_another_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sundog.lib.rows.infer_profile.choose_cap", lambda _: 100)  # so that the ends are looked up
    table = pa.table(
        {
            "x": pa.array([None if i % 10 == 0 else i * 7919 % 5003 * 7 for i in range(5000)]),
            "when": pa.array([i * 7919 % 5003 for i in range(5000)], pa.int64()).cast(pa.timestamp("us")),
        }
    )
    known = sorted(v for v in table["x"].to_pylist() if v is not None)
    seen = inspect_source(Plain(table))
    x, when = seen.columns
    assert not x.distinct_exact
    assert (x.low, x.median, x.high) == (str(known[0]), str(known[(len(known) - 1) // 2]), str(known[-1]))
    assert when.low == "1970-01-01 00:00:00"
    assert x.remarks == ("a remark about x",)
    assert seen.remarks == ("table: a remark",)


def test_names_that_would_spoil_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('"a\x1b[31m",' + "b" * 100 + "\n1,x\n")
    text = format_inspection(inspect_source(open_files(str(path))))
    assert "\x1b" not in text.splitlines()[4]
    assert "b" * 100 not in text.splitlines()[6]


def test_an_estimate_is_said_to_be_one() -> None:
    watch = Watch(pa.int64(), 10)
    watch.observe(pa.array(range(1000)))
    assert not watch.conclude("a", {}).exact
    table = pa.table({"a": list(range(200_000))})
    assert "about " in format_inspection(inspect_source(Plain(table)))


def test_identifiers_that_cannot_all_be_different_are_told(tmp_path: Path) -> None:
    numbers = [f"+49 30 {23_000_000 + 37 * i}" for i in range(1500)]
    (tmp_path / "p.csv").write_text("phone,key\n" + "".join(f"{n},C-{i:07d}\n" for i, n in enumerate(numbers)))
    phone, key = inspect_source(open_files(str(tmp_path / "p.csv"), "auto", {}), ()).columns
    assert "there are only 1,000 such values" in "; ".join(phone.remarks)
    assert key.remarks == ()
