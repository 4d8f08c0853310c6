"""What the report shows of streams is what lies in the rows; and SenML packs of the fleet, as others read them."""

from __future__ import annotations

import json
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import cbor2
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import yaml

from sundog.core.findings import Bars, Curve
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.recipe import Recipe
from sundog.core.tables import UNIT
from sundog.export.extension import SenmlOut
from sundog.export.senml import SenmlExporter
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.checks_streams import StreamsShown
from sundog.kinds.records.recipe import RecordsPart, StreamsCheck
from sundog.kinds.records.synthesize import RecordsSampler
from sundog.testing.bundle import MemoryBundle
from sundog.testing.evidence import MemoryEvidence

SAID = yaml.safe_load(files("sundog.kinds.records").joinpath("recipes/iot.yaml").read_text())["parts"]["fleet"]
PART = RecordsPart.model_validate(SAID)
LABELS = {
    "bn": -2, "bt": -3, "n": 0, "u": 1, "v": 2, "vs": 3, "vb": 4, "t": 6, "bver": -1,
}  # fmt: skip
"""Keys of CBOR in RFC 8428, table 4."""


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    noted = RecordsSampler(compile_part(PART)).sample(Shard("fleet", 0, range(4), Key.root(1)), {})
    return {
        n: pa.Table.from_batches([b.drop_columns(UNIT) if UNIT in b.schema.names else b])
        for n, b in noted.value.items()
    }


def look(part: RecordsPart, tables: dict[str, pa.Table]) -> MemoryEvidence:
    return MemoryEvidence(
        Recipe.model_construct(name="trial", parts={"fleet": part}, seed=0), part, "fleet", "quick", tables
    )


def test_it_tells_what_lies_in_the_rows(tables: dict[str, pa.Table]) -> None:
    evidence = look(PART, tables)
    assert StreamsShown().applies(evidence)
    answer = StreamsShown().run(StreamsCheck(), evidence, None)
    rows = tables["readings"]
    told = {(f.check, f.subject): f for f in answer.findings}
    assert len(told) == 9
    humidity = told["validity.readings", "readings.humidity"]
    assert humidity.value == 1 - rows["humidity"].null_count / rows.num_rows
    faulty = pc.sum(pc.not_equal(rows["co2_fault"], "none")).as_py() / rows.num_rows
    assert told["validity.faults", "readings.co2"].value == pytest.approx(faulty)
    assert "burst" in told["validity.faults", "readings.co2"].why
    memory = told["validity.memory", "readings.humidity"].value
    assert memory is not None
    assert 0.9 < memory < 1
    pieces = [e for e in answer.exhibits if isinstance(e.drawing, Curve)]
    assert len(pieces) == 3
    (shares,) = [e for e in answer.exhibits if isinstance(e.drawing, Bars)]
    assert shares.title == "Faults in readings"
    (piece,) = [e for e in pieces if e.title.startswith("readings.temperature of dev-")]
    assert isinstance(piece.drawing, Curve)
    lines = {s.name: s.y for s in piece.drawing.series}
    assert set(lines) == {"reading", "true value", "in a fault"}
    assert len(lines["reading"]) == 240
    assert (np.diff(piece.drawing.x) >= 0).all()
    assert piece.drawing.unit == "Cel"
    marked = [i for i, v in enumerate(lines["in a fault"]) if v is not None]
    assert 1 < len(marked) < 200
    assert all(lines["in a fault"][i] == lines["reading"][i] for i in marked)


def test_tables_without_readings_or_rows_have_nothing_to_tell(tables: dict[str, pa.Table]) -> None:
    empty = {n: t.slice(0, 0) for n, t in tables.items()}
    assert StreamsShown().run(StreamsCheck(), look(PART, empty), None).findings == ()
    said = {**SAID, "tables": {"devices": {"fields": {"device": {"type": "sequence"}}}}}
    assert not StreamsShown().applies(look(RecordsPart.model_validate(said), tables))


def export(folder: Path, tables: dict[str, pa.Table], form: str, **options: Any) -> list[Any]:
    bundle = MemoryBundle({"fleet": tables})
    paths = SenmlExporter().write(SenmlOut.model_validate({"form": form, **options}), bundle, str(folder / form))
    (path,) = [p for p in paths if "readings" in p]
    data = Path(path).read_bytes()
    return json.loads(data) if form == "json" else cbor2.loads(data)  # type: ignore[no-any-return]


@pytest.mark.parametrize("form", ["json", "cbor"])
def test_senml_packs_hold_the_readings_as_others_read_them(
    tmp_path: Path, tables: dict[str, pa.Table], form: str
) -> None:
    """Records are resolved here by the rules of RFC 8428, section 4.1, and not by a reader of ours."""
    cut = {**tables, "readings": tables["readings"].slice(0, 3000)}
    pack = export(tmp_path, cut, form, columns="temperature, humidity, co2, again")
    label = LABELS if form == "cbor" else {name: name for name in LABELS}
    found: dict[str, dict[tuple[str, float], list[Any]]] = defaultdict(lambda: defaultdict(list))
    base, time, units = "", 0.0, {}
    for record in pack:
        base, time = record.get(label["bn"], base), record.get(label["bt"], time)
        device, _, channel = (base + record.get(label["n"], "")).partition(":")
        at = round(time + record.get(label["t"], 0), 6)
        value = record.get(label["v"], record.get(label["vb"]))
        found[channel][device, at].append(value)
        units[channel] = record.get(label["u"])
    assert units == {"temperature": "Cel", "humidity": "%RH", "co2": "ppm", "again": None}
    rows = cut["readings"]
    seconds = [round(t / 1e6, 6) for t in rows["time"].cast(pa.int64()).to_pylist()]
    for channel in units:
        expected = defaultdict(list)
        for device, at, value in zip(rows["device"].to_pylist(), seconds, rows[channel].to_pylist(), strict=True):
            if value is not None:
                expected[device, at].append(value)
        assert dict(found[channel]) == dict(expected), channel


def test_everything_of_the_fleet_can_be_exported(tmp_path: Path, tables: dict[str, pa.Table]) -> None:
    paths = SenmlExporter().write(SenmlOut(), MemoryBundle({"fleet": tables}), str(tmp_path))
    assert sorted(Path(p).name for p in paths) == ["fleet.devices.senml", "fleet.faults.senml", "fleet.readings.senml"]
