"""`sundog distill`, from files to the page: what it measures on rows whose worth is known, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from sundog.api import make, read
from sundog.cli import build
from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.evidence.distill.asked import ask
from sundog.evidence.distill.distill import DistillOptions, run_distill
from sundog.evidence.distill.floor import draw_floor
from sundog.evidence.distill.measure import Distillation
from sundog.evidence.distill.reading import Columns, read_rows
from sundog.evidence.distill.runs import KeptInFolder, Run
from sundog.lib.students.protocol import Lesson

KEY = Key.root(5)
TOPICS = {"sea": "ship wave salt harbour sail tide anchor", "sky": "cloud wing star plane wind moon pilot"}
COMMON = ["the", "of", "a", "and", "in", "on", "with"]


def make_rows(number: int, key: Key, noise: float = 0.0) -> Lesson:
    """Texts of two topics, a third of whose words give the topic away; ``noise`` is the share of labels that are wrong."""
    draws = key.generator()
    texts, labels = [], []
    for i in range(number):
        label = sorted(TOPICS)[i % 2]
        own = TOPICS[label].split()
        texts.append(" ".join(str(draws.choice(own if draws.random() < 0.33 else COMMON)) for _ in range(12)) + f" {i}")
        labels.append(label if draws.random() >= noise else sorted(TOPICS)[1 - i % 2])
    return Lesson(tuple(texts), tuple(labels))


def write_rows(path: Path, lesson: Lesson, **more: Sequence[Any]) -> str:
    """A Parquet file of texts and labels."""
    pq.write_table(pa.table({"text": lesson.prompts, "label": lesson.answers, **more}), path)
    return str(path)


OPTIONS = DistillOptions(text="text", label="label", seeds=2)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Good made rows, bad ones, real rows, and a test with a teacher's answers."""
    folder = tmp_path_factory.mktemp("rows")
    test = make_rows(200, KEY.child("test"))
    return {
        "good": write_rows(folder / "good.parquet", make_rows(400, KEY.child("good"))),
        "bad": write_rows(folder / "bad.parquet", make_rows(400, KEY.child("bad"), noise=0.5)),
        "real": write_rows(folder / "real.parquet", make_rows(1_000, KEY.child("real"))),
        "test": write_rows(folder / "test.parquet", test, teacher=test.answers[:150] + ("sea",) * 50),
        "folder": str(folder),
    }


def _measure(files: dict[str, str], made: str, out: Path, options: DistillOptions = OPTIONS) -> Distillation:
    return run_distill(files[made], files["real"], files["test"], str(out), options)[0]


@pytest.fixture(scope="module")
def good(files: dict[str, str]) -> Distillation:
    """Made rows of the real law."""
    return _measure(files, "good", Path(files["folder"]) / "out")


def test_rows_of_the_real_law_are_worth_about_their_number(good: Distillation) -> None:
    """400 rows of the same law teach what 400 real ones do, within what 200 test rows can tell."""
    assert good.made.score.value > 0.9
    assert good.share_of_real is not None
    assert good.share_of_real.low > 0.93
    assert good.worth is not None
    assert 50 < good.worth.rows <= 1_000
    assert [c.rows for c in good.curve] == [10, 20, 50, 100, 200, 500, 1_000]
    assert good.majority.score.value == pytest.approx(0.5, abs=0.02)
    assert len(good.floors) == 4
    assert good.overlap.made is not None
    assert good.overlap.made < 0.01


def test_rows_with_wrong_labels_are_worth_little_and_do_harm(files: dict[str, str], tmp_path: Path) -> None:
    """Half of the labels are drawn: below the floor, worth less than a few rows, and worse than nothing beside real ones."""
    bad = _measure(files, "bad", tmp_path / "out")
    assert bad.above_floor.high < 0
    assert bad.worth is not None
    assert bad.worth.rows < 100
    assert bad.augmentations[0].rows == 20
    assert bad.augmentations[-1].gain.high < 0


def test_the_teacher_is_shown(good: Distillation, files: dict[str, str], tmp_path: Path) -> None:
    """From its answers in the test file, or as it was stated."""
    assert good.teacher is not None
    assert good.teacher.value == pytest.approx(0.875, abs=0.01)
    plain = write_rows(tmp_path / "plain.parquet", make_rows(200, KEY.child("test")))
    made = make_rows(400, KEY.child("good"))
    taught = write_rows(tmp_path / "taught.parquet", made, teacher=["sea"] * 400)
    options = DistillOptions(text="text", label="label", seeds=1, teacher_score=0.77)
    found, _ = run_distill(taught, files["real"], plain, str(tmp_path / "out"), options)
    assert found.teacher is not None
    assert found.teacher.value == 0.77
    assert found.teacher_agrees == 0.5


