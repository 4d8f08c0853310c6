"""Teaches one kind of student on made rows, on real rows, on fewer of them, on both, and on the floor; asks all the same test rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sundog.core.keys import Key
from sundog.evidence.distill.asked import Question
from sundog.evidence.distill.floor import draw_floor
from sundog.evidence.distill.runs import KeptNowhere, Right, Run, Runs
from sundog.lib.students.answers import final_answer
from sundog.lib.students.floors import MajorityStudent
from sundog.lib.students.overlap import Overlap, measure_overlap
from sundog.lib.students.protocol import Lesson, Student
from sundog.lib.students.worth import (
    Draws,
    Estimate,
    Worth,
    draw_again,
    estimate_gain,
    estimate_ratio,
    estimate_score,
    estimate_worth,
)

SHARES_OF_REAL = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Sizes of the curve."""

AUGMENTED = (0.02, 0.1, 1.0)

FEWEST_REAL = 10
"""Real rows below which a size is left out: with fewer, most labels have none."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is measured.

    Attributes:
        seeds: trainings of each; they differ in the rows drawn, and in the weights where the student draws some.
        orders: n of the n-gram floors.
        same: whether two trainings on the same rows give the same student, so that one is enough.
    """

    seeds: int = 3
    orders: tuple[int, ...] = (1, 2, 3, 4)
    same: bool = True


@dataclass(frozen=True)
class Score:
    """One line of the table.

    Attributes:
        name: what taught the student.
        rows: how many of them.
        tokens: that the student was shown, mean over seeds.
        score: share of test rows answered right.
        seeds: the scores one by one.
    """

    name: str
    rows: int
    tokens: int
    score: Estimate
    seeds: tuple[float, ...]


@dataclass(frozen=True)
class Augmentation:
    """Real rows with the made ones beside them, against the same real rows alone.

    Attributes:
        share: of the real rows.
        rows: how many that are.
        alone: score without the made rows.
        both: score with all of them.
        gain: the second less the first; below 0 where the made rows do harm.
    """

    share: float
    rows: int
    alone: Estimate
    both: Estimate
    gain: Estimate


@dataclass(frozen=True)
class Distillation:
    """All that was measured."""

    student: str
    seeds: int
    tested: int
    made: Score
    real: Score
    majority: Score
    floors: tuple[Score, ...]
    curve: tuple[Score, ...]
    share_of_real: Estimate | None
    above_floor: Estimate
    worth: Worth | None
    augmentations: tuple[Augmentation, ...]
    overlap: Overlap
    teacher: Estimate | None = None
    teacher_agrees: float | None = None
    remarks: tuple[str, ...] = ()

    @property
    def floor(self) -> Score:
        """The best of the n-gram floors."""
        return max(self.floors, key=lambda s: s.score.value)


@dataclass(frozen=True)
class _Bench:
    """What every training shares."""

    question: Question
    student: Student
    plan: Plan
    key: Key
    runs: Runs
    draws: Draws
    say: Callable[[str], None]

    def score(self, name: str, label: str, lesson: Callable[[int], Lesson], vary: bool) -> tuple[Score, Right]:
        """Teach once a seed, and ask."""
        runs: list[Run] = []
        for seed in range(self.plan.seeds):
            if runs and self.plan.same and not vary:
                runs.append(runs[0])
                continue
            runs.append(self.runs.recall(f"{name}-{seed}", partial(self._teach, label, lesson, seed)))
        right = np.stack([run.right for run in runs])
        estimate = estimate_score(right, self.draws)
        tokens = round(float(np.mean([run.tokens for run in runs])))
        seeds = tuple(float(run.right.mean()) for run in runs)
        return Score(label, runs[0].rows, tokens, estimate, seeds), right

    def _teach(self, label: str, draw: Callable[[int], Lesson], seed: int) -> Run:
        lesson = draw(seed)
        self.say(f"{label}, {len(lesson):,} rows, training {seed + 1} of {self.plan.seeds}")
        taught = self.student.teach(lesson, self.key.child("student").child(seed))
        return Run(judge(self.question, taught.answer(self.question.test.prompts)), taught.tokens, len(lesson))


