"""What the tests of streams share: a recipe with times."""

from __future__ import annotations

import pytest

from sundog.core.recipe import Recipe
from sundog.run.recipe_files import validate_recipe


@pytest.fixture(scope="session")
def visits() -> Recipe:
    """People with visits at times that cross between people, some without a time, one in five people rejected."""
    return validate_recipe(
        {
            "name": "visits",
            "seed": 4,
            "parts": {
                "town": {
                    "kind": "records",
                    "units": 300,
                    "origin": "made up",
                    "tables": {
                        "people": {
                            "fields": {
                                "person": {"type": "sequence", "start": 1},
                                "age": {"type": "integer", "low": 0, "high": 99},
                            },
                            "rules": ["age < 80"],
                        },
                        "visits": {
                            "parent": "people",
                            "count": {"type": "poisson", "mean": 4},
                            "fields": {
                                "person": {"type": "parent", "field": "person"},
                                "number": {"type": "sequence"},
                                "at": {
                                    "type": "timestamp",
                                    "start": "2024-01-01 00:00:00",
                                    "stop": "2024-01-01 00:10:00",
                                },
                                "heard": {
                                    "type": "timestamp",
                                    "start": "2024-01-01 00:00:00",
                                    "stop": "2024-01-01 00:20:00",
                                    "missing": 0.1,
                                },
                            },
                        },
                    },
                }
            },
        }
    )