def test_shares_of_a_bundle_teach(files: dict[str, str], tmp_path: Path) -> None:
    """Labels that are all wrong, with the teacher's shares beside them: the shares are what is learned."""
    made = make_rows(400, KEY.child("good"))
    sure = [[{"label": a, "share": 0.9}, {"label": "sea" if a == "sky" else "sky", "share": 0.1}] for a in made.answers]
    path = write_rows(tmp_path / "soft.parquet", Lesson(made.prompts, ("sea", "sky") * 200), shares=sure)
    found, _ = run_distill(
        path, files["real"], files["test"], str(tmp_path / "out"), DistillOptions("text", "label", seeds=1)
    )
    assert found.made.score.value > 0.9


def test_a_stopped_measurement_goes_on(files: dict[str, str], tmp_path: Path) -> None:
    """Trainings that are stored are not made again; those of other rows do not count."""
    said: list[str] = []
    out = str(tmp_path / "out")
    options = DistillOptions("text", "label", seeds=1)
    first, folder = run_distill(files["good"], files["real"], files["test"], out, options, said.append)
    whole = len(said)
    for path in sorted((folder / "runs").glob("real-*.json")):
        path.unlink()
    (folder / "distill.json").unlink()
    second, _ = run_distill(files["good"], files["real"], files["test"], out, options, said.append)
    assert second == first
    assert len(said) - whole == len(first.curve)
    run_distill(files["bad"], files["real"], files["test"], out, options, said.append)
    assert len(said) == 2 * whole + len(first.curve)


def test_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    """To the last answer."""
    right = np.arange(13) % 3 == 0
    kept = KeptInFolder(tmp_path / "runs", "d")
    assert kept.recall("a", lambda: Run(right, 7, 5)).tokens == 7
    back = kept.recall("a", lambda: pytest.fail("it is stored"))
    assert back.right.tolist() == right.tolist()
    assert (back.tokens, back.rows) == (7, 5)
    assert KeptInFolder(tmp_path / "runs", "other").recall("a", lambda: Run(~right, 1, 1)).rows == 1


def test_the_command_prints_a_table_and_writes_two_files(files: dict[str, str], tmp_path: Path) -> None:
    """The same numbers in the terminal, in JSON and on the page."""
    out = tmp_path / "out"
    asked = [
        "distill",
        files["good"],
        "--real",
        files["real"],
        "--test",
        files["test"],
        "--text",
        "text",
        "--label",
        "label",
    ]
    done = CliRunner().invoke(build(), [*asked, "--seeds", "1", "-o", str(out)])
    assert done.exit_code == 0, done.output
    stored = json.loads((out / "distill.json").read_text())
    assert f"{stored['made']['score']['value']:.4f}" in done.stdout
    assert "worth " in done.stdout
    assert "2-gram sampler" in done.stdout
    page = (out / "distill.html").read_text()
    assert f"{stored['made']['score']['value']:.4f}" in page
    assert page.count('<svg class="chart"') == 3
    again = CliRunner().invoke(build(), [*asked, "--seeds", "1", "-o", str(out), "--json"])
    assert json.loads(again.stdout)["made"] == stored["made"]


def test_csv_and_jsonl_are_read_and_labels_stay_as_written(tmp_path: Path) -> None:
    """01 is a label and no number."""
    rows = make_rows(60, KEY.child("csv"))
    labels = ["01" if a == "sea" else "02" for a in rows.answers]
    lines = [f'"{t}",{a}' for t, a in zip(rows.prompts, labels, strict=True)]
    (tmp_path / "real.csv").write_text("\n".join(["text,label", *lines[:30]]) + "\n")
    (tmp_path / "test.csv").write_text("\n".join(["text,label", *lines[30:]]) + "\n")
    made = make_rows(40, KEY.child("made"))
    with (tmp_path / "made.jsonl").open("w") as file:
        for t, a in zip(made.prompts, made.answers, strict=True):
            file.write(json.dumps({"text": t, "label": "01" if a == "sea" else "02"}) + "\n")
    found, _ = run_distill(
        *(str(tmp_path / n) for n in ("made.jsonl", "real.csv", "test.csv", "out")),
        DistillOptions("text", "label", seeds=1),
    )
    assert found.made.score.value > 0.8


