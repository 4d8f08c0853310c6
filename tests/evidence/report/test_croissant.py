"""croissant.json: what the format's own library says about it."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sundog.evidence.report.croissant import croissant_type, render_croissant
from sundog.evidence.report.data import ColumnFacts, DataFile, PartFacts, Report, TableFacts

VALIDATE = """
import json, sys
import mlcroissant

data = mlcroissant.Dataset(sys.argv[1])
issues = data.metadata.issues
rows = {r.uuid: [[str(v) for v in row.values()] for row in data.records(r.uuid)] for r in data.metadata.record_sets}
print(json.dumps({"errors": sorted(issues.errors), "warnings": sorted(issues.warnings), "rows": rows}))
"""


def validate(python: Path, folder: Path) -> dict[str, object]:
    done = subprocess.run(
        [str(python), "-c", VALIDATE, str(folder / "croissant.json")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return said


def write_bundle(folder: Path, tables: dict[str, list[pa.Table]]) -> tuple[Report, tuple[DataFile, ...]]:
    files, facts = [], []
    for table, pieces in tables.items():
        for number, piece in enumerate(pieces):
            path = folder / f"data/people/{table}/part-{number:05d}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(piece, path)
            raw = path.read_bytes()
            files.append(
                DataFile(
                    path=str(path.relative_to(folder)),
                    sha256=hashlib.sha256(raw).hexdigest(),
                    bytes=len(raw),
                    table=table,
                    part="people",
                )
            )
        columns = tuple(ColumnFacts(name=f.name, type=str(f.type)) for f in pieces[0].schema)
        facts.append(TableFacts(name=table, rows=sum(p.num_rows for p in pieces), columns=columns))
    part = PartFacts(name="people", kind="tables", count_noun="rows", accepted=3, attempted=3, tables=tuple(facts))
    report = Report(
        name="twin", title="Twin", verdict="released", level="full", licence="CC BY 4.0", parts=(part,), version="0.1.0"
    )
    return report, tuple(files)


def test_the_official_reader_accepts_it_and_reads_the_rows(
    validator_python: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = pa.table(
        {
            "age": pa.array([31, 45, None], pa.int64()),
            "wage": [1.5, 2.5, 3.5],
            "job": ["a", "b", None],
            "free": [True, False, True],
            "born": pa.array([0, 1, 2], pa.date32()),
        }
    )
    report, files = write_bundle(tmp_path, {"people": [whole], "visits": [whole.slice(0, 2), whole.slice(2)]})
    (tmp_path / "croissant.json").write_text(json.dumps(render_croissant(report, files)), encoding="utf-8")
    said = validate(validator_python("croissant"), tmp_path)
    assert said["errors"] == []
    allowed = ("citeAs", "datePublished", "url")  # not known when a bundle is sealed
    assert [w for w in said["warnings"] if not any(f'/{a}"' in w for a in allowed)] == []
    assert len(said["rows"]["people/people"]) == 3
    assert said["rows"]["people/people"][0][1:3] == ["1.5", "b'a'"]
    assert len(said["rows"]["people/visits"]) == 3, "both files of the table"


def test_hostile_names_are_described_and_validated(
    sample: ModuleType, validator_python: Callable[[str], Path], tmp_path: Path
) -> None:
    names = [n for n in sample.hostile_names() if "\ud800" not in n]
    table = pa.table({name: [i, i + 1] for i, name in enumerate(names)})
    report, files = write_bundle(tmp_path, {"people": [table]})
    (tmp_path / "croissant.json").write_text(json.dumps(render_croissant(report, files)), encoding="utf-8")
    said = validate(validator_python("croissant"), tmp_path)
    assert said["errors"] == []
    numbers = [i for i, name in enumerate(names) if name]  # Croissant has no word for a column without a name
    assert said["rows"]["people/people"] == [[str(i) for i in numbers], [str(i + 1) for i in numbers]]


def test_every_file_stands_with_its_hash_and_every_column_with_its_type(sample: ModuleType) -> None:
    report, files = sample.make_report(), sample.make_files()
    said = render_croissant(report, files)
    assert "http://mlcommons.org/croissant/1.1" in said["conformsTo"]
    assert said["rai:hasSyntheticData"] is True
    assert [(f["contentUrl"], f["sha256"]) for f in said["distribution"]] == [(files[0].path, files[0].sha256)]
    fields = said["recordSet"][0]["field"]
    assert [f["source"]["extract"]["column"] for f in fields] == list(sample.COLUMNS)
    assert {f["dataType"] for f in fields} == {"sc:Integer", "sc:Text"}
    ids = [f["@id"] for f in fields]
    assert len(set(ids)) == len(ids)
    json.dumps(said, allow_nan=False)


def test_ids_stay_unique_where_names_are_alike(sample: ModuleType) -> None:
    columns = tuple(ColumnFacts(name=n, type="int64") for n in sample.hostile_names())
    part = PartFacts(name="people", kind="tables", count_noun="rows", accepted=1, attempted=1, tables=(TableFacts(name="people", rows=1, columns=columns),))  # fmt: skip
    said = render_croissant(Report(name="x", title="x", verdict="released", parts=(part,)), sample.make_files())
    ids = [f["@id"] for f in said["recordSet"][0]["field"]]
    assert len(set(ids)) == len(columns) - 1
    assert "without a name is not described" in said["recordSet"][0]["description"]
    assert max(map(len, ids)) < 200


def test_a_withheld_dataset_says_so(sample: ModuleType) -> None:
    said = render_croissant(sample.make_report("withheld"), sample.make_files())
    assert "withheld and must not be used" in said["description"]
    assert any("Rows nearly equal" in t for t in said["rai:dataLimitations"])


@pytest.mark.parametrize(
    ("arrow", "kind"),
    [
        (pa.int8(), "sc:Integer"),
        (pa.uint64(), "sc:Integer"),
        (pa.float32(), "sc:Float"),
        (pa.decimal128(10, 2), "sc:Float"),
        (pa.bool_(), "sc:Boolean"),
        (pa.string(), "sc:Text"),
        (pa.date32(), "sc:Date"),
        (pa.timestamp("us", "UTC"), "sc:DateTime"),
        (pa.time64("us"), "sc:Time"),
        (pa.duration("s"), "sc:Text"),
        (pa.binary(), "sc:Text"),
        (pa.dictionary(pa.int32(), pa.string()), "sc:Text"),
    ],
)
def test_arrow_types(arrow: pa.DataType, kind: str) -> None:
    assert croissant_type(str(arrow)) == (kind, False)


def test_a_list_is_a_repeated_field() -> None:
    assert croissant_type(str(pa.list_(pa.float64()))) == ("sc:Float", True)
