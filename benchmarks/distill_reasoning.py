"""Distillation of reasoning, shown: the same decoder is taught by chains of steps, and by answers alone, and asked harder problems.

Two families, narrow enough for a million numbers: what a loop with two counters prints (additions only), and sums of one-digit numbers.
The harder band has more rounds and more terms than any problem that teaches. ``star``: a student that was taught a
few chains writes more of its own; those that the independent checker verifies step by step teach the next student.

Stored run by run in results/distill-reasoning.json; a budget of tokens, so that a run repeats on one machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from competitors import Competitor, make_environment
from distill_labelled import draw_alone
from real import HERE
from results import RESULTS, Bar, Sheet, say_reached, store_sheet

from sundog.core.findings import Curve, Series
from sundog.core.keys import Key
from sundog.lib.reasoning.make import make_problems
from sundog.lib.reasoning.problem import Problem
from sundog.lib.students.answers import final_answer
from sundog.lib.students.decoder import Budget, DecoderStudent, TaughtDecoder
from sundog.lib.students.protocol import Lesson
from sundog.lib.students.worth import draw_again, estimate_gain, estimate_score

KEY = Key.root(31)
PATH = RESULTS / "distill-reasoning.json"
GYM = Competitor("reasoning-gym", "reasoning-gym", "reasoning-gym")


@dataclass(frozen=True)
class Band:
    """Problems of one difficulty: dials by family, and the fewest steps that a problem of it has."""

    dials: Mapping[str, Mapping[str, int]]
    fewest: Mapping[str, int] = field(default_factory=dict)


TAUGHT = (
    Band({"loop_program": {"rounds": 2, "most": 9}, "sums": {"terms": 2, "digits": 1}}),
    Band({"loop_program": {"rounds": 3, "most": 9}, "sums": {"terms": 3, "digits": 1}}),
    Band({"loop_program": {"rounds": 4, "most": 9}, "sums": {"terms": 4, "digits": 1}}),
    Band({"loop_program": {"rounds": 4, "most": 9}, "sums": {"terms": 5, "digits": 1}}),
)
"""The bands that teach: at most 4 rounds (and the line that ends them) and 4 additions."""

HARD = Band(
    {"loop_program": {"rounds": 7, "most": 9}, "sums": {"terms": 7, "digits": 1}}, {"loop_program": 6, "sums": 6}
)
"""5 to 7 rounds and 6 additions: longer than anything that taught."""


@dataclass(frozen=True)
class Size:
    """How much is done; ``--tiny`` is for a test of the script itself."""

    examples: int = 40_000
    tokens: int = 2_000_000
    tested: int = 200
    seeds: int = 3
    width: int = 144
    star_first: int = 3_000
    star_asked: int = 3_000
    star_rounds: int = 4
    star_tokens: int = 1_200_000


TINY = Size(60, 4_000, 6, 1, 32, 30, 12, 1, 3_000)


def make_band(band: Band, number: int, key: Key) -> list[Problem]:
    """So many problems of a band, its families in turn."""
    by_family = []
    for family, dials in band.dials.items():
        found: list[Problem] = []
        start = 0
        while len(found) < (number + 1) // len(band.dials):
            made = make_problems(family, 1, dials, key, range(start, start + 4 * number))
            # A program that multiplies is another skill than adding; it is left out on both sides.
            found += [
                p for p in made if not any(s in p.question for s in "×*") and len(p.steps) >= band.fewest.get(family, 0)
            ]
            start += 4 * number
        by_family.append(found[: (number + 1) // len(band.dials)])
    return [p for pair in zip(*by_family, strict=True) for p in pair][:number]


def make_lesson_problems(number: int, key: Key) -> list[Problem]:
    """Problems of all bands that teach, each as often, no question twice."""
    each = [make_band(band, number // len(TAUGHT), key.child(i)) for i, band in enumerate(TAUGHT)]
    return list({p.question: p for row in zip(*each, strict=True) for p in row}.values())


def make_tests(tested: int, known: set[str]) -> dict[str, list[Problem]]:
    """Problems that teach nobody: of the bands that teach, and of the harder one, family by family."""
    easy = [p for p in make_band(TAUGHT[-1], 8 * tested, KEY.child("easy")) if p.question not in known]
    hard = make_band(HARD, 2 * tested, KEY.child("hard"))
    tests = {}
    for family in HARD.dials:
        tests[f"{family}, as taught"] = [p for p in easy if p.family == family][:tested]
        tests[f"{family}, harder"] = [p for p in hard if p.family == family][:tested]
    return tests


def teach_chains(problems: Sequence[Problem]) -> Lesson:
    """Question, then every step and the answer."""
    said = tuple("\n".join([*p.steps, f"Answer: {p.answer}"]) for p in problems)
    return Lesson(tuple(p.question for p in problems), said)


def teach_answers(problems: Sequence[Problem]) -> Lesson:
    """The same questions with the answer alone."""
    return Lesson(tuple(p.question for p in problems), tuple(f"Answer: {p.answer}" for p in problems))


def make_student(size: Size, tokens: int) -> DecoderStudent:
    began = time.process_time()
    last = [0]

    def hear(shown: int, loss: float) -> None:
        if shown // 100_000 > last[0]:
            last[0] = shown // 100_000
            print(f"  {shown:,} tokens, loss {loss:.3f}, {time.process_time() - began:.0f} cpu-s", flush=True)

    heads = 4 if size.width >= 64 else 2
    return DecoderStudent(
        Budget(tokens, 0),
        size.width,
        4,
        heads,
        400,
        longest=420,
        most_answer=260,
        batch=16,
        rate=3e-3,
        stretch=1.5,
        hear=hear,
    )


def ask(student: TaughtDecoder, tests: Mapping[str, list[Problem]]) -> dict[str, list[int]]:
    """Right (1) or wrong (0), problem by problem."""
    out = {}
    for name, problems in tests.items():
        answers = student.answer([p.question for p in problems])
        out[name] = [int(final_answer(a) == final_answer(p.answer)) for a, p in zip(answers, problems, strict=True)]
        print(f"  {name}: {np.mean(out[name]):.3f}", flush=True)
    return out


def ask_gym(student: TaughtDecoder, tested: int) -> dict[str, list[int]]:
    """reasoning-gym's own sums: as it words them, and the same sums as the lessons word them; judged by its own judge."""
    python = make_environment(GYM)
    runner = str(HERE / "rivals" / "gym_runner.py")
    made = json.loads(
        subprocess.run([str(python), runner, "make", str(tested)], check=True, capture_output=True).stdout
    )
    out = {}
    for task, items in made.items():
        for way in ("question", "expression"):
            asked = [i["question"] if way == "question" else f"What is {i['expression']}?" for i in items]
            said = [final_answer(a) for a in student.answer(asked)]
            body = json.dumps({"task": task, "number": tested, "answers": said})
            judged = subprocess.run(
                [str(python), runner, "judge"], input=body.encode(), check=True, capture_output=True
            ).stdout
            name = f"reasoning-gym {task}, " + ("its words" if way == "question" else "the lessons' words")
            out[name] = [int(score >= 0.99) for score in json.loads(judged)]
            print(f"  {name}: {np.mean(out[name]):.3f}", flush=True)
    return out


