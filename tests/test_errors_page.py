"""docs/reference/errors.md: every error code is explained there, defined once, and provoked by a test."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

CODE = re.compile(r"\bSD-[A-Z]+-\d{3}\b")
ROW = re.compile(r"^\| *`?(SD-[A-Z]+-\d{3})`? *\|([^|]*)\|([^|]*)\|", re.MULTILINE)


@pytest.fixture(scope="module")
def defined(root: Path) -> Counter[str]:
    """Code to the number of places in the source that name it."""
    return Counter(code for path in (root / "src").rglob("*.py") for code in CODE.findall(path.read_text("utf-8")))


@pytest.fixture(scope="module")
def rows(root: Path) -> list[tuple[str, str, str]]:
    """Code, meaning and mend of each row of the page."""
    return ROW.findall((root / "docs" / "reference" / "errors.md").read_text("utf-8"))


def test_each_code_is_defined_in_one_place(defined: Counter[str]) -> None:
    """Two places with one code would make a bug report ambiguous."""
    assert defined
    assert [code for code, times in defined.items() if times > 1] == []


def test_the_page_lists_every_code_once_and_no_other(defined: Counter[str], rows: list[tuple[str, str, str]]) -> None:
    """A code without a row leaves the user alone; a row without a code is stale."""
    listed = [code for code, _, _ in rows]
    assert sorted(set(defined) - set(listed)) == []
    assert sorted(set(listed) - set(defined)) == []
    assert listed == sorted(set(listed)), "rows are sorted by code, each once"


def test_each_row_says_what_it_means_and_what_to_do(rows: list[tuple[str, str, str]]) -> None:
    """An explanation of a word or two explains nothing."""
    assert [code for code, meaning, mend in rows if len(meaning.split()) < 3 or len(mend.split()) < 2] == []


def test_each_code_is_provoked_by_a_test(root: Path, defined: Counter[str]) -> None:
    """An error that no test has seen may not be raised at all."""
    tests = [path for path in (root / "tests").rglob("test_*.py") if path.name != Path(__file__).name]
    provoked = {code for path in tests for code in CODE.findall(path.read_text("utf-8"))}
    assert sorted(set(defined) - provoked) == []
