"""SenML packs: what a table says comes back, in JSON as in CBOR, and what cannot be said is refused."""

from __future__ import annotations

import base64
import datetime
import json
import math
from pathlib import Path
from typing import Any

import cbor2
import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given

from sundog.core.errors import RequestError
from sundog.core.extension import find
from sundog.export._cbor import decode, encode
from sundog.export._senml_read import LABELS, Record, read_pack
from sundog.export.extension import SenmlOut
from sundog.export.senml import SenmlExporter
from sundog.testing.bundle import MemoryBundle

START = 1_700_000_000
ROWS = 50
WIDE = pa.table(
    {
        "device": [f"d-{i // 10}" for i in range(ROWS)],
        "time": pa.array([(START * 10**6) + i * 60_000_123 for i in range(ROWS)], pa.timestamp("us", "UTC")),
        "temperature": [None if i % 7 == 0 else 20 + i / 8 for i in range(ROWS)],
        "count": pa.array([i * 10**12 for i in range(ROWS)], pa.int64()),
        "open": [None if i % 3 == 0 else i % 2 == 0 for i in range(ROWS)],
        "state": pa.array([("on", 'o"ff\n', "é")[i % 3] for i in range(ROWS)]).dictionary_encode(),
        "raw": [bytes([i, 255]) for i in range(ROWS)],
    }
)
LONG = pa.table(
    {
        "device_id": pa.array([7, 7, 8], pa.int64()),
        "channel": ["temperature", "pressure", "temperature"],
        "time": pa.array([START, START + 1, START + 2], pa.timestamp("s")),
        "value": [21.5, 1013.25, -0.0],
        "unit": ["°C", "hPa", None],
    }
)


def export(folder: Path, table: pa.Table, form: str = "json", batch: int = 16, **options: Any) -> bytes:
    spec = SenmlOut.model_validate({"form": form, **options})
    bundle = MemoryBundle({"readings": {"rows": table}}, batch=batch)
    (path,) = SenmlExporter().write(spec, bundle, str(folder / form / str(batch)))
    assert path.endswith(".senml" if form == "json" else ".senmlc")
    return Path(path).read_bytes()


def refuse(folder: Path, table: pa.Table, **options: Any) -> list[str]:
    with pytest.raises(RequestError) as caught:
        export(folder, table, **options)
    assert not [p for p in folder.rglob("*") if p.is_file()]
    return [problem.code for problem in caught.value.problems]


@pytest.mark.parametrize("form", ["json", "cbor"])
@pytest.mark.parametrize("batch", [1, 7, 64])
def test_a_column_for_each_channel_comes_back(tmp_path: Path, form: Any, batch: int) -> None:
    found = read_pack(export(tmp_path, WIDE, form, batch, units="temperature=degC", prefix="urn:dev:ops:32473-"), form)
    expected = []
    for row in WIDE.to_pylist():
        for column in ("temperature", "count", "open", "state", "raw"):
            if row[column] is not None:
                name = f"urn:dev:ops:32473-{row['device']}:{column}"
                unit = "Cel" if column == "temperature" else None
                expected.append(Record(name, row["time"].timestamp(), row[column], unit))
    assert found == expected
    assert {type(r.value) for r in found} == {float, int, bool, str, bytes}


@pytest.mark.parametrize("form", ["json", "cbor"])
def test_a_row_for_each_reading_comes_back(tmp_path: Path, form: Any) -> None:
    data = export(tmp_path, LONG, form)
    assert read_pack(data, form) == [
        Record("7:temperature", START, 21.5, "Cel"),
        Record("7:pressure", START + 1, 1013.25, "hPa"),
        Record("8:temperature", START + 2, 0.0, None),
    ]
    # hPa is a secondary unit, which the version must announce (RFC 9100).
    first = json.loads(data)[0] if form == "json" else cbor2.loads(data)[0]
    assert first["bver" if form == "json" else LABELS["bver"]] == 26


def test_the_bytes_do_not_depend_on_batches(tmp_path: Path) -> None:
    for form in ("json", "cbor"):
        assert len({export(tmp_path, WIDE, form, batch) for batch in (1, 3, 64)}) == 1


def test_json_and_cbor_as_others_read_them(tmp_path: Path) -> None:
    """Python's json and cbor2 see the same records; labels of CBOR are the numbers of the standard."""
    text = json.loads(export(tmp_path, WIDE))
    other = cbor2.loads(export(tmp_path, WIDE, "cbor"))
    assert len(text) == len(other) > 3 * ROWS
    for a, b in zip(text, other, strict=True):
        if "vd" in a:
            a["vd"] = base64.urlsafe_b64decode(a["vd"] + "==")
        assert {LABELS[label]: value for label, value in a.items()} == b