@dataclass
class Store:
    """Finished runs by name; without a path they are kept nowhere else."""

    path: Path | None
    runs: dict[str, Any] = field(default_factory=dict)

    def recall(self, name: str, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The stored run of this name; else run and store."""
        if name not in self.runs:
            print(name, flush=True)
            began = time.process_time()
            self.runs[name] = {**run(), "cpu_s": round(time.process_time() - began, 1)}
            if self.path is not None:
                part = self.path.with_suffix(".part")
                part.write_text(json.dumps(self.runs) + "\n")
                part.replace(self.path)
        return self.runs[name]


def open_store(path: Path) -> Store:
    return Store(path, json.loads(path.read_text()) if path.exists() else {})


def compare(store: Store, size: Size, gym: bool) -> None:
    """Chains against answers alone: the same number of tokens, and the same examples the same number of times."""
    problems = make_lesson_problems(size.examples, KEY.child("lessons"))
    tests = make_tests(size.tested, {p.question for p in problems})
    chains, answers = teach_chains(problems), teach_answers(problems)
    # The same examples as often: an answer alone is shorter, so that is so many tokens fewer.
    share = _count_letters(answers) / _count_letters(chains)

    def run(lesson: Lesson, tokens: int, seed: int) -> dict[str, Any]:
        taught = make_student(size, tokens).teach(lesson, KEY.child("student").child(seed))
        right = ask(taught, tests) | (ask_gym(taught, size.tested) if gym else {})
        return {"tokens": taught.tokens, "parameters": taught.network.count(), "right": right, "losses": taught.losses}

    for seed in range(size.seeds):
        store.recall(f"chains-{seed}", partial(run, chains, size.tokens, seed))
        store.recall(f"answers-tokens-{seed}", partial(run, answers, size.tokens, seed))
        store.recall(f"answers-examples-{seed}", partial(run, answers, round(size.tokens * share), seed))


def _count_letters(lesson: Lesson) -> int:
    return sum(map(len, (*lesson.prompts, *lesson.answers)))


def run_star(store: Store, size: Size) -> None:
    """Rounds of writing, checking and learning again, beside a student that gets as many tokens and no new chains."""
    from sundog.lib.reasoning.checker.check import check_problem

    first = make_lesson_problems(size.star_first, KEY.child("first"))
    tests = make_tests(size.tested, {p.question for p in first})
    lesson = teach_chains(first)
    key = KEY.child("star")
    for number in range(size.star_rounds + 1):
        before = lesson
        asked = make_lesson_problems(size.star_asked, key.child("asked").child(number))

        def run(number: int = number, before: Lesson = before, asked: Sequence[Problem] = asked) -> dict[str, Any]:
            taught = make_student(size, size.star_tokens).teach(before, key.child("student"))
            written = taught.write([p.question for p in asked], temperature=0.7, key=key.child("written").child(number))
            kept, right = [], 0
            for problem, text in zip(asked, written, strict=True):
                *steps, last = text.splitlines() or [""]
                right += final_answer(last) == final_answer(problem.answer)
                if last == f"Answer: {problem.answer}" and not check_problem(
                    problem.question, steps, problem.answer, problem.family
                ):
                    kept.append((problem.question, text))
            return {
                "tokens": taught.tokens,
                "taught": len(before),
                "asked": len(asked),
                "right_answers": right,
                "kept": kept,
                "right": ask(taught, tests),
            }

        found = store.recall(f"star-{number}", run)
        lesson = before.join(Lesson(tuple(q for q, _ in found["kept"]), tuple(t for _, t in found["kept"])))

    def again() -> dict[str, Any]:
        taught = make_student(size, size.star_tokens).teach(teach_chains(first), key.child("again"))
        return {"tokens": taught.tokens, "taught": len(first), "right": ask(taught, tests)}

    store.recall("star-without", again)


def _right(store: Store, arm: str, names: Sequence[str], seeds: int) -> np.ndarray | None:
    runs = [store.runs.get(f"{arm}-{seed}") for seed in range(seeds)]
    rows = [
        [r for n in names for r in run["right"][n]]
        for run in runs
        if run is not None and all(n in run["right"] for n in names)
    ]
    return np.array(rows, dtype=bool) if rows else None


def store_page(store: Store, size: Size) -> None:
    """The tables, the bar and the curve, from what is stored."""
    arms = ("chains", "answers-tokens", "answers-examples")
    words = ("chains", "answers alone, as many tokens", "answers alone, as many examples")
    names = list(next(iter(store.runs.values()))["right"]) if store.runs else []
    gym = sorted({n for run in store.runs.values() for n in run["right"] if n.startswith("reasoning-gym")})
    hard = [n for n in names if n.endswith("harder")]
    rows = []
    for name in [*names, *(g for g in gym if g not in names)]:
        cells = []
        for arm in arms:
            right = _right(store, arm, [name], size.seeds)
            if right is None:
                cells.append("not run yet")
                continue
            e = estimate_score(right, draw_again(len(right), right.shape[1], KEY))
            cells.append(f"{e.value:.3f} ({e.low:.3f} to {e.high:.3f}), {len(right)} seeds")
        rows.append((name, *cells))
    bars = []
    chains, answers = _right(store, "chains", hard, size.seeds), _right(store, "answers-tokens", hard, size.seeds)
    if chains is not None and answers is not None:
        both = min(len(chains), len(answers))
        gain = estimate_gain(chains[:both], answers[:both], draw_again(both, chains.shape[1], KEY))
        said = f"{100 * gain.value:+.1f} points ({100 * gain.low:+.1f} to {100 * gain.high:+.1f}), {both} seeds"
        bars.append(
            Bar(
                "distillation 2: chains above answers alone, harder band",
                ">= 30 points",
                said,
                say_reached(gain.value >= 0.3),
            )
        )
    tokens = sorted({run["tokens"] for name, run in store.runs.items() if not name.startswith("star")})
    store_sheet(
        Sheet(
            "distill-reasoning",
            "Distillation: chains of steps",
            "A decoder of a million numbers, taught by verified chains or by their answers alone, asked problems longer than any that taught: "
            f"loops of 5 to 7 rounds (taught: up to 4) and sums of 7 numbers (taught: up to 5). Shown tokens: {', '.join(f'{t:,}' for t in tokens)}.",
            ("asked", *words),
            tuple(rows),
            tuple(bars),
        )
    )
    rounds = [(i, store.runs[f"star-{i}"]) for i in range(size.star_rounds + 1) if f"star-{i}" in store.runs]
    if len(rounds) > 1:
        series = [
            Series(name=n, y=tuple(float(np.mean(r["right"][n])) for _, r in rounds)) for n in rounds[0][1]["right"]
        ]
        curve = Curve(
            x=tuple(float(i) for i, _ in rounds),
            series=tuple(series),
            x_unit="round",
            unit="share of problems answered right",
        )
        (RESULTS / "distill-star.svg").write_text(
            draw_alone(curve, "A student that learns from its own verified chains")
        )
    if rounds:
        without = store.runs.get("star-without")
        table = [
            (
                str(i),
                f"{r['taught']:,}",
                f"{r['right_answers']:,} of {r['asked']:,}",
                f"{len(r['kept']):,}",
                *(f"{np.mean(v):.3f}" for v in r["right"].values()),
            )
            for i, r in rounds
        ]
        if without:
            table.append(
                (
                    "first chains alone, other weights",
                    f"{without['taught']:,}",
                    "",
                    "",
                    *(f"{np.mean(v):.3f}" for v in without["right"].values()),
                )
            )
        store_sheet(
            Sheet(
                "distill-star",
                "Distillation: a student's own verified chains (STaR)",
                "In each round the student writes chains for new problems; those of which the answer and every step verify teach the next one, from new weights.",
                (
                    "round",
                    "chains that taught",
                    "right answers written",
                    "kept: every step verified",
                    *rounds[0][1]["right"],
                ),
                tuple(table),
                pictures=("results/distill-star.svg",) if len(rounds) > 1 else (),
            )
        )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tiny", action="store_true", help="a few steps of everything, stored beside nothing")
    parser.add_argument("--without-gym", action="store_true")
    parser.add_argument("--only", choices=("compare", "star", "page"))
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args(arguments)
    size = TINY if asked.tiny else Size(seeds=asked.seeds)
    store = Store(None) if asked.tiny else open_store(PATH)
    if asked.only in (None, "compare"):
        compare(store, size, not asked.without_gym)
    if asked.only in (None, "star"):
        run_star(store, size)
    if not asked.tiny:
        store_page(store, Size())
    else:
        print(f"{len(store.runs)} runs", file=sys.stderr)
