"""Items of tests: found word for word, not in noise; by meaning; and sets that cannot be read."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sundog.core.errors import MissingExtra, RequestError
from sundog.core.keys import Key
from sundog.kinds.text.checks_contamination import ContaminationCount, TextContamination
from sundog.kinds.text.recipe_accept import AcceptSpec, ContaminationSpec
from sundog.kinds.text.recipe_checks import TextContaminationCheck
from sundog.lib.texts import named_sets
from sundog.lib.texts.named_sets import read_named_set

SPEC, KEY = TextContaminationCheck(), Key.root(0)


@pytest.fixture
def asked(tmp_path: Path, written: Any) -> Path:
    """A file of test items."""
    path = tmp_path / "exam.jsonl"
    path.write_text("".join(json.dumps({"question": t, "answer": "yes"}) + "\n" for t in written(30, 50)))
    return path


def part_of(parted: Any, path: Path, **said: Any) -> Any:
    return parted(units=1, accept=AcceptSpec(contamination=ContaminationSpec(against=(str(path),), **said)))


def observe(part: Any, batch: pa.RecordBatch) -> tuple[ContaminationCount, dict[int, str]]:
    state, rejects = TextContamination().open(SPEC, part, None).observe(range(batch.num_rows), {"items": batch})
    assert all(r.reason == "contamination" for r in rejects)
    return state, {r.unit: r.detail for r in rejects}


def test_items_are_rejected_and_noise_is_not(
    asked: Path, parted: Any, written: Any, tabled: Any, numbered: Any
) -> None:
    item = written(30, 50)[4]
    planted = [
        f"Please think about this: {item} Thank you.",
        " ".join(item.upper().split()[20:34]),
        " ".join(item.split()[20:31]),
    ]
    made = [*written(40, 51), *planted]
    part = part_of(parted, asked)
    assert TextContamination().watches(part)
    assert TextContamination().enforces(part)
    state, rejected = observe(part, numbered(tabled(made)))
    assert set(rejected) == {40, 41}
    assert "exam.jsonl, 13 words in a row" in rejected[40]
    (count,) = state.sets
    assert (count.items, count.near) == (30, 0)
    eight, ten, thirteen = count.runs
    assert thirteen == 2
    assert eight >= ten >= 3
    assert set(observe(part_of(parted, asked, words=10), numbered(tabled(made)))[1]) >= {40, 41, 42}


def test_phrases_that_many_items_have_tell_nothing(
    asked: Path, parted: Any, written: Any, tabled: Any, numbered: Any
) -> None:
    """All items open with one of four phrases of twelve words; a text that does so too is not contaminated."""
    opening = " ".join(written(1, 52)[0].split()[:12])
    state, rejected = observe(part_of(parted, asked, words=8), numbered(tabled([f"{opening} and so on for ever."])))
    assert rejected == {}
    assert state.sets[0].runs == (0, 0, 0)


def test_findings_count_all_three_lengths(
    asked: Path, parted: Any, evident: Any, written: Any, tabled: Any, numbered: Any, told: Any
) -> None:
    part = part_of(parted, asked)
    check = TextContamination()
    fresh = [" ".join(t.split()[12:]) for t in written(40, 51)]  # without the phrases that they share with the items
    clean, _ = observe(part, numbered(tabled(fresh)))
    leak, _ = observe(part, numbered(tabled([*fresh[:39], written(30, 50)[0]])))
    for state, verdict, count in ((clean, "pass", 0), (leak, "fail", 1)):
        found = told(check.conclude(SPEC, state, evident(written(40, 51), part, rejects={"contamination": 5})))
        thirteen = found["verification.contamination", f"{asked}: 13 words in a row"]
        assert (thirteen.verdict, thirteen.value, thirteen.withholds) == (verdict, count / 40, True)
        assert "5 units were rejected" in thirteen.why
        assert found["verification.contamination", f"{asked}: 8 words in a row"].verdict == "info"
    counted = part_of(parted, asked, handling="count")
    state, rejected = observe(counted, numbered(tabled([written(30, 50)[0]])))
    assert rejected == {}
    assert not check.enforces(counted)
    assert {f.verdict for f in check.conclude(SPEC, state, evident(["x"], counted)).findings} == {"info"}
    assert not check.watches(part_of(parted, asked, handling="off"))
    assert check.merge(ContaminationCount(), state) == check.merge(state, ContaminationCount()) == state
    assert check.merge(clean, leak).sets[0].runs[2] == 1


def test_items_in_other_words_are_told_by_embeddings(
    asked: Path, embedder: Path, parted: Any, evident: Any, written: Any, tabled: Any, numbered: Any
) -> None:
    item = written(30, 50)[4]
    words = item.split()
    shuffled = " ".join(w for i in range(0, len(words), 4) for w in reversed(words[i : i + 4])) + "\nyes"
    part = part_of(parted, asked, neighbour=0.995)
    state, rejected = observe(part, numbered(tabled([shuffled, "cats and dogs", ""])))
    assert rejected == {} or "in other words" in rejected[0]
    exact = f"{item}\nyes"
    state, rejected = observe(part, numbered(tabled([exact[::-1], exact, "un cafe"])))
    assert state.sets[0].near == 1
    assert set(rejected) == {1}
    (finding,) = TextContamination().run(SPEC, evident([exact, "cats", "dogs 12"], part), KEY).findings
    assert finding.check == "verification.contamination_neighbours"
    assert (finding.verdict, finding.value) == ("warn", pytest.approx(1 / 3))
    answer = TextContamination().run(SPEC, evident(["cats", "dogs 12"], part), KEY)
    assert answer.findings[0].verdict == "pass"
    assert answer.findings[0].baseline is not None
    assert answer.exhibits[0].drawing.rows[0][2].startswith("0.")  # type: ignore[union-attr]


def test_without_the_weights_the_report_says_so(asked: Path, parted: Any, evident: Any) -> None:
    (finding,) = TextContamination().run(SPEC, evident(["a"], part_of(parted, asked)), KEY).findings
    assert (finding.verdict, finding.value) == ("skipped", None)
    assert "sundog model get minilm" in finding.why
    with pytest.raises(MissingExtra, match="SD-TEXT-212"):
        TextContamination().open(SPEC, part_of(parted, asked, neighbour=0.9), None)


def test_humaneval_is_read_as_its_package_lays_it_out(
    parted: Any, tabled: Any, numbered: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the package is run: only its file of tasks is read."""
    tasks = [
        {
            "prompt": f'def f{i}(x):\n    """Give {i} times x and {i + 1} more of it, please."""\n',
            "canonical_solution": f"    return x * {i} + {i + 1} * x\n",
        }
        for i in range(9)
    ]
    (tmp_path / "eval_of_humans" / "data").mkdir(parents=True)
    (tmp_path / "eval_of_humans" / "__init__.py").write_text("raise RuntimeError('it was run')\n")
    lines = "".join(json.dumps(t) + "\n" for t in tasks)
    (tmp_path / "eval_of_humans" / "data" / "HumanEval.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(named_sets, "PACKAGES", {"humaneval": "eval_of_humans", "reasoning-gym": "x"})
    humaneval = read_named_set("humaneval")
    assert humaneval.items[2] == tasks[2]["prompt"] + tasks[2]["canonical_solution"]
    text = f"Write this function.\n{humaneval.items[7]}"
    _, rejected = observe(
        part_of(parted, Path("humaneval")), numbered(tabled([text, "def add(a, b):\n    return a + b\n"]))
    )
    assert set(rejected) == {0}


@pytest.mark.parametrize(
    "name", ["exam.jsonl", "exam.jsonl.gz", "exam.json", "exam.csv", "exam.tsv", "exam.parquet", "exam.txt"]
)
def test_a_users_own_files(name: str, tmp_path: Path) -> None:
    rows = [{"question": "Why?", "answer": ["So.", "Thus."]}, {"question": "How é?", "answer": ["Well."]}]
    path = tmp_path / name
    kind = name.removesuffix(".gz").rsplit(".", 1)[-1]
    flat = [("Why?", "So.\nThus."), ("How é?", "Well.")]
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        lines = {
            "jsonl": "\n".join(json.dumps(r) for r in rows) + "\n\n",
            "json": json.dumps(rows),
            "csv": 'question,answer\nWhy?,"So.\nThus."\nHow é?,Well.\n',
            "tsv": 'question\tanswer\nWhy?\t"So.\nThus."\nHow é?\tWell.\n',
            "txt": "\n".join(" ".join(f).replace("\n", " ") for f in flat) + "\n\n",
        }[kind]
        data = lines.encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    items = [i.replace("\n", " ") for i in read_named_set(str(path)).items]
    assert items == ["Why? So. Thus.", "How é? Well."]
    assert read_named_set(str(path)).sha256 == read_named_set(str(path)).sha256


def test_sets_that_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RequestError, match=r"(?s)SD-TEXT-231.*Did you mean 'humaneval'"):
        read_named_set("humanevel")
    with pytest.raises(RequestError, match=r"SD-TEXT-231 .*no file"):
        read_named_set(str(tmp_path / "gone.jsonl"))
    for name, data in (("bad.jsonl", b"{not json"), ("bad.txt", b"\xff\xfe\xfa")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(RequestError, match="SD-TEXT-236"):
            read_named_set(str(tmp_path / name))
    (tmp_path / "empty.txt").write_text("\n \n")
    with pytest.raises(RequestError, match="SD-TEXT-232"):
        read_named_set(str(tmp_path / "empty.txt"))
    monkeypatch.setattr(named_sets, "PACKAGES", {"humaneval": "no_such_module_a", "reasoning-gym": "no_such_module_b"})
    for name in ("humaneval", "reasoning-gym", "reasoning-gym/chain_sum"):
        with pytest.raises(MissingExtra, match=r"(?s)SD-TEXT-233.*pip install"):
            read_named_set(name)


def test_a_package_without_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hollow_eval").mkdir()
    (tmp_path / "hollow_eval" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(named_sets, "PACKAGES", {"humaneval": "hollow_eval", "reasoning-gym": "x"})
    with pytest.raises(RequestError, match="SD-TEXT-234"):
        read_named_set("humaneval")


@pytest.mark.slow
def test_sets_come_from_their_packages(validator_python: Any, root: Path) -> None:
    """In an environment that has the packages and none of ours: what reads sets needs nothing else."""
    code = """
import json, sys
sys.path.insert(0, sys.argv[1])
from sundog.core.errors import RequestError
from sundog.lib.texts.named_sets import GYM_ITEMS, read_named_set
one = read_named_set("reasoning-gym/chain_sum")
again = read_named_set("reasoning-gym/chain_sum")
try:
    read_named_set("reasoning-gym/chain_some")
    refused = ""
except RequestError as error:
    refused = str(error)
humaneval = read_named_set("humaneval")
print(json.dumps([len(humaneval.items), humaneval.items[0].strip()[:24], len(one.items), GYM_ITEMS, one.sha256 == again.sha256, one.items[0], refused]))
"""
    command = [str(validator_python("named_tests")), "-c", code, str(root / "src")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    tasks, opening, count, wanted, repeats, first, refused = json.loads(done.stdout.splitlines()[-1])
    assert (tasks, opening) == (164, "from typing import List\n")
    assert (count, repeats) == (wanted, True)
    assert "arithmetic problem" in first
    assert "SD-TEXT-235" in refused
    assert "Did you mean 'chain_sum'?" in refused