def test_each_label_has_the_number_of_the_standard() -> None:
    assert LABELS == {
        "bver": -1, "bn": -2, "bt": -3, "bu": -4, "bv": -5, "bs": -6,
        "n": 0, "u": 1, "v": 2, "vs": 3, "vb": 4, "s": 5, "t": 6, "ut": 7, "vd": 8,
    }  # fmt: skip


ITEMS = st.recursive(
    st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(-30, 300) | st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(ITEMS)
def test_our_cbor_is_that_of_cbor2(value: Any) -> None:
    """The deterministic form of RFC 8949 4.2.1, byte by byte, and back."""
    data = encode(value)
    assert repr(_sorted(cbor2.loads(data))) == repr(_sorted(value))
    if not _has_map(value):  # cbor2's canonical form orders keys by length first, as RFC 7049 did
        assert data == cbor2.dumps(value, canonical=True)
    assert repr(_sorted(decode(data))) == repr(_sorted(value))
    assert encode(decode(data)) == data


def _has_map(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_map, value)))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted(((encode(k), _sorted(v)) for k, v in value.items()))
    return [_sorted(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "data",
    [
        "",
        "00ff",
        "9f00",
        "1817",
        "190017",
        "1c",
        "a1",
        "a200000000",
        "6161ff"[:2],
        "f6",
        "c100",
        "fb00",
        "62c328",
        "a1f400",
    ],
)
def test_broken_cbor_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decode(bytes.fromhex(data))


def test_base_fields_are_resolved() -> None:
    """The rules of RFC 8428, section 4, on a pack that uses all of them."""
    pack = [
        {"bn": "urn:dev:ow:10e2073a01080063:", "bt": 1.276020076e9, "bu": "A", "bv": 100, "bs": 5, "n": "voltage", "u": "V", "v": 20.1},
        {"n": "current", "t": -5, "v": 1.2, "ut": 30},
        {"n": "current", "s": 7},
        {"bn": "x/", "n": "y", "vs": "up", "other": 1},
    ]  # fmt: skip
    expected = [
        Record("urn:dev:ow:10e2073a01080063:voltage", 1.276020076e9, 120.1, "V", 5),
        Record("urn:dev:ow:10e2073a01080063:current", 1.276020071e9, 101.2, "A", 5, 30),
        Record("urn:dev:ow:10e2073a01080063:current", 1.276020076e9, 100, "A", 12),
        Record("x/y", 1.276020076e9, "up", "A", 5),
    ]
    assert read_pack(json.dumps(pack).encode(), "json") == expected
    numbered = [{LABELS.get(label, label): value for label, value in fields.items()} for fields in pack]
    assert read_pack(cbor2.dumps(numbered), "cbor") == expected


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({"v": 1}, "not a name"),
        ({"n": "-a", "v": 1}, "not a name"),
        ({"n": "a b", "v": 1}, "not a name"),
        ({"n": "a"}, "neither a value nor a sum"),
        ({"n": "a", "v": 1, "vs": "x"}, "more than one value"),
        ({"n": "a", "v": "1"}, "not a number"),
        ({"n": "a", "v": True}, "not a number"),
        ({"n": 1, "v": 1}, "not a text"),
        ({"n": "a", "vb": 1}, "not true or false"),
        ({"n": "a", "vd": "a+/="}, "base64url"),
        ({"n": "a", "v": 1, "u": "hPa"}, "not a unit"),
        ({"n": "a", "v": 1, "u": "C°"}, "not a unit"),
        ({"n": "a", "v": 1, "new_": 1}, "must be understood"),
        ({"n": "a", "v": 1, "bver": 11}, "not known"),
        ({"n": "a", "v": 1, "bver": 0}, "positive"),
    ],
)
def test_the_reader_is_strict(record: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        read_pack(json.dumps([record]).encode(), "json")
    assert read_pack(json.dumps([{"n": "a", "v": 1, "u": "hPa", "bver": 26}]).encode(), "json")


@pytest.mark.parametrize(
    "text",
    [
        '{"n":"a","v":1}',
        "[1]",
        '[{"n":"a","v":NaN}]',
        '[{"n":"a","n":"b","v":1}]',
        '[{"n":"a","v":1},{"bver":26,"n":"a","v":1}]',
    ],
)
def test_what_is_no_pack_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_pack(text.encode(), "json")


def test_readings_that_are_missing_give_no_record(tmp_path: Path) -> None:
    table = pa.table({"x": [1.0, None, math.nan, math.inf, 2.0], "y": [None, None, 3.0, None, None]})
    for form in ("json", "cbor"):
        found = read_pack(export(tmp_path, table, form), form)
        assert [(r.name, r.value, r.time) for r in found] == [
            ("readings:x", 1, 0),
            ("readings:y", 3, 0),
            ("readings:x", 2, 0),
        ]
    empty = WIDE.slice(0, 0)
    assert json.loads(export(tmp_path / "none", empty)) == []
    assert read_pack(export(tmp_path / "none", empty, "cbor"), "cbor") == []


@pytest.mark.parametrize("form", ["json", "cbor"])
@pytest.mark.parametrize(
    "times",
    [
        pa.array([START * 10**9 + 123_456_789], pa.timestamp("ns")),
        pa.array([START * 1000 + 5], pa.timestamp("ms", "Europe/Berlin")),
        pa.array([START]),
        pa.array([START + 0.25]),
    ],
)
def test_times_of_any_kind(tmp_path: Path, form: Any, times: pa.Array) -> None:
    (record,) = read_pack(export(tmp_path, pa.table({"t": times, "x": [1]}), form, time="t"), form)
    ticks = times.cast(pa.int64() if not pa.types.is_floating(times.type) else pa.float64())[0].as_py()
    per_second = (
        {"s": 1, "ms": 1000, "us": 10**6, "ns": 10**9}[times.type.unit] if pa.types.is_timestamp(times.type) else 1
    )
    assert record.time == pytest.approx(ticks / per_second, abs=2e-7)


def test_days_and_text_are_texts(tmp_path: Path) -> None:
    table = pa.table({"day": [datetime.date(2024, 2, 29)], "span": pa.array([90], pa.duration("s"))})
    for form in ("json", "cbor"):
        assert [r.value for r in read_pack(export(tmp_path, table, form), form)] == ["2024-02-29", "PT1M30S"]


def test_only_tables_with_the_named_columns_are_exported(tmp_path: Path) -> None:
    bundle = MemoryBundle({"iot": {"devices": pa.table({"device": ["a"], "model": ["m"]}), "readings": WIDE}})
    spec = SenmlOut(time="time", columns="temperature", select="device = 'd-1'")
    (path,) = SenmlExporter().write(spec, bundle, str(tmp_path))
    assert path.endswith("/iot.readings.senml")
    assert {r.name for r in read_pack(Path(path).read_bytes(), "json")} == {"d-1:temperature"}


def test_what_cannot_be_mapped_is_refused(tmp_path: Path) -> None:
    one = {"time": pa.array([START], pa.timestamp("s")), "x": [1.0]}
    assert refuse(tmp_path, WIDE, time="times") == ["SD-EXPORT-015"]
    assert refuse(tmp_path, WIDE, units="temperature=Celsiu, count") == ["SD-EXPORT-016", "SD-EXPORT-016"]
    assert refuse(tmp_path, LONG.drop_columns("channel"), value="value") == ["SD-EXPORT-017"]
    assert refuse(tmp_path, pa.table({"time": one["time"]})) == ["SD-EXPORT-017"]
    assert refuse(tmp_path, WIDE.append_column("u", [["V"] * ROWS]), unit="u") == ["SD-EXPORT-017"]
    assert refuse(tmp_path, pa.table({"hours per week": [1]})) == ["SD-EXPORT-018"]
    assert refuse(tmp_path, pa.table({"x": [1]}), prefix="ä") == ["SD-EXPORT-018"]
    assert refuse(tmp_path, pa.table({**one, "device": ["-a"]})) == ["SD-EXPORT-018"]
    assert refuse(tmp_path, pa.table({"time": ["now"], "x": [1.0], "device": ["a"]})) == ["SD-EXPORT-019"]
    assert refuse(tmp_path, pa.table({**one, "list": [[1]]})) == ["SD-EXPORT-020"]
    assert refuse(tmp_path, pa.table({**one, "device": [1.5]})) == ["SD-EXPORT-021"]
    assert refuse(tmp_path, pa.table({**one, "device": pa.array([None], pa.string())})) == ["SD-EXPORT-022"]
    unknown = LONG.set_column(4, "unit", pa.array(["V", "furlong", None]))
    assert refuse(tmp_path, unknown) == ["SD-EXPORT-023"]
    assert refuse(tmp_path, unknown, form="cbor") == ["SD-EXPORT-023"]
    for time in (None, 2**28 - 1):
        assert refuse(tmp_path, pa.table({"time": pa.array([time], pa.timestamp("s")), "x": [1]})) == ["SD-EXPORT-024"]
    assert refuse(tmp_path, pa.table({"time": [math.nan], "x": [1]})) == ["SD-EXPORT-024"]


def test_it_is_installed() -> None:
    assert find("sundog.exporters", "senml").spec is SenmlOut


def test_numbers_keep_their_value(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    values = np.concatenate(
        [draw.normal(size=300) * 10.0 ** draw.integers(-300, 300, 300), np.rint(draw.normal(size=300) * 1e4)]
    )
    for form in ("json", "cbor"):
        found = read_pack(export(tmp_path, pa.table({"x": values}), form), form)
        assert [float(r.value) for r in found] == values.tolist()  # type: ignore[arg-type]