def judge(question: Question, answers: Sequence[str]) -> Right:
    """Which answers are right: bool (test rows,)."""
    wanted = question.test.answers
    if question.labelled:
        return np.array([a == w for a, w in zip(answers, wanted, strict=True)])
    return np.array([final_answer(a) == final_answer(w) for a, w in zip(answers, wanted, strict=True)])


def measure(
    question: Question,
    student: Student,
    plan: Plan,
    key: Key,
    runs: Runs | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Distillation:
    """All trainings, and what follows from them.

    Args:
        question: rows that were checked.
        student: how to learn, the same for all.
        plan: how often.
        key: of all draws.
        runs: where trainings are stored; None for nowhere.
        say: told of each training before it begins.
    """
    real = question.real
    draws = draw_again(plan.seeds, len(question.test), key.child("bootstrap"))
    bench = _Bench(question, student, plan, key, runs or KeptNowhere(), draws, say)
    made, made_right = bench.score("made", "made rows", lambda _: question.made, vary=False)
    sizes = _list_sizes(len(real))
    lines = [_score_size(bench, size) for size in sizes]
    real_score, real_right = lines[-1]
    many, few_rows = len(question.made), min(len(question.made), len(real))
    floors = [_score_floor(bench, n, few_rows) for n in plan.orders]
    best = max(range(len(floors)), key=lambda i: floors[i][0].score.value)
    if many > few_rows:
        # More rows teach more, a sampler's too: the best order draws as many as were made.
        floors.append(_score_floor(bench, plan.orders[best], many))
    best_right = max(floors, key=lambda f: f[0].score.value)[1]
    taught = MajorityStudent().teach(real, key)
    most = np.tile(judge(question, taught.answer(question.test.prompts)), (plan.seeds, 1))
    several = len(lines) > 1
    return Distillation(
        student=student.name,
        seeds=plan.seeds,
        tested=len(question.test),
        made=made,
        real=real_score,
        majority=Score("majority", len(real), 0, estimate_score(most, draws), (float(most.mean()),) * plan.seeds),
        floors=tuple(score for score, _ in floors),
        curve=tuple(score for score, _ in lines),
        share_of_real=estimate_ratio(made_right, real_right, draws),
        above_floor=estimate_gain(made_right, best_right, draws),
        worth=estimate_worth(made_right, sizes, [r for _, r in lines], draws) if several else None,
        augmentations=tuple(
            _augment(bench, share, size, dict(zip(sizes, lines, strict=True)))
            for share in AUGMENTED
            if (size := _size(share, len(real))) in sizes
        ),
        overlap=measure_overlap(question.made.prompts, real.prompts, key.child("overlap")),
        remarks=question.remarks,
    )


def _size(share: float, rows: int) -> int:
    return round(rows * share)


def _list_sizes(rows: int) -> list[int]:
    return sorted({size for share in SHARES_OF_REAL if (size := _size(share, rows)) >= FEWEST_REAL})


def _some(bench: _Bench, size: int, seed: int) -> Lesson:
    """So many real rows: the first of an order that is drawn for each seed, so that the larger set holds the smaller."""
    real = bench.question.real
    order = bench.key.child("some").child(seed).generator().permutation(len(real))
    return real if size == len(real) else real.take(np.sort(order[:size]))


def _score_size(bench: _Bench, size: int) -> tuple[Score, Right]:
    whole = size == len(bench.question.real)
    return bench.score(f"real-{size}", f"{size:,} real rows", lambda s: _some(bench, size, s), vary=not whole)


def _score_floor(bench: _Bench, n: int, rows: int) -> tuple[Score, Right]:
    question = bench.question

    def draw(seed: int) -> Lesson:
        key = bench.key.child("floor").child(n).child(seed)
        return draw_floor(question.real, question.labelled, n, rows, key)

    return bench.score(f"floor-{n}-{rows}", f"{n}-gram sampler", draw, vary=True)


def _augment(bench: _Bench, share: float, size: int, lines: dict[int, tuple[Score, Right]]) -> Augmentation:
    alone, alone_right = lines[size]
    whole = size == len(bench.question.real)
    label = f"{size:,} real rows and all made ones"
    both, both_right = bench.score(
        f"both-{size}", label, lambda s: _some(bench, size, s).join(bench.question.made), vary=not whole
    )
    return Augmentation(share, size, alone.score, both.score, estimate_gain(both_right, alone_right, bench.draws))
