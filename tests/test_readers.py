"""Other people's readers and validators take a bundle as it is; each runs in an environment of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import sundog

READ = """
import json, sys
import datasets, duckdb, polars

datasets.disable_caching()
files = sys.argv[1] + "/data/people/rows/*.parquet"
said = {
    "datasets": datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=sys.argv[2]).num_rows,
    "duckdb": duckdb.sql(f"select count(*) from read_parquet('{files}')").fetchall()[0][0],
    "polars": polars.scan_parquet(files).select(polars.len()).collect().item(),
}
print(json.dumps(said))
"""

VALIDATE = """
import json, sys
import mlcroissant

data = mlcroissant.Dataset(sys.argv[1] + "/croissant.json")
issues = data.metadata.issues
print(json.dumps({
    "errors": sorted(issues.errors),
    "warnings": sorted(issues.warnings),
    "records": [record_set.uuid for record_set in data.metadata.record_sets],
    "first": len(list(zip(range(3), data.records(data.metadata.record_sets[0].uuid)))),
}))
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small bundle of people."""
    out = tmp_path_factory.mktemp("readers") / "people"
    changes = ["parts.people.units=400", "parts.people.method=forest", "evidence.level=none"]
    sundog.make(sundog.read("census", changes=changes), out)
    return out


def _run(python: Path, code: str, *arguments: Path) -> dict[str, object]:
    command = [str(python), "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    said: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return said


def test_data_reads_with_the_usual_tools(validator_python: Callable[[str], Path], bundle: Path, tmp_path: Path) -> None:
    """What docs/reference/bundle.md promises."""
    assert _run(validator_python("readers"), READ, bundle, tmp_path) == dict.fromkeys(
        ("datasets", "duckdb", "polars"), 400
    )


def test_the_croissant_file_is_valid(validator_python: Callable[[str], Path], bundle: Path) -> None:
    """In the eyes of the format's authors, whose findings are read; and its records can be loaded."""
    said = _run(validator_python("croissant"), VALIDATE, bundle)
    assert said["errors"] == []
    assert said["records"]
    assert said["first"] == 3
