"""Places that a kind names get the name of the part."""

from __future__ import annotations

import pytest
from sundog_toy.bundles import shop

from sundog.core.errors import MissingExtra, Problem, RequestError
from sundog.core.plan import make_plan
from sundog.run.prepare import name_places
from sundog.run.recipe_files import validate_recipe


@pytest.mark.parametrize(
    ("where", "code", "expected"),
    [
        ("odd.town", "SD-TABLES-010", "parts.people.odd.town"),
        ("odd[0]", "SD-TABLES-010", "parts.people.odd[0]"),
        ("odd", "SD-TABLES-010", "parts.people.odd"),
        ("parts.odd", "SD-TABLES-010", "parts.people.odd"),
        ("parts.people.odd", "SD-TABLES-010", "parts.people.odd"),
        ("parts.people", "SD-TABLES-010", "parts.people"),
        ("odd.csv, line 3", "SD-SOURCE-014", "odd.csv, line 3"),
        ("/data/x.csv", "SD-TABLES-010", "/data/x.csv"),
    ],
)
def test_places_get_the_name_of_the_part(where: str, code: str, expected: str) -> None:
    (stage,) = make_plan(validate_recipe(shop(3))).stages
    for kind in (RequestError, MissingExtra):
        named = name_places(kind(Problem(code, where, "what", "fix")), stage)
        assert type(named) is kind
        assert named.problems == (Problem(code, expected, "what", "fix"),)
