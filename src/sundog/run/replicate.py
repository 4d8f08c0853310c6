"""From ``replicate REAL.csv`` to the recipe that it stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from sundog.core.errors import Problem, RequestError
from sundog.core.recipe import Recipe, SourceSpec
from sundog.run.recipe_files import read_yaml, validate_recipe
from sundog.run.release_file import read_release
from sundog.run.split import open_source


@dataclass(frozen=True, slots=True)
class ReplicateOptions:
    """What ``sundog replicate`` takes; see ``sundog.api.replicate``."""

    rows: int | None = None
    target: str | None = None
    method: str | None = None
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
    epsilon: float | None = None
    delta: float | None = None
    domain: str | None = None
    budget: float | None = None
    person_rows: int | None = None
    release: str | None = None


def name_from(path: str) -> str:
    """A recipe name from the name of a file.

    >>> name_from("/data/My Table 2024.csv.gz")
    'my-table-2024'
    """
    stem = PurePosixPath(path.removeprefix("builtin:")).name.split(".")[0].lower()
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:63] or "replica"


def _read_domain(domain: str) -> dict[str, Any]:
    """What ``--domain`` says of the part: a word, or a file that states columns (and, if it likes, what is impossible).

    Raises:
        RequestError: the file is not there, or holds something else.
    """
    if domain in ("private", "declared"):
        return {"domain": domain}
    known = ("columns", "domain", "impossible", "rules")
    try:
        said = read_yaml(Path(domain).read_text(encoding="utf-8"))
        if not isinstance(said, dict) or not isinstance(said.get("columns"), dict) or set(said) - set(known):
            raise ValueError(f"it holds something else than {', '.join(known)}")
    except (OSError, ValueError, yaml.YAMLError) as error:
        what = getattr(error, "strerror", None) or str(error).splitlines()[0]
        mend = "Give private, or a YAML file: columns: {age: {meaning: integer, minimum: 0, maximum: 120}, sex: {values: [F, M]}}"
        raise RequestError(Problem("SD-RUN-050", f"--domain {domain}", f"it cannot be read: {what}", mend)) from error
    return {"domain": "declared", **said}


def replicate_recipe(real: str, options: ReplicateOptions) -> Recipe:
    """The recipe of a replica: one part ``table`` of the kind ``tables``.

    Raises:
        RequestError: the source cannot be read, or an option is wrong.
    """
    release = None if options.release is None else read_release(options.release)
    source = {"path": real, "holdout": options.holdout, "person": options.person, "licence": options.licence}
    rows = options.rows
    method = options.method or ("trees" if options.epsilon is None else "marginals")
    private = method == "marginals"
    if rows is None and not private:  # of a private table their number is told with noise
        rows = open_source(SourceSpec.model_validate(source), real, "parts.table.source.path").rows
    part: dict[str, Any] = {
        "kind": "tables",
        "units": rows,
        "source": {k: v for k, v in source.items() if v is not None},
        "method": method,
        "privacy": options.privacy,
        "pii": options.pii,
        "copies": options.copies,
        "target": options.target,
        "weights": options.weights,
        "epsilon": options.epsilon,
        "delta": options.delta,
        "budget": options.budget,
        "person_rows": options.person_rows,
        **({} if options.domain is None else _read_domain(options.domain)),
    }
    return validate_recipe(
        {
            "name": name_from(real),
            "seed": options.seed,
            "licence": options.licence,
            "description": f"A synthetic replica of {PurePosixPath(real.removeprefix('builtin:')).name}.",
            "parts": {"table": {k: v for k, v in part.items() if v is not None}},
            "evidence": {"level": options.evidence, "policy": options.policy},
            "release": release,
        }
    )
