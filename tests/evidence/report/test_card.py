"""README.md of a bundle: front matter that Hugging Face reads, sentences that people read."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from sundog.evidence.report.card import render_card
from sundog.evidence.report.data import DataFile, PartFacts, Report, TableFacts
from sundog.evidence.report.licences import find_licence


def split(card: str) -> tuple[dict[str, object], str]:
    assert card.startswith("---\n")
    front, _, body = card[4:].partition("\n---\n")
    parsed = yaml.safe_load(front)
    assert isinstance(parsed, dict)
    return parsed, body


def test_the_front_matter_is_what_the_hub_expects(sample: ModuleType) -> None:
    front, body = split(render_card(sample.make_report(), sample.make_files()))
    assert front["license"] == "cc-by-4.0"
    assert "synthetic" in front["tags"]
    assert front["size_categories"] == ["10K<n<100K"]
    assert front["configs"] == [
        {
            "config_name": "people",
            "data_files": [{"split": "train", "path": "data/people/people/part-00000.parquet"}],
            "default": True,
        }
    ]
    assert "Every record in this dataset is synthetic." in body


@pytest.mark.parametrize("verdict", ["released", "withheld", "unassessed"])
def test_the_verdict_comes_first_and_numbers_stand_beside_references(sample: ModuleType, verdict: str) -> None:
    _, body = split(render_card(sample.make_report(verdict), sample.make_files()))
    assert f"**{verdict}**" in body[: body.index("## ")]
    for found in sample.headline_findings():
        assert found.why in body
        assert found.baseline_is in body
    assert "adult.csv.gz | CC BY 4.0" in body


@pytest.mark.parametrize(
    ("rows", "size"),
    [(0, "n<1K"), (999, "n<1K"), (1_000, "1K<n<10K"), (5_000_000, "1M<n<10M"), (10**11, "10B<n<100B")],
)
def test_size_categories(rows: int, size: str) -> None:
    part = PartFacts(name="p", kind="tables", count_noun="rows", accepted=rows, attempted=rows, tables=(TableFacts(name="t", rows=rows, columns=()),))  # fmt: skip
    front, _ = split(render_card(Report(name="x", title="x", verdict="unassessed", parts=(part,)), ()))
    assert front["size_categories"] == [size]


def test_licences_without_a_name_on_the_hub() -> None:
    front, _ = split(render_card(Report(name="x", title="x", verdict="unassessed", licence="Our own, v2!"), ()))
    assert (front["license"], front["license_name"]) == ("other", "our-own-v2")
    unstated, _ = split(render_card(Report(name="x", title="x", verdict="unassessed"), ()))
    assert "license" not in unstated
    by_address = find_licence("https://creativecommons.org/licenses/by/4.0/")
    assert by_address.hub == "cc-by-4.0"


def test_hostile_names_do_not_become_markup(sample: ModuleType) -> None:
    names = sample.hostile_names()
    report = sample.make_report(columns=names).model_copy(
        update={"title": "a: b\n---\n# <script>", "description": "<img src=x>"}
    )
    front, body = split(render_card(report, sample.make_files()))
    assert front["pretty_name"] == "a: b\n---\n# <script>"
    assert "<script>" not in body.replace("\\<script\\>", "")
    assert "<img" not in body.replace("\\<img", "")
    tables = [line for line in body.splitlines() if line.startswith("| ")]
    assert all(line.replace("\\|", "").count("|") == 5 for line in tables if "int64" in line)
    assert len(body) < 100_000


@pytest.mark.slow
def test_the_readers_of_hugging_face_load_the_tables(
    sample: ModuleType, validator_python: Callable[[str], Path], tmp_path: Path
) -> None:
    """``load_dataset`` on the folder finds each table by the name that the front matter gives it."""
    python = validator_python("readers")
    parts, files = [], []
    for part, tables in (("people", ("people",)), ("shop", ("orders", "lines"))):
        facts = []
        for table in tables:
            for number in range(2 if table == "orders" else 1):
                path = tmp_path / f"bundle/data/{part}/{table}/part-{number:05d}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(pa.table({"a": [1, 2, 3], "b": ["x", None, "z"]}), path)
                files.append(
                    DataFile(
                        path=str(path.relative_to(tmp_path / "bundle")),
                        sha256="0" * 64,
                        bytes=1,
                        table=table,
                        part=part,
                    )
                )
            facts.append(TableFacts(name=table, rows=3, columns=()))
        parts.append(
            PartFacts(name=part, kind="tables", count_noun="rows", accepted=3, attempted=3, tables=tuple(facts))
        )
    report = sample.make_report().model_copy(update={"parts": tuple(parts)})
    (tmp_path / "bundle" / "README.md").write_text(render_card(report, tuple(files)), encoding="utf-8")
    code = (
        "import json, sys, datasets\n"
        "names = datasets.get_dataset_config_names(sys.argv[1])\n"
        "print(json.dumps({n: datasets.load_dataset(sys.argv[1], n, split='train', cache_dir=sys.argv[2]).num_rows for n in names}))"
    )
    done = subprocess.run(
        [str(python), "-c", code, str(tmp_path / "bundle"), str(tmp_path / "cache")],
        capture_output=True, text=True, check=False, env={"HF_HUB_OFFLINE": "1", "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.strip().splitlines()[-1]) == {"people": 3, "shop-orders": 6, "shop-lines": 3}
