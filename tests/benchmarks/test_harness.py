"""The benchmark's harness on tiny data: the judge fires on what it must fire on, and results are kept and written as they are."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

judge = importlib.import_module("judge")
real = importlib.import_module("real")
results = importlib.import_module("results")
bars = importlib.import_module("bars")
tables = importlib.import_module("tables")
chart = importlib.import_module("chart")
competitors = importlib.import_module("competitors")
made_table = importlib.import_module("made_table")


def _csv(rows: int = 1600) -> bytes:
    stream = np.random.Generator(np.random.PCG64(3))
    x = stream.normal(size=rows)
    group = np.where(x + stream.normal(size=rows) > 0, "high", "low")
    lines = ["amount,code,group"]
    lines += [f"{v:.2f},{int(abs(v) * 3) % 4},{g}" for v, g in zip(x * 10, group, strict=True)]
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture(scope="module")
def data():
    return real.read_dataset("toy", _csv(), "group", frozenset({"code"}), "made")


@pytest.fixture(scope="module")
def halves(data):
    return real.split_halves(data)


def test_columns_are_read_as_declared(data):
    assert dict(data.kinds) == {"amount": "decimal", "code": "category", "group": "category"}
    assert data.classification


def test_halves_are_disjoint_and_repeat(data, halves):
    again = real.split_halves(data)
    assert halves[0].equals(again[0])
    together = pa.concat_tables(list(halves)).sort_by([(n, "ascending") for n in data.table.column_names])
    assert together.equals(data.table.combine_chunks().sort_by([(n, "ascending") for n in data.table.column_names]))


def test_a_two_valued_number_is_a_class_when_it_is_the_target():
    read = real.read_dataset("t", b"a,b\n1,0\n2,1\n3,1\n", "b", frozenset(), "made")
    assert read.kinds == {"a": "integer", "b": "category"}


def test_shipped_tables_load():
    for name, rows in (("adult", 48_842), ("default", 30_000), ("beijing", 41_757)):
        assert real.load_dataset(name).table.num_rows == rows


def test_codes_written_as_floats_are_the_same_category(data, tmp_path):
    path = tmp_path / "synthetic.csv"
    path.write_text("code,group,amount\n1.0,low,2.5\n3,high,\n")
    made = real.read_made(data, path)
    assert made.column_names == ["amount", "code", "group"]
    assert made["code"].to_pylist() == ["1", "3"]
    assert made["amount"].to_pylist() == [2.5, None]


def test_judge_knows_a_copy(data, halves):
    found = judge.judge_table(data, halves[0], halves[1], halves[0])
    assert found.copies == 1.0
    assert found.membership.value > 0.9
    assert found.fitting.value < 0.45
    assert abs(found.unseen.value - 0.5) < 0.06
    assert found.pairs == pytest.approx(1.0)


def test_judge_knows_a_table_without_dependence(data, halves):
    stream = np.random.Generator(np.random.PCG64(4))
    shuffled = {n: halves[0][n].take(pa.array(stream.permutation(halves[0].num_rows))) for n in halves[0].column_names}
    found = judge.judge_table(data, halves[0], halves[1], pa.table(shuffled))
    assert found.unseen.value > 0.6
    assert found.synthetic_utility < found.real_utility - 0.1
    assert found.pairs < found.real_pairs
    assert abs(found.membership.value - 0.5) < 0.06


def test_judge_finds_nothing_in_real_rows(data, halves):
    found = judge.judge_reference(data, *halves)
    assert abs(found.unseen.value - 0.5) < 0.06
    assert abs(found.membership.value - 0.5) < 0.06
    assert found.synthetic_utility == found.real_utility


def _run(half: str, seed: int, unseen: float, status: str = "done"):
    found = judge.Judgement(
        unseen=judge.Auc(unseen, 0.003),
        fitting=judge.Auc(0.5, 0.003),
        pairs=0.99,
        triples=0.97,
        real_pairs=0.98,
        real_triples=0.96,
        synthetic_utility=0.92,
        real_utility=0.93,
        copies=0.0,
        real_copies=0.001,
        membership=judge.Auc(0.505, 0.003),
    )
    cost = {
        "status": status,
        "fit_cpu_s": 2.0,
        "sample_cpu_s": 0.5,
        "rows": 1000,
        "peak_mib": 100.0,
        "versions": {"x": "1"},
    }
    return results.Run(half, seed, cost, found if status == "done" else None)


def test_interval_joins_judge_and_seeds():
    one = results.combine_aucs([_run("a", 0, 0.52), _run("b", 0, 0.54)], "unseen")
    assert one.value == pytest.approx(0.53)
    assert one.high - one.value == pytest.approx(1.959964 * 0.003 / 2**0.5)
    three = [_run(h, s, 0.53 + 0.01 * (s - 1)) for s in range(3) for h in "ab"]
    many = results.combine_aucs(three, "unseen")
    assert many.high - many.value == pytest.approx(1.959964 * (0.003**2 / 2 + 0.01**2 / 3) ** 0.5)


def test_results_are_kept_and_another_judge_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    runs = [_run("a", 0, 0.52), _run("b", 0, 0.54, "cut")]
    results.store_runs("toy", "trees", runs)
    assert results.load_runs("toy", "trees") == runs
    monkeypatch.setattr(results, "VERSION", results.VERSION + 1)
    assert results.load_runs("toy", "trees") == []


def test_page_says_what_was_cut_missed_and_not_run(tmp_path, monkeypatch):
    for module in (results, tables):
        monkeypatch.setattr(module, "RESULTS", tmp_path)
    monkeypatch.setattr(tables, "HERE", tmp_path)
    results.store_runs("adult", "real", [_run("a", 0, 0.5), _run("b", 0, 0.5)])
    results.store_runs("adult", "trees", [_run(h, s, 0.55) for s in range(3) for h in "ab"])
    results.store_runs("adult", "cart", [_run("a", 0, 0.56), _run("b", 0, 0.56)])
    results.store_runs("adult", "ctgan", [_run("a", 0, 0.9, "cut"), _run("b", 0, 0.9, "cut")])
    tables.write_page("2026-11-24")
    page = (tmp_path / "README.md").read_text()
    assert "(2026-11-24)" in page
    assert "SDV CTGAN (cut)" in page
    assert "Not run yet: " in page
    assert "| adult: C2ST against the unseen half | <= 0.535 (aim 0.52) | 0.5500 (0.5458, 0.5542) | **no** |" in page
    assert "| adult: C2ST below every rival (1 of 6 run) | < 0.5600 (CART (as synthpop)) | 0.5500 | yes |" in page


def test_chart_is_valid_and_holds_every_point():
    drawn = chart.draw_chart(
        "Fit & rows", "rows", "s", [chart.Line("a<b", ((10, 0.5), (1000, 20))), chart.Line("c", ((10, 1.0),))]
    )
    root = ET.fromstring(drawn)
    assert len(root.findall(".//{http://www.w3.org/2000/svg}circle")) == 3


def test_made_table_repeats(tmp_path):
    made_table.write_table(tmp_path / "one.parquet", 500, 7)
    made_table.write_table(tmp_path / "two.parquet", 500, 7)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_runner_fits_samples_and_counts(data, halves, tmp_path):
    half = halves[0].slice(0, 300)
    real.write_half(data, half, tmp_path)
    command = [sys.executable, str(BENCHMARKS / "rivals" / "runner.py"), "cart", str(tmp_path), "--rows", "200"]
    subprocess.run(command, check=True, capture_output=True)
    cost = json.loads((tmp_path / "cost.json").read_text())
    assert cost["status"] == "done"
    assert cost["fit_cpu_s"] > 0
    made = real.read_made(data, tmp_path / "synthetic.csv")
    assert made.num_rows == 200
    assert set(made["group"].to_pylist()) <= set(half["group"].to_pylist())
    assert set(made["amount"].to_pylist()) <= set(half["amount"].to_pylist())  # donors, so every value is a real one


def test_runner_is_cut_at_its_limit():
    script = (
        f"import sys; sys.path.insert(0, {str(BENCHMARKS)!r})\n"
        "from cost import Cut, limit_cpu\n"
        "limit_cpu(1)\n"
        "try:\n"
        "    x = 0\n    while x >= 0:\n        x += 1\n"
        "except Cut: print('cut')\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "cut"


def test_every_rival_has_a_lock_with_exact_versions():
    for competitor in competitors.COMPETITORS.values():
        if competitor.lock is not None:
            lines = (BENCHMARKS / "rivals" / f"{competitor.lock}.txt").read_text().split()
            assert lines
            assert all("==" in line for line in lines)
