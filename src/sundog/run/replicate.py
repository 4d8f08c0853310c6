"""From ``replicate REAL.csv`` to the recipe that it stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sundog.core.recipe import Recipe, SourceSpec
from sundog.run.recipe_files import validate_recipe
from sundog.run.split import open_source


@dataclass(frozen=True, slots=True)
class ReplicateOptions:
    """What ``sundog replicate`` takes; see ``sundog.api.replicate``."""

    rows: int | None = None
    target: str | None = None
    method: str = "trees"
    holdout: str | None = None
    weights: str | None = None
    person: str | None = None
    privacy: str = "standard"
    pii: str = "withhold"
    copies: str = "count"
    evidence: str = "quick"
    policy: str = "standard"
    seed: int = 0
    licence: str = "not stated"


def name_from(path: str) -> str:
    """A recipe name from the name of a file.

    >>> name_from("/data/My Table 2024.csv.gz")
    'my-table-2024'
    """
    stem = PurePosixPath(path.removeprefix("builtin:")).name.split(".")[0].lower()
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:63] or "replica"


def replicate_recipe(real: str, options: ReplicateOptions) -> Recipe:
    """The recipe of a replica: one part ``table`` of the kind ``tables``.

    Raises:
        RequestError: the source cannot be read, or an option is wrong.
    """
    source = {"path": real, "holdout": options.holdout, "person": options.person, "licence": options.licence}
    rows = options.rows
    if rows is None:
        rows = open_source(SourceSpec.model_validate(source), real, "parts.table.source.path").rows
    part: dict[str, Any] = {
        "kind": "tables",
        "units": rows,
        "source": {k: v for k, v in source.items() if v is not None},
        "method": options.method,
        "privacy": options.privacy,
        "pii": options.pii,
        "copies": options.copies,
        "target": options.target,
        "weights": options.weights,
    }
    return validate_recipe(
        {
            "name": name_from(real),
            "seed": options.seed,
            "licence": options.licence,
            "description": f"A synthetic replica of {PurePosixPath(real.removeprefix('builtin:')).name}.",
            "parts": {"table": {k: v for k, v in part.items() if v is not None}},
            "evidence": {"level": options.evidence, "policy": options.policy},
        }
    )
