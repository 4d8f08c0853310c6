"""The file of ``--release``: what only people know of a release, for the privacy report of a table that has no recipe file."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.recipe import ReleaseSpec
from sundog.run.recipe_files import read_yaml


def read_release(path: str) -> ReleaseSpec:
    """What a YAML file says of purpose and recipients, as under ``release:`` in a recipe.

    Raises:
        RequestError: it cannot be read, or says something else.
    """
    mend = "Write it as under release: in a recipe: {purpose: ..., recipients: ..., controller: ...}."
    try:
        said = read_yaml(Path(path).read_text(encoding="utf-8"))
        return ReleaseSpec.model_validate(said)
    except ValidationError as error:
        raise RequestError(
            *(
                Problem(
                    "SD-AUDIT-006",
                    f"--release {path}: {'.'.join(map(str, e['loc']))}".rstrip(": "),
                    str(e["msg"]),
                    nearest(str(e["loc"][0]), ReleaseSpec.model_fields) if e["type"] == "extra_forbidden" else mend,
                )
                for e in error.errors()
            )
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        what = f"it cannot be read: {getattr(error, 'strerror', None) or str(error).splitlines()[0]}"
        raise RequestError(Problem("SD-AUDIT-007", f"--release {path}", what, mend)) from error