def _chats(number: int, key: Key) -> list[list[dict[str, str]]]:
    draws = key.generator()
    return [
        [
            {"role": "user", "content": f"{w} {i}?"},
            {"role": "assistant", "content": f"So it is.\nAnswer: {'up' if w == 'sky' else 'down'}"},
        ]
        for i, w in enumerate(str(draws.choice(["sky", "sea"])) for _ in range(number))
    ]


def _write_chats(path: Path, chats: Sequence[Any]) -> str:
    path.write_text("".join(json.dumps({"messages": c}) + "\n" for c in chats))
    return str(path)


def test_a_decoder_learns_chats(tmp_path: Path) -> None:
    """A few steps of the real decoder on every arm; what counts is the last line."""
    names = [
        _write_chats(tmp_path / f"{n}.jsonl", _chats(m, KEY.child(n)))
        for n, m in (("made", 40), ("real", 30), ("test", 20))
    ]
    rows = [json.loads(line) for line in Path(names[2]).read_text().splitlines()]
    for row in rows:
        row["messages"][0]["content"] += " tell me"  # not a prompt that teaches
    Path(names[2]).write_text("".join(json.dumps(r) + "\n" for r in rows))
    options = DistillOptions(chat="messages", student="decoder", seeds=1, cpu_s=0, tokens=400)
    found, folder = run_distill(names[0], names[1], names[2], str(tmp_path / "out"), options)
    assert found.student == "decoder"
    assert found.made.tokens >= 400
    assert [f.name for f in found.floors] == ["3-gram sampler", "3-gram sampler"]
    assert (folder / "distill.html").is_file()


def test_the_floor_draws_chats_with_both_sides() -> None:
    """Prompt and answer in one walk, cut at the sign between them; lines come back."""
    lesson = Lesson(("a b?\nplease", "a c?"), ("yes\nAnswer: 1", "no\nAnswer: 2"))
    drawn = draw_floor(lesson, False, 4, 25, KEY)
    assert len(drawn) == 25
    assert set(drawn.answers) <= {"yes\nAnswer: 1", "no\nAnswer: 2"}
    assert set(drawn.prompts) <= {"a b?\nplease", "a c?"}


def _refused(bundle: str, real: str, test: str, out: Path, options: DistillOptions = OPTIONS) -> set[str]:
    with pytest.raises(RequestError) as caught:
        run_distill(bundle, real, test, str(out), options)
    assert not out.exists() or options is not OPTIONS or out.is_dir()
    return {problem.code for problem in caught.value.problems}


def write_bundle(path: Path) -> str:
    """The least that is a finished bundle: a manifest and one table."""
    (path / "data").mkdir(parents=True)
    write_rows(path / "data" / "rows.parquet", make_rows(30, KEY.child("bundle")))
    tables = {"rows": {"files": [{"file": "data/rows.parquet", "rows": 30}]}}
    manifest = {
        "format": 1,
        "verdict": "unassessed",
        "reasons": [],
        "content_hash": "",
        "recipe": {},
        "files": [],
        "findings": [],
    }
    (path / "manifest.json").write_text(json.dumps({**manifest, "parts": {"items": {"tables": tables}}}))
    return str(path)


@pytest.mark.slow
def test_a_bundle_that_sundog_made_is_read(tmp_path: Path) -> None:
    """Customers by rule, as the run writes them."""
    make(read("customers", changes=["parts.shop.units=30", "evidence.level=none"]), tmp_path / "bundle", workers=1)
    rows = read_rows(str(tmp_path / "bundle"), Columns("email", "sex"), "BUNDLE")
    assert len(rows.lesson) == 30
    assert "@" in rows.lesson.prompts[0]


def test_a_bundle_is_read(tmp_path: Path) -> None:
    """The first part with the columns."""
    rows = read_rows(write_bundle(tmp_path / "bundle"), Columns("text", "label"), "BUNDLE")
    assert rows.lesson == make_rows(30, KEY.child("bundle"))
    with pytest.raises(RequestError, match="SD-DISTILL-002"):
        read_rows(str(tmp_path / "bundle"), Columns("text", "colour"), "BUNDLE")


