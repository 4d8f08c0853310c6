"""What is asked of a measurement, and whether it can be measured at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sundog.core.errors import Problem, RequestError
from sundog.lib.students.protocol import Lesson

FEWEST_TAUGHT = 20
FEWEST_ASKED = 20
SEEN_ALREADY = 0.01
"""Share of the test rows that may stand among the rows that teach: they are left out of the test. Above it, the files overlap."""


@dataclass(frozen=True)
class Question:
    """Rows, checked against each other.

    Attributes:
        made: what the bundle teaches.
        real: what real rows teach.
        test: real rows that neither has.
        labelled: whether answers are labels; else what is written last in an answer counts.
        kept: numbers of the test file's rows that ``test`` holds.
        remarks: what was left out.
    """

    made: Lesson
    real: Lesson
    test: Lesson
    labelled: bool
    kept: tuple[int, ...]
    remarks: tuple[str, ...] = ()


def ask(made: Lesson, real: Lesson, test: Lesson, labelled: bool) -> Question:
    """Compare the three sets of rows.

    Raises:
        RequestError: all that is wrong: too few rows, labels that the test lacks, labels that real rows lack, test rows among the real
            ones or among the made ones.
    """
    wrong = [
        Problem(
            "SD-DISTILL-005",
            where,
            f"{len(rows):,} rows with a text and an answer are too few",
            f"Give at least {fewest}.",
        )
        for where, rows, fewest in (
            ("BUNDLE", made, FEWEST_TAUGHT),
            ("--real", real, FEWEST_TAUGHT),
            ("--test", test, FEWEST_ASKED),
        )
        if len(rows) < fewest
    ]
    if wrong:
        raise RequestError(*wrong)
    if labelled:
        wrong += _compare_labels(made, real, test)
    asked = [_fold(p) for p in test.prompts]
    seen: set[int] = set()
    remarks = []
    for name, rows in (("real rows", real), ("rows of the bundle", made)):
        known = {_fold(p) for p in rows.prompts}
        twice = [i for i, prompt in enumerate(asked) if prompt in known]
        if len(twice) > SEEN_ALREADY * len(asked):
            what = f"{len(twice):,} of {len(asked):,} test rows stand among the {name}: a score would show memory"
            fix = "Split the real rows before anything is learned from them."
            problems = {
                "real rows": Problem("SD-DISTILL-008", "--real", what, fix),
                "rows of the bundle": Problem("SD-DISTILL-009", "BUNDLE", what, fix),
            }
            wrong.append(problems[name])
        elif twice:
            seen |= set(twice)
            remarks.append(f"{len(twice):,} test rows stand among the {name} too; they are left out of the test")
    if wrong:
        raise RequestError(*wrong)
    kept = [i for i in range(len(test)) if i not in seen]
    return Question(made, real, test.take(np.array(kept)), labelled, tuple(kept), tuple(remarks))


def _compare_labels(made: Lesson, real: Lesson, test: Lesson) -> list[Problem]:
    wrong = []
    lacking = sorted(set(real.answers) - set(test.answers))
    if lacking:
        what = f"the test has no row of {_list(lacking)}, so what is learned of them cannot be measured"
        wrong.append(Problem("SD-DISTILL-006", "--test", what, "Give a test with rows of every label."))
    unknown = sorted({*made.answers, *made.labels} - set(real.answers))
    if unknown:
        what = f"the bundle has labels that no real row has: {_list(unknown)}"
        wrong.append(Problem("SD-DISTILL-007", "BUNDLE", what, "Name labels in both as in the real rows."))
    return wrong


def _list(labels: Sequence[str]) -> str:
    return ", ".join(map(repr, labels[:5])) + (f" and {len(labels) - 5} more" if len(labels) > 5 else "")


def _fold(text: str) -> str:
    return " ".join(text.split()).casefold()
