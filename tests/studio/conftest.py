"""A small bundle written by hand, and its studio on a port of its own."""

from __future__ import annotations

import datetime
import decimal
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sundog.evidence.report.data import Report, RunFacts
from sundog.evidence.report.html import render_html
from sundog.run.stage_files import pack_units
from sundog.studio.serve import serve

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
)
EVIL = '<img src=x onerror="window.hacked = 1">'


def people() -> pa.Table:
    """120 rows of everything that a cell can hold."""
    n = 120
    day = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    return pa.table(
        {
            "id": pa.array(range(n), pa.int64()),
            "name": pa.array([None if i % 7 == 3 else f"Person {i}" for i in range(n)]),
            EVIL: [EVIL] * n,
            "wage": pa.array([float("nan") if i == 2 else i / 8 for i in range(n)]),
            "exact": pa.array([decimal.Decimal(i) / 4 for i in range(n)], pa.decimal128(10, 2)),
            "seen": pa.array([day + datetime.timedelta(hours=i) for i in range(n)], pa.timestamp("ns", "UTC")),
            "far": pa.array([4_000_000 + i for i in range(n)], pa.date32()),
            "took": pa.array(range(n), pa.duration("s")),
            "job": pa.array(["nurse" if i % 40 == 5 else "none" for i in range(n)]).dictionary_encode(),
            "tags": pa.array([[f"t{i}", "x"] for i in range(n)]),
            "face": pa.array([PIXEL if i == 0 else b"\x00\x01" for i in range(n)], pa.binary()),
            "a.b": [True] * n,
            "": ["blank"] * n,
            "long": ["z" * 50_000] * n,
        }
    )


def write(path: Path, table: pa.Table, units: np.ndarray, group: int = 1_000) -> dict[str, object]:
    path.parent.mkdir(parents=True, exist_ok=True)
    marked = table.replace_schema_metadata({b"sundog.units": pack_units(units.astype(np.uint64))})
    pq.write_table(marked, path, row_group_size=group)
    return {"path": str(path), "rows": table.num_rows}


def write_bundle(folder: Path) -> Path:
    """Two parts: one with rejected units, one table of 100 columns."""
    table, wide = people(), pa.table({f"c{i:03d}": list(range(5)) for i in range(100)})
    for number, (start, stop) in enumerate(((0, 50), (50, 50), (50, 120))):
        write(
            folder / f"data/people/people/part-{number:05d}.parquet",
            table.slice(start, stop - start),
            np.arange(start, stop),
            20,
        )
    write(folder / "data/wide/wide/part-00000.parquet", wide, np.arange(5))
    reasons = pa.table({"unit": pa.array([7, 9, 1_000_003], pa.uint64()), "reason": ["copy", "constraint", "constraint"], "detail": ["", EVIL, "a > b"]})  # fmt: skip
    write(folder / "rejected/people/reasons.parquet", reasons, np.array([7, 9, 1_000_003]))
    write(folder / "rejected/people/people/part-00000.parquet", table.slice(0, 2), np.array([9, 1_000_003]))
    files = sorted(str(p.relative_to(folder)) for p in folder.rglob("*.parquet"))
    mine = [{"file": f, "rows": pq.read_metadata(folder / f).num_rows} for f in files if f.startswith("data/people")]
    manifest = {
        "format": 1,
        "name": "twin",
        "verdict": "withheld",
        "reasons": [f"copies: {EVIL}"],
        "content_hash": "ab" * 32,
        "recipe": {},
        "parts": {
            "people": {"kind": "tables", "count_noun": "rows", "accepted": 120, "attempted": 123, "rejected": {"constraint": 2, "copy": 1}, "tables": {"people": {"rows": 120, "files": mine}}},
            "wide": {"kind": "tables", "count_noun": "rows", "accepted": 5, "attempted": 5, "rejected": {}, "tables": {"wide": {"rows": 5, "files": [{"file": "data/wide/wide/part-00000.parquet", "rows": 5}]}}},
        },
        "files": [{"path": f} for f in files],
        "findings": [],
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "report.html").write_text(
        render_html(Report(name="twin", title="Twin", verdict="withheld", reasons=("copies",)), RunFacts()),
        encoding="utf-8",
    )
    (folder / "report.json").write_text('{"format": 1}', encoding="utf-8")
    (folder / "recipe.yaml").write_text("name: twin\n", encoding="utf-8")
    (folder / "secret.txt").write_text("not for the browser", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the bundle."""
    return write_bundle(tmp_path_factory.mktemp("studio") / "twin")


@pytest.fixture(scope="session")
def address(bundle: Path) -> Iterator[str]:
    """Where the studio of the bundle listens."""
    server, url = serve(str(bundle))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield url
    server.shutdown()
    server.server_close()
    thread.join()
