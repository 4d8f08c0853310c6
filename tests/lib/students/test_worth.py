"""Worth in real rows, gains and their intervals, on answers whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.students.answers import final_answer
from sundog.lib.students.worth import (
    draw_again,
    estimate_gain,
    estimate_ratio,
    estimate_score,
    estimate_worth,
    rise,
)

KEY = Key.root(3)
ROWS = 1_000
DRAWS = draw_again(3, ROWS, KEY)


def _right(share: float) -> NDArray[np.bool_]:
    """The first rows are right: a better student is right wherever a worse one is."""
    return np.tile(np.arange(ROWS) < share * ROWS, (3, 1))


def test_a_sequence_that_falls_is_raised_by_pooling() -> None:
    """The least-squares answer, by hand."""
    assert rise([0.1, 0.3, 0.2, 0.5]) == [0.1, 0.25, 0.25, 0.5]
    assert rise([3, 2, 1]) == [2, 2, 2]


def test_worth_lies_between_the_sizes_that_score_around_it() -> None:
    """Half way between the scores is half way between the logarithms of the sizes."""
    worth = estimate_worth(_right(0.6), (100, 400), (_right(0.5), _right(0.7)), DRAWS)
    assert worth.rows == pytest.approx(200, rel=0.01)
    assert worth.low < worth.rows < worth.high
    assert worth.low > 150
    assert worth.beyond == ""


def test_what_lies_outside_of_the_curve_is_said() -> None:
    """No number is made up for it."""
    curve = (_right(0.5), _right(0.7))
    assert estimate_worth(_right(0.9), (100, 400), curve, DRAWS).beyond == "more"
    fewer = estimate_worth(_right(0.2), (100, 400), curve, DRAWS)
    assert (fewer.rows, fewer.beyond) == (100, "fewer")


def test_intervals_hold_the_truth_and_paired_ones_are_narrower() -> None:
    """What is right for both is no news about the difference."""
    better, worse = _right(0.75), _right(0.7)
    score = estimate_score(better, DRAWS)
    assert score.low < 0.75 < score.high
    assert score.high - score.low == pytest.approx(2 * 1.96 * (0.75 * 0.25 / ROWS) ** 0.5, rel=0.25)
    gain = estimate_gain(better, worse, DRAWS)
    assert gain.value == pytest.approx(0.05)
    assert 0 < gain.low < gain.high < 0.1
    assert gain.high - gain.low < score.high - score.low
    assert estimate_gain(better, better, DRAWS).high == 0
    ratio = estimate_ratio(worse, better, DRAWS)
    assert ratio is not None
    assert ratio.low < 0.7 / 0.75 < ratio.high
    assert estimate_ratio(better, _right(0.0), DRAWS) is None


def test_luck_in_training_widens_an_interval() -> None:
    """Three seeds that differ tell less than three that agree."""
    apart = np.stack([np.arange(ROWS) < s * ROWS for s in (0.4, 0.6, 0.8)])
    wide, narrow = estimate_score(apart, DRAWS), estimate_score(_right(0.6), DRAWS)
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("3 + 4 = 7\nAnswer: 7.", "7"),
        ("So it is.\n\n#### 12\n", "12"),
        ("The answer is  Blue", "blue"),
        ("Therefore, the final answer: [1, 2]", "[1, 2]"),
        ("42", "42"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_the_last_line_is_what_counts(text: str, wanted: str) -> None:
    """Without the words that announce it."""
    assert final_answer(text) == wanted
