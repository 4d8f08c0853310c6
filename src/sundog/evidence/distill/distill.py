"""The whole measurement: reads three sets of rows, teaches and asks, and writes distill.json and distill.html."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.keys import Key
from sundog.evidence.distill.asked import Question, ask
from sundog.evidence.distill.measure import Distillation, Plan, judge, measure
from sundog.evidence.distill.page import render_page
from sundog.evidence.distill.reading import Columns, Rows, read_rows
from sundog.evidence.distill.runs import KeptInFolder, digest_of
from sundog.evidence.distill.write import write_json
from sundog.lib.students.decoder import Budget, DecoderStudent
from sundog.lib.students.linear import LinearStudent
from sundog.lib.students.protocol import Student
from sundog.lib.students.torch_needed import need_torch
from sundog.lib.students.worth import Estimate, draw_again, estimate_score

STUDENTS = ("linear", "decoder")

MOST_ANSWER = 224
"""Tokens of an answer of a decoder; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class DistillOptions:
    """What the command line says.

    Attributes:
        text: column of the texts; empty for chats.
        label: column of their labels.
        chat: column of the chats; empty for labelled texts.
        part: of the bundle; empty for the first that has the columns.
        student: ``linear`` or ``decoder``.
        seeds: trainings of each.
        cpu_s: processor seconds of one training of a decoder; 0 for no limit.
        tokens: of one training of a decoder; 0 for no limit.
        teacher_score: what the teacher scores on the test rows, where it is known.
        seed: of every draw.
    """

    text: str = ""
    label: str = ""
    chat: str = ""
    part: str = ""
    student: str = "linear"
    seeds: int = 3
    cpu_s: float = 120.0
    tokens: int = 0
    teacher_score: float | None = None
    seed: int = 1


def run_distill(
    bundle: str,
    real: str,
    test: str,
    out: str,
    options: DistillOptions,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Distillation, Path]:
    """Measure and write; a run that was stopped goes on where it was when it is asked for again with the same rows and options.

    Raises:
        RequestError: before anything is written.
    """
    _check(options)
    folder = Path(out)
    if folder.exists() and (not folder.is_dir() or any(p.name not in _OURS for p in folder.iterdir())):
        what = "the output holds other files"
        raise RequestError(Problem("SD-DISTILL-010", out, what, "Give an empty or a new folder with -o."))
    columns = Columns(options.text, options.label, options.chat)
    made, theirs = read_rows(bundle, columns, "BUNDLE", options.part), read_rows(real, columns, "--real")
    asked = read_rows(test, columns, "--test")
    question = ask(made.lesson, theirs.lesson, asked.lesson, labelled=not options.chat)
    student, plan = _choose(options, question)
    lessons = (question.made, question.real, question.test)
    # Where results are written changes none of them, and a score of the teacher trains nobody.
    digest = digest_of(json.dumps(asdict(replace(options, teacher_score=None)), sort_keys=True), *lessons)
    runs = KeptInFolder(folder / "runs", digest)
    found = measure(question, student, plan, Key.root(options.seed).child("distill"), runs, say)
    found = replace(
        found,
        teacher=_score_teacher(question, asked, options),
        teacher_agrees=None
        if made.teacher is None
        else float(np.mean([t == a for t, a in zip(made.teacher, made.lesson.answers, strict=True)])),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "distill.json").write_text(json.dumps(write_json(found), indent=1) + "\n", encoding="utf-8")
    name = Path(bundle.rstrip("/")).name
    (folder / "distill.html").write_text(render_page(found, f"What {name} teaches"), encoding="utf-8")
    return found, folder


_OURS = ("runs", "distill.json", "distill.html")


def _check(options: DistillOptions) -> None:
    wrong = []
    if options.student not in STUDENTS:
        what = f"{options.student!r} is no student"
        wrong.append(Problem("SD-DISTILL-011", "--student", what, nearest(options.student, STUDENTS)))
    elif options.student == "linear" and options.chat:
        what = "the linear student knows labels, and chats have none"
        wrong.append(Problem("SD-DISTILL-012", "--student", what, "Take --student decoder for chats."))
    if bool(options.chat) == bool(options.text or options.label) or bool(options.text) != bool(options.label):
        what = "either --text and --label are stated, or --chat"
        wrong.append(Problem("SD-DISTILL-013", "--text", what, "For example: --text text --label label"))
    if options.seeds < 1:
        wrong.append(
            Problem("SD-DISTILL-014", "--seeds", f"{options.seeds} trainings measure nothing", "Give at least 1.")
        )
    if options.cpu_s < 0 or options.tokens < 0 or not (options.cpu_s or options.tokens):
        what = (
            f"a training of {options.cpu_s:g} processor seconds and {options.tokens} tokens has no end or no beginning"
        )
        wrong.append(Problem("SD-DISTILL-015", "--budget", what, "Give seconds above 0, or --tokens."))
    if options.teacher_score is not None and not 0 <= options.teacher_score <= 1:
        what = f"{options.teacher_score:g} is no share of rows answered right"
        wrong.append(Problem("SD-DISTILL-016", "--teacher-score", what, "Give a number from 0 to 1: 0.83 for 83%."))
    if wrong:
        raise RequestError(*wrong)
    if options.student == "decoder":
        need_torch("--student decoder")


def _choose(options: DistillOptions, question: Question) -> tuple[Student, Plan]:
    if options.student == "linear":
        return LinearStudent(), Plan(options.seeds)
    # No answer has more pieces than bytes; an answer that never ends costs as much as the longest.
    longest = max(len(a.encode("utf-8", "replace")) for a in (*question.made.answers, *question.real.answers))
    most_answer = min(longest + 8, MOST_ANSWER)
    student = DecoderStudent(Budget(options.tokens, options.cpu_s), longest=512, most_answer=most_answer)
    # A decoder trains for minutes, and one n-gram floor of the middle is enough to be beaten.
    return student, Plan(options.seeds, orders=(3,), same=False)


def _score_teacher(question: Question, asked: Rows, options: DistillOptions) -> Estimate | None:
    if asked.teacher is not None:
        right = judge(question, [asked.teacher[i] for i in question.kept])[None]
        return estimate_score(right, draw_again(1, right.shape[1], Key.root(options.seed).child("teacher")))
    score = options.teacher_score
    return None if score is None else Estimate(score, score, score)
