"""All families and the whole checker: 500 chains made wrong are caught, and a generator with a fault in it is found out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from corrupt import KINDS, corrupt

from sundog.core.keys import Key
from sundog.lib.reasoning.checker.check import bare, check_problem, checkers
from sundog.lib.reasoning.checker.fault import Fault
from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.make import families, make_problems
from sundog.lib.reasoning.problem import LEVELS, Made, Problem
from sundog.lib.reasoning.topics import counting, logic, puzzles


def check(problem: Problem) -> tuple[Fault, ...]:
    return check_problem(problem.question, problem.steps, problem.answer, problem.family)


def test_every_family_has_its_checker() -> None:
    """And no checker is of no family."""
    assert set(checkers()) == set(families())


def test_all_that_is_made_at_all_levels_verifies() -> None:
    """Ten of each family at each level."""
    for family in families():
        for level in LEVELS:
            for problem in make_problems(family, level, {}, Key.root(40 + level), range(10)):
                assert check(problem) == (), problem


def test_five_hundred_corrupted_chains_are_caught() -> None:
    """Ten a family, every kind of corruption among them."""
    tried: Counter[str] = Counter()
    for f, family in enumerate(families()):
        wrong = []
        for level in LEVELS:
            one, other = make_problems(family, level, {}, Key.root(9), range(2))
            wrong += list(corrupt(one, other, Draw(f"{family} {level}".encode())))
        # As many as ten kinds, spread over the levels; every family begins with another one.
        for i in range(10):
            kind, problem = wrong[(f + i * (len(wrong) // 10)) % len(wrong)]
            found = check(problem)
            assert found, (kind, problem)
            assert found[0].what
            tried[kind] += 1
    assert tried.total() == 500
    assert set(tried) == set(KINDS)


def test_the_sign_of_the_answer_is_the_sign_of_the_question() -> None:
    """Where the question shows the form with stars, the answer has stars, and crosses are another form."""
    problems = make_problems("prime_factors", 5, {}, Key.root(1), range(200))
    starred = next(p for p in problems if "*" in p.answer)
    crossed = next(p for p in problems if "×" in p.answer)
    assert check(starred) == check(crossed) == ()
    assert check(replace(starred, answer=starred.answer.replace("*", "×"))) != ()
    assert check(replace(crossed, answer=crossed.answer.replace("×", "*"))) != ()


def test_openings_and_full_stops_are_no_part_of_a_step() -> None:
    """One of each is taken away, not more."""
    assert bare("First: 2 * 3 = 6.") == "2 × 3 = 6"
    assert bare("After that: 1 + 1 = 2") == "1 + 1 = 2"
    assert bare("First: Next: 1 + 1 = 2..") == "Next: 1 + 1 = 2."


def test_a_family_that_is_not_there_is_a_key_error() -> None:
    """The caller named it."""
    with pytest.raises(KeyError):
        check_problem("What is 1 + 1?", ["1 + 1 = 2"], "2", "telepathy")


@pytest.mark.parametrize(
    ("question", "steps", "answer"),
    [("", [], ""), ("What is it?", [""], "0"), ("\x00" * 50, ["= " * 500], "-"), ("(" * 5000, ["(" * 5000], "(")],
)
def test_no_text_makes_a_checker_stumble(question: str, steps: list[str], answer: str) -> None:
    """What cannot be read is wrong, in every family."""
    for family in families():
        assert check_problem(question, steps, answer, family) != ()


def test_chains_of_one_family_are_none_of_another() -> None:
    """Each checker reads the questions of its own family alone."""
    for family in families():
        problem = make_problems(family, 3, {}, Key.root(2), range(1))[0]
        passed = [f for f in families() if check_problem(problem.question, problem.steps, problem.answer, f) == ()]
        assert passed == [family]


def find_faults(family: str) -> int:
    """In how many of 60 problems of the middle levels something is found."""
    return sum(bool(check(p)) for level in (4, 5, 6) for p in make_problems(family, level, {}, Key.root(3), range(20)))


def test_a_generator_that_adds_wrongly_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last digit of a carry is lost, and the chain hangs together all the same."""
    made = families()["sums"].make

    def lose(draw: Draw, dials: Mapping[str, int]) -> Made:
        question, steps, answer = made(draw, dials)
        return question, [*steps[:-1], steps[-1].replace(answer, str(int(answer) - 10))], str(int(answer) - 10)

    assert find_faults("sums") == 0
    plant(monkeypatch, "sums", lose)
    assert find_faults("sums") == 60


def plant(monkeypatch: pytest.MonkeyPatch, name: str, make: object) -> None:
    """Another maker in the place of a family's."""
    changed = {**families(), name: replace(families()[name], make=make)}  # type: ignore[arg-type]
    monkeypatch.setattr("sundog.lib.reasoning.make.families", lambda: changed)


def test_a_generator_with_another_logic_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Implication read backwards: question, rows and count agree with each other."""
    right = logic._holds

    def hold(formula: logic.Formula, world: Mapping[str, bool]) -> bool:
        if len(formula) == 3 and formula[0] == "implies" and not isinstance(formula, str):
            return hold(formula[1], world) or not hold(formula[2], world)
        return right(formula, world)

    assert find_faults("truth_table") == 0
    monkeypatch.setattr(logic, "_holds", hold)
    assert find_faults("truth_table") > 10


def test_a_generator_that_walks_through_walls_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocked cells are counted as free in the table alone."""
    fill = counting._fill
    assert find_faults("grid_paths") == 0
    monkeypatch.setattr(counting, "_fill", lambda rows, columns, blocked: fill(rows, columns, set()))
    assert find_faults("grid_paths") == 60


def test_a_generator_of_squares_with_no_boxes_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Latin square whose boxes hold a digit twice."""
    assert find_faults("sudoku") == 0
    monkeypatch.setattr(puzzles, "_BASE", (0, 1, 2, 3, 1, 2, 3, 0, 2, 3, 0, 1, 3, 0, 1, 2))
    monkeypatch.setattr(
        puzzles,
        "_PEERS",
        tuple(tuple(j for j in range(16) if j != i and (j // 4 == i // 4 or j % 4 == i % 4)) for i in range(16)),
    )
    assert find_faults("sudoku") == 60
