"""Errors: codes, exits, and that they cross process borders whole."""

from __future__ import annotations

import pickle

import pytest

from sundog.core.errors import Exhausted, Fault, Incomplete, MissingExtra, Problem, RequestError, SundogError, nearest


@pytest.mark.parametrize(
    ("error", "code"), [(RequestError, 2), (MissingExtra, 2), (Incomplete, 4), (Exhausted, 3), (Fault, 1)]
)
def test_exits_and_all_problems(error: type[SundogError], code: int) -> None:
    problems = (Problem("SD-TOY-001", "parts.a", "x is not y", "Write y."), Problem("SD-TOY-002", "parts.b", "gone"))
    made = error(*problems)
    assert made.exit_code == code
    assert str(made) == "SD-TOY-001 at parts.a: x is not y\n    Write y.\nSD-TOY-002 at parts.b: gone"
    again = pickle.loads(pickle.dumps(made))
    assert type(again) is error
    assert again.problems == problems


def test_errors_are_what_callers_expect() -> None:
    assert issubclass(RequestError, ValueError)
    assert issubclass(MissingExtra, ImportError)
    assert issubclass(Incomplete, RuntimeError)


@pytest.mark.parametrize(
    ("name", "valid", "says"),
    [
        ("price", ["qty", "unit_price"], "Did you mean 'unit_price'?"),
        ("zzz", ["b", "a"], "Valid names: a, b."),
        (
            "zzz",
            [f"n{i:02d}" for i in range(20)],
            "Valid names: n00, n01, n02, n03, n04, n05, n06, n07, n08, n09, n10, n11, ...",
        ),
        ("zzz", [], "There are none."),
    ],
)
def test_nearest(name: str, valid: list[str], says: str) -> None:
    assert nearest(name, valid) == says


def test_a_name_of_hundreds_of_letters_is_cut_in_messages_alone() -> None:
    long = "n" * 300
    problem = Problem("SD-X-001", f"parts.table.columns.{long}", f"{long!r} is not a column", nearest("q", [long, "a"]))
    assert len(str(problem)) < 500
    assert "(300 letters)" in str(problem)
    assert problem.what == f"{long!r} is not a column"
    path = "/".join(["folder"] * 40)
    assert path in str(Problem("SD-X-001", path, "x"))