def test_rows_that_cannot_be_measured_are_refused(files: dict[str, str], tmp_path: Path) -> None:
    """Each with its code, before anything is trained."""
    good, real, test, out = files["good"], files["real"], files["test"], tmp_path / "out"
    rows = make_rows(200, KEY.child("test"))
    few = write_rows(tmp_path / "few.parquet", rows.take(np.arange(5)))
    assert _refused(few, real, test, out) == {"SD-DISTILL-005"}
    assert _refused(good, real, few, out) == {"SD-DISTILL-005"}
    one = write_rows(tmp_path / "one.parquet", rows.take(np.arange(0, 200, 2)))
    assert _refused(good, real, one, out) == {"SD-DISTILL-006"}
    odd = write_rows(tmp_path / "odd.parquet", Lesson(rows.prompts, ("sand",) * 200))
    assert "SD-DISTILL-007" in _refused(odd, real, one, out)
    assert _refused(good, test, test, out) == {"SD-DISTILL-008"}
    assert _refused(test, real, test, out) == {"SD-DISTILL-009"}
    assert _refused(good, real, test, out, DistillOptions("body", "label")) == {"SD-DISTILL-002"}
    options = DistillOptions("text", "label", part="people")
    assert _refused(write_bundle(tmp_path / "bundle"), real, test, out, options) == {"SD-DISTILL-003"}
    assert not out.exists()


def test_csv_without_the_column_names_the_nearest(files: dict[str, str], tmp_path: Path) -> None:
    """SD-DISTILL-002 for tables as for Parquet."""
    (tmp_path / "real.csv").write_text("texts,label\n" + "a b,x\n" * 30)
    with pytest.raises(RequestError, match="Did you mean 'texts'"):
        run_distill(files["good"], str(tmp_path / "real.csv"), files["test"], str(tmp_path / "out"), OPTIONS)


def test_a_few_test_rows_among_the_real_ones_are_left_out() -> None:
    """One in two hundred is a quirk of the data; it is said, and not counted."""
    real, test = make_rows(100, KEY.child("real")), make_rows(200, KEY.child("test"))
    mixed = real.join(test.take(np.array([7])))
    question = ask(make_rows(50, KEY.child("made")), mixed, test, True)
    assert len(question.test) == 199
    assert 7 not in question.kept
    assert "1 test rows" in question.remarks[0]


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (DistillOptions("text", "label", student="tree"), {"SD-DISTILL-011"}),
        (DistillOptions(chat="messages", student="linear"), {"SD-DISTILL-012"}),
        (DistillOptions(), {"SD-DISTILL-013"}),
        (DistillOptions("text", "label", "messages", student="decoder"), {"SD-DISTILL-013"}),
        (DistillOptions("text", "label", teacher_score=83), {"SD-DISTILL-016"}),
        (DistillOptions("text", "label", teacher_score=float("nan")), {"SD-DISTILL-016"}),
        (DistillOptions("text", "label", seeds=0, cpu_s=0), {"SD-DISTILL-014", "SD-DISTILL-015"}),
    ],
)
def test_options_that_say_nothing_are_refused(
    files: dict[str, str], tmp_path: Path, options: DistillOptions, codes: set[str]
) -> None:
    """All that is wrong at once."""
    assert _refused(files["good"], files["real"], files["test"], tmp_path / "out", options) == codes


def test_other_peoples_files_stay(files: dict[str, str], tmp_path: Path) -> None:
    """SD-DISTILL-010: an output that holds something else."""
    (tmp_path / "notes.txt").write_text("mine")
    assert _refused(files["good"], files["real"], files["test"], tmp_path, DistillOptions("text", "label")) == {
        "SD-DISTILL-010"
    }


@pytest.mark.parametrize(
    "chats",
    [
        ["hello"],
        [[{"role": "user"}]],
        [[{"role": "user", "content": "hi"}]],
        [[{"role": "assistant", "content": "hi"}]],
    ],
)
def test_what_is_no_chat_is_named_with_its_row(tmp_path: Path, chats: list[Any]) -> None:
    """SD-DISTILL-004."""
    path = _write_chats(tmp_path / "bad.jsonl", chats)
    assert _refused(path, path, path, tmp_path / "out", DistillOptions(chat="messages", student="decoder")) == {
        "SD-DISTILL-004"
    }
