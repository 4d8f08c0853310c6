"""Distillation of labelled text, shown on 20newsgroups: the student never sees a real row.

The generator is ``sundog.lib.students.sampled``: pairs of words as often as in the real posts of one group, and a teacher (softmax regression
on words, taught by the real posts) that says for each drawn text how it shares it out over the groups. Nothing that it makes reads like a post.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from competitors import WORK
from newsgroups import FIRST_WORDS, read_posts
from results import RESULTS, Bar, Sheet, say_reached, store_sheet

from sundog.core.findings import Curve
from sundog.core.keys import Key
from sundog.evidence.distill.asked import ask
from sundog.evidence.distill.distill import DistillOptions, run_distill
from sundog.evidence.distill.floor import draw_floor
from sundog.evidence.distill.measure import Distillation, judge
from sundog.evidence.distill.page import draw_curve_of
from sundog.evidence.distill.write import list_scores, write_estimate, write_gain, write_overlap, write_worth
from sundog.evidence.report.chart_lines import draw_curve
from sundog.lib.students.linear import LinearStudent
from sundog.lib.students.overlap import measure_overlap
from sundog.lib.students.protocol import Lesson
from sundog.lib.students.sampled import draw_sampled, learn_sampled
from sundog.lib.students.worth import Estimate, draw_again, estimate_gain, estimate_score

ROWS = 30_000
"""Made rows: 2.7 times the real ones."""

SEEDS = 3
KEY = Key.root(20)
FOLDER = RESULTS / "distill-labelled"
FEW = (0.02, 0.1)
MOST_FEW_ROWS = 6_000


def run() -> Distillation:
    """Make the rows, measure, store; goes on where it was stopped."""
    work = WORK / "distill"
    work.mkdir(parents=True, exist_ok=True)
    train, test = read_posts("train"), read_posts("test")
    teacher = LinearStudent().teach(Lesson(*train), KEY)
    model = learn_sampled(*train, n=2, longest=FIRST_WORDS, teacher=teacher, softening=1.0)
    _write(work / "real.parquet", Lesson(*train))
    _write(work / "test.parquet", Lesson(*test), teacher=teacher.answer(test[0]))
    _write(work / "sampled.parquet", draw_sampled(model, KEY.child("rows"), range(ROWS)))
    options = DistillOptions(text="text", label="label", student="linear", seeds=SEEDS)
    names = [str(work / f"{name}.parquet") for name in ("sampled", "real", "test")]
    found, folder = run_distill(
        names[0], names[1], names[2], str(FOLDER), options, lambda line: print(line, flush=True)
    )
    (folder / "distill.html").unlink()  # the figures below are the page's own
    _draw(found)
    return found


def _write(path: Path, lesson: Lesson, teacher: tuple[str, ...] | None = None) -> None:
    columns: dict[str, pa.Array] = {"text": pa.array(lesson.prompts), "label": pa.array(lesson.answers)}
    if teacher is not None:
        columns["teacher"] = pa.array(teacher)
    if lesson.shares is not None:
        entry = pa.struct([("label", pa.string()), ("share", pa.float32())])
        # Shares below a thousandth change nothing and would triple the file.
        rows = [
            [{"label": lesson.labels[i], "share": row[i]} for i in np.flatnonzero(row >= 1e-3)] for row in lesson.shares
        ]
        columns["shares"] = pa.array(rows, pa.list_(entry))
    pq.write_table(pa.table(columns), path, compression="zstd")


def run_few() -> list[dict[str, object]]:
    """Everything learned from a few real rows alone: does it help to add what is drawn from the very same rows?"""
    path = RESULTS / "distill-labelled-few.json"
    stored: list[dict[str, object]] = json.loads(path.read_text()) if path.exists() else []
    train, test = read_posts("train"), read_posts("test")
    real, wanted = Lesson(*train), np.array(test[1])
    for share in FEW:
        if any(line["share"] == share for line in stored):
            continue
        alone, both, made = [], [], []
        for seed in range(SEEDS):
            key = KEY.child("few").child(seed)
            rows = np.sort(key.generator().permutation(len(real))[: round(share * len(real))])
            few = real.take(rows)
            teacher = LinearStudent().teach(few, key)
            model = learn_sampled(few.prompts, few.answers, n=2, longest=FIRST_WORDS, teacher=teacher, softening=1.0)
            drawn = draw_sampled(model, key.child("rows"), range(min(10 * len(few), MOST_FEW_ROWS)))
            alone.append(np.array(teacher.answer(test[0])) == wanted)
            for lesson, right in ((drawn, made), (few.join(drawn), both)):
                right.append(np.array(LinearStudent().teach(lesson, key).answer(test[0])) == wanted)
        draws = draw_again(SEEDS, len(wanted), KEY.child("bootstrap"))
        a, b, m = np.stack(alone), np.stack(both), np.stack(made)
        stored.append(
            {
                "share": share,
                "rows": round(share * len(real)),
                "alone": asdict(estimate_score(a, draws)),
                "made": asdict(estimate_score(m, draws)),
                "both": asdict(estimate_score(b, draws)),
                "gain": asdict(estimate_gain(b, a, draws)),
            }
        )
        path.write_text(json.dumps(stored, indent=1) + "\n")
        print("few", stored[-1], flush=True)
    return stored


def run_softened() -> dict[str, object]:
    """A better teacher (naive Bayes on words and pairs), softened, on texts of three words at a time: as many rows, one training.

    Set against the n-gram sampler that scored best with as many rows, on the same test rows.
    """
    path = RESULTS / "distill-labelled-softened.json"
    if path.exists():
        stored: dict[str, object] = json.loads(path.read_text())
        return stored
    train, test = read_posts("train"), read_posts("test")
    model = learn_sampled(*train, n=3, longest=FIRST_WORDS)
    drawn = draw_sampled(model, KEY.child("softened"), range(ROWS))
    question = ask(drawn, Lesson(*train), Lesson(*test), labelled=True)
    right = judge(question, LinearStudent().teach(drawn, KEY).answer(question.test.prompts))
    shares = model.teacher.shares(question.test.prompts)
    taught = judge(question, [model.teacher.labels[i] for i in shares.argmax(axis=1)])
    floors = [_recall(p) for p in sorted((FOLDER / "runs").glob(f"floor-*-{ROWS}-*.json"))]
    draws = draw_again(len(floors), len(right), KEY.child("softened"))
    rows = np.tile(right, (len(floors), 1))
    overlap = measure_overlap(drawn.prompts, train[0], KEY.child("overlap"))
    body = {
        "teacher": float(taught.mean()),
        "made": asdict(estimate_score(rows, draws)),
        "above_floor": asdict(estimate_gain(rows, np.stack(floors), draws)),
        "overlap": {**asdict(overlap), "ratio": overlap.ratio},
    }
    path.write_text(json.dumps(body, indent=1) + "\n")
    print("softened", body, flush=True)
    return body


def run_copying() -> dict[str, float]:
    """What the samplers themselves repeat of the real posts, as a multiple of what a real half does."""
    path = RESULTS / "distill-labelled-copying.json"
    if path.exists():
        stored: dict[str, float] = json.loads(path.read_text())
        return stored
    train = Lesson(*read_posts("train"))
    ratios = {}
    for n in (1, 2, 3, 4):
        drawn = draw_floor(train, True, n, 3_000, KEY.child("copying").child(n))
        ratios[f"{n}-gram sampler"] = round(
            measure_overlap(drawn.prompts, train.prompts, KEY.child("overlap")).ratio or 0.0, 4
        )
    path.write_text(json.dumps(ratios, indent=1) + "\n")
    return ratios


def _recall(path: Path) -> np.ndarray:
    kept = json.loads(path.read_text())
    bits = np.frombuffer(bytes.fromhex(kept["right"]), dtype=np.uint8)
    return np.unpackbits(bits)[: kept["asked"]].astype(bool)


def _draw(found: Distillation) -> None:
    exhibit = draw_curve_of(found)
    assert exhibit is not None
    assert isinstance(exhibit.drawing, Curve)
    (RESULTS / "distill-labelled.svg").write_text(draw_alone(exhibit.drawing, exhibit.title))


def draw_alone(curve: Curve, title: str) -> str:
    """A chart of the report as a file of its own, in the report's colours, light or dark as the reader's page is."""
    chart = draw_curve(curve, title, "c", False)
    style = (
        "svg{background:#fffdf8;font-family:sans-serif}text{fill:#444}.grid,.base{stroke:#ccc;fill:none}.line{fill:none;stroke-width:2}"
        ".band{opacity:.18;stroke:none}.c-real{stroke:#9a6700;fill:#9a6700}.c-synth{stroke:#2563a8;fill:#2563a8}"
        ".c-chance{stroke:#777;fill:#777;stroke-dasharray:4 3}.c-1{stroke:#5b8c2a;fill:#5b8c2a}.c-2{stroke:#8a4a9e;fill:#8a4a9e}"
        ".c-3{stroke:#b8531a;fill:#b8531a}.c-4{stroke:#3a7d7c;fill:#3a7d7c}.line{fill:none!important}"
        "@media(prefers-color-scheme:dark){svg{background:#1b1d21}text{fill:#ccc}.grid,.base{stroke:#444}.c-real{stroke:#e3b341;fill:#e3b341}"
        ".c-synth{stroke:#79b8ff;fill:#79b8ff}.c-1{stroke:#9fd356;fill:#9fd356}.c-2{stroke:#d2a8ff;fill:#d2a8ff}}"
    )
    names = "".join(
        f'<text x="56" y="{276 + 16 * i}" font-size="11" class="{css}" style="stroke:none">{name}</text>'
        for i, (css, name) in enumerate(chart.legend)
    )
    body = chart.svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="640" ', 1)
    body = body.replace('viewBox="0 0 420 260"', f'viewBox="0 0 420 {268 + 16 * len(chart.legend)}"')
    return body.replace("<title", f"<style>{style}</style><title", 1).replace("</svg>", names + "</svg>") + "\n"


def store(
    found: Distillation, few: list[dict[str, object]], softened: dict[str, Any], copying: dict[str, float]
) -> None:
    """The page's table and bars."""
    real, made = found.real.score.value, found.made.score.value
    ratio = made / real
    overlap = found.overlap
    assert overlap.ratio is not None
    better = softened["made"]["value"]
    repeated = ", ".join(f"{ratio:.2f} ({name})" for name, ratio in copying.items())
    rows = [(a, b, c, d) for a, b, c, d in list_scores(found)]
    words = f"its teacher (naive Bayes on words and pairs) {softened['teacher']:.4f}"
    rows.insert(
        3,
        (
            "made rows, three words at a time, softened",
            f"{ROWS:,}",
            write_estimate(Estimate(**softened["made"])),
            words,
        ),
    )
    rows += [
        (
            f"{a.share:.0%} of the real rows, with all made ones",
            f"{a.rows:,} + {found.made.rows:,}",
            write_estimate(a.both),
            f"alone {a.alone.value:.4f}; gain {write_gain(a.gain)}",
        )
        for a in found.augmentations
    ]
    for line in few:
        alone, both, gain = (Estimate(**line[name]) for name in ("alone", "both", "gain"))  # type: ignore[arg-type]
        words = f"alone {alone.value:.4f}; gain {write_gain(gain)}"
        rows.append(
            (
                f"{line['share']:.0%} of the real rows, with rows made from them alone",
                f"{line['rows']:,}",
                write_estimate(both),
                words,
            )
        )
    store_sheet(
        Sheet(
            "distill-labelled",
            "Distillation: labelled text",
            f"20newsgroups, first {FIRST_WORDS} words, 20 groups, {found.tested:,} test posts. The student is a softmax regression on words; it sees "
            f"{found.made.rows:,} made texts and no real one. They are drawn as pairs of words, which reads like no post, and carry a "
            f"teacher's shares. Worth {write_worth(found.worth, found.real.rows) if found.worth else 'unknown'}. {write_overlap(found)}; "
            f"of all real posts: {overlap.made_in_all:.4f}. The samplers repeat {repeated} times what a real half does.",
            ("taught by", "rows", "accuracy (95% interval)", "by seed"),
            tuple(rows),
            (
                Bar(
                    "distillation 1: made over real",
                    ">= 0.97 of the real-trained student (.836)",
                    f"{ratio:.4f} ({made:.4f} of {real:.4f}); softened {better / real:.4f}",
                    say_reached(ratio >= 0.97 and made >= 0.97 * 0.836),
                ),
                Bar(
                    "distillation 1: above the n-gram floor",
                    "> 0.796",
                    f"{made:.4f}; softened {better:.4f}",
                    say_reached(made > 0.796),
                ),
                Bar(
                    f"distillation 1: softened, above the best sampler of as many rows ({found.floor.name}, {found.floor.score.value:.4f})",
                    "> 0",
                    write_gain(Estimate(**softened["above_floor"])),
                    say_reached(softened["above_floor"]["low"] > 0),
                ),
                Bar(
                    "distillation 1: 8-grams repeated",
                    "<= 2 x a real half",
                    f"{overlap.ratio:.4f} x; softened {softened['overlap']['ratio']:.4f} x",
                    say_reached(overlap.ratio <= 2 and softened["overlap"]["ratio"] <= 2),
                ),
            ),
            ("results/distill-labelled.svg",),
        )
    )


def main() -> None:
    store(run(), run_few(), run_softened(), run_copying())
