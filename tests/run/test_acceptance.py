"""A run that can't get enough units stops early; one that can never does, but for a stated chance."""

from __future__ import annotations

import pytest
from scipy import stats

from sundog.core.errors import Exhausted
from sundog.run.acceptance import FALSE_STOP, is_hopeless, next_stop
from sundog.run.make import MakeOptions, make_bundle
from sundog.run.recipe_files import validate_recipe


def test_nothing_accepted_is_seen_after_the_first_rounds() -> None:
    attempted, wanted, limit = 1_000, 1_000, 20_000
    assert is_hopeless(wanted, limit, attempted, 0)
    assert not is_hopeless(wanted, limit, attempted, 80)  # 8 % are more than the 5 % that are needed
    attempted = 20
    for _ in range(10):
        if is_hopeless(20, 400, attempted, 0):
            break
        attempted = next_stop(20, 400, attempted, 0)
    assert attempted == 400  # so few say nothing
    assert is_hopeless(10, 15, 14, 8)
    assert not is_hopeless(10, 15, 14, 9)


@pytest.mark.parametrize(("wanted", "attempts"), [(100, 20), (1_000, 20), (1_000, 2), (50_000, 1.2), (200, 300)])
def test_no_run_stops_that_has_a_chance_worth_naming_to_come_through(wanted: int, attempts: float) -> None:
    limit = int(wanted * attempts)
    for attempted in {wanted, (wanted + limit) // 2}:
        for share in (0.5 / attempts, 0.9 / attempts, 1 / attempts, 1.1 / attempts):
            # The number accepted below which it stops, and how likely so few and then enough are.
            stops = max(
                (k for k in range(int(attempted * share) + 1) if is_hopeless(wanted, limit, attempted, k)), default=-1
            )
            few = stats.binom.cdf(stops, attempted, share)
            enough = stats.binom.sf(wanted - stops - 1, limit - attempted, share)
            assert min(few, enough) <= 10 * FALSE_STOP


RECIPE = """
units: 600
kind: records
tables:
  t:
    fields: {x: {type: uniform, low: 0, high: 1}, y: {type: normal, mean: 0, sd: 1}}
    rules: [y > 8]
"""


def test_a_rule_that_hardly_ever_holds_ends_after_few_rounds(tmp_path) -> None:  # type: ignore[no-untyped-def]
    import yaml

    recipe = validate_recipe({"name": "t", "parts": {"p": yaml.safe_load(RECIPE)}})
    with pytest.raises(Exhausted, match=r"SD-RUN-021") as caught:
        make_bundle(recipe, str(tmp_path / "out"), MakeOptions())
    text = str(caught.value)
    assert "2,416 units were attempted and 0 of 600 accepted" in text
    assert "the 12,000 units that may be attempted do not give 600" in text
