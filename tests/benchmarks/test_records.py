"""The benchmark of records: its tests reject what is wrong, runs are kept and not made twice, and bars say no when it is no."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy import special, stats

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

records = importlib.import_module("records")
speed = importlib.import_module("records_speed")
scale = importlib.import_module("records_scale")
truth = importlib.import_module("records_truth")

NORMALS = special.ndtri((np.random.Generator(np.random.PCG64(1)).permutation(200_000) + 0.5) / 200_000)


@pytest.mark.parametrize(("moved", "stretched", "passes"), [(0, 1, True), (0.02, 1, False), (0, 1.05, False)])
def test_a_continuous_law_is_told_from_its_neighbour(moved, stretched, passes):
    assert (truth.judge_continuous(NORMALS * stretched + moved, stats.norm().cdf) > truth.ALARM) == passes


@pytest.mark.parametrize(("mean", "passes"), [(3.3, True), (3.35, False)])
def test_a_law_with_steps_is_told_from_its_neighbour(mean, passes):
    drawn = np.random.Generator(np.random.PCG64(2)).poisson(mean, 200_000).astype(float)
    assert (truth.judge_discrete(drawn, stats.poisson(3.3).cdf) > truth.ALARM) == passes


def test_every_law_of_the_benchmark_is_one_that_a_recipe_has():
    fields = importlib.import_module("sundog.kinds.records.fields_words").AnyFieldSpec
    adapter = importlib.import_module("pydantic").TypeAdapter(fields)
    for name, (said, _) in {**truth.CONTINUOUS, **truth.DISCRETE}.items():
        assert adapter.validate_python({"type": name.partition(",")[0], **said}).type == name.partition(",")[0]


def test_orphans_and_sums_are_counted():
    parent, child = pa.chunked_array([[1, 2, 3]]), pa.chunked_array([[1, 1, 3, 4]])
    assert truth._count_orphans(child, parent) == 1
    sums = truth._add_up(parent, pa.chunked_array([[3, 1, 1]]), np.array([5, 7, 1]))
    assert sums.tolist() == [8, 0, 5]


def test_one_other_value_is_another_hash():
    table = pa.table({"a": [1, 2, 3], "b": ["x", "y", None]})
    whole = scale.hash_columns("t", table)
    pieces = scale.hash_columns("t", pa.concat_tables([table.slice(0, 1), table.slice(1)]))
    assert whole == pieces
    other = scale.hash_columns("t", pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]}))
    assert scale._differ(whole, other) == ["t.b"]


def test_what_is_there_is_not_made_again_and_what_failed_is(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "STORE", tmp_path / "records.json")
    calls = []

    def work(name):
        calls.append(name)
        if name == "bad" and calls.count("bad") == 1:
            raise RuntimeError("no")
        return {"rows": {"t": 5}, "cpu_s": 2.0, "peak_mib": 1.0}

    runs = {name: lambda name=name: work(name) for name in ("good", "bad")}
    stored = records.load_store()
    assert records.run_step("customers", runs, stored) == ["customers, bad: no"]
    stored = records.load_store()
    assert records.run_step("customers", runs, stored) == []
    assert calls == ["good", "bad", "bad"]
    assert "error" not in records.load_store()["customers"]["bad"]


def _run(rows, cpu):
    return {"rows": {"t": rows}, "cpu_s": cpu, "with_start_cpu_s": cpu + 1, "bytes": rows * 60, "peak_mib": 300.0}


def test_bars_of_speed_are_medians_beside_the_best_rival():
    stored = {f"ours {i}": _run(2_000_000, cpu) for i, cpu in enumerate((1.0, 1.6, 9.0))}
    stored |= {
        "command 1": _run(2_000_000, 2.5),
        "duckdb 1": _run(500_000, 1.0),
        "faker 1": {"error": "RuntimeError: not | here"},
    }
    sheet = speed.make_sheet("customers", stored, "load 1")
    assert [bar.measured for bar in sheet.bars] == [
        "1,250,000 (2.5 x the fastest rival's)",
        "800,000 (1.6 x the fastest rival's)",
    ]
    assert [bar.verdict for bar in sheet.bars] == ["yes", "**no**"]
    assert [row[:2] for row in sheet.rows][-1] == ("Faker", "not run")
    assert all(len(row) == len(sheet.columns) for row in sheet.rows)


def test_bars_of_scale_and_truth_say_no():
    stored = {
        "workers": {
            "walls": {"1": [10.0, 12.0, 11.0], "2": [8.0, 7.0, 7.5]},
            "hashes": ["a", "b"],
            "start": 1.0,
            "load": 1.0,
        },
        "cuts": {"rows": {}, "columns": 4, "by shards": [], "by range": ["t.a"], "by column": []},
        "memory readings 1": {
            "rows": scale.LARGE,
            "once_mib": 501.0,
            "peak_mib": 700.0,
            "cpu_s": 1.0,
            "wall_s": 1.0,
            "bytes": 1,
        },
    }
    found = {bar.what: bar.verdict for bar in scale.make_sheet(stored).bars}
    assert list(found.values()) == ["**no**", "**no**", "yes", "**no**", "yes", "**no**"]
    bad = {
        "laws": {"normal": 1e-9},
        "ranks": {"t": 0.011},
        "keys": {"rows": 1, "orphans": 1, "codes": 1, "duplicates": 0, "inexact": 2},
        "weather": {
            "1": {"real": 0.99, "made": 0.99, "worst": 0.011, "bar": 0.01},
            "24": {"real": 0.93, "made": 0.93, "worst": 0.02, "bar": 0.03},
        },
    }
    verdicts = [bar.verdict for bar in truth.make_sheet(bad).bars]
    assert verdicts == ["**no**", "**no**", "**no**", "yes", "**no**", "**no**", "yes"]


def test_memory_of_a_tree_counts_what_processes_share_once():
    command = importlib.import_module("command")
    child = "import time; held = bytearray(40_000_000); time.sleep(1.5)"
    both = f"import subprocess, sys; c = [subprocess.Popen([sys.executable, '-c', {child!r}]) for _ in 'ab']; [p.wait() for p in c]"
    ran = command.run_command([sys.executable, "-c", both], count_once=True)
    assert ran.code == 0
    assert 76 < ran.once_mib < ran.peak_mib
    assert command.run_command([sys.executable, "-c", "pass"]).once_mib == 0


def test_processes_that_still_run_are_counted(tmp_path):
    tool = "import subprocess, sys, time\nPACKAGES = ()\nKEPT = []\ndef start(): pass\n"
    tool += "def make_customers(rows, seed, folder):\n"
    tool += "    code = 'import time\\nt = time.process_time()\\nwhile time.process_time() - t < .4: pass\\nprint(1, flush=True)\\ntime.sleep(60)'\n"
    tool += "    KEPT.append(subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE))\n"
    tool += "    KEPT[0].stdout.readline()\n    return {'customers': rows}\n"
    (tmp_path / "records_toy.py").write_text(tool)
    script = (
        f"import sys; sys.path[:0] = [{str(BENCHMARKS / 'rivals')!r}, {str(tmp_path)!r}]\nimport records_runner as r\n"
    )
    script += f"sys.argv = ['x', 'toy', 'customers', {str(tmp_path / 'out')!r}, '--rows', '3']\nr.main()\n"
    script += "k = sys.modules['records_toy'].KEPT[0]\nk.kill()\nk.wait()\n"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    said = json.loads(ended.stdout)
    assert said["rows"] == {"customers": 3}
    assert said["cpu_s"] >= 0.39


def test_every_rival_has_its_script_and_a_lock_with_exact_versions():
    for name in [tool.name for tool in speed.TOOLS]:
        script = (BENCHMARKS / "rivals" / f"records_{name}.py").read_text()
        assert "def make_customers" in script
        assert ("def make_shop" in script) == bool(next(t.customers for t in speed.TOOLS if t.name == name))
    for name in [*(tool.name for tool in speed.TOOLS), "weather"]:
        lines = (BENCHMARKS / "rivals" / f"{name}.txt").read_text().split()
        assert lines
        assert all("==" in line for line in lines)
