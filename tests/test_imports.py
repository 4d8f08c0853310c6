"""Who may import whom: the import rules hold, and each of them can fire."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("lightgbm", "llvmlite", "numba", "pandas", "polars", "ray", "scipy", "sklearn", "torch")

VIOLATIONS = {
    "Imports point down": ("lib/stats/wrong.py", "import sundog.run"),
    "Kinds never import each other": ("kinds/second/wrong.py", "import sundog.kinds.tables"),
    "run, api, cli and testing reach kinds, checks and exporters only through entry points": (
        "run/wrong.py",
        "import sundog.kinds.tables",
    ),
    "Reading a recipe loads nothing heavy": ("kinds/second/recipe.py", "import numba"),
    "What kinds share never sees a recipe": ("lib/kernels/wrong.py", "import sundog.core.recipe"),
    "The checker of reasoning shares no code with what makes the problems": (
        "lib/reasoning/checker/wrong.py",
        "import sundog.lib.reasoning.wording",
    ),
    "What makes the problems of reasoning never asks the checker": (
        "lib/reasoning/topics/wrong.py",
        "import sundog.lib.reasoning.checker.check",
    ),
}
"""Contract to a file, and a line in it, that break it."""


def _lint(folder: Path, *paths: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "COLUMNS": "200"}
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _contracts(output: str) -> dict[str, str]:
    return dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", output, re.MULTILINE))


def test_the_tree_keeps_every_contract(root: Path) -> None:
    """The rules of the house, on the tree as it is."""
    output = _lint(root, root / "src")
    assert _contracts(output) == dict.fromkeys(VIOLATIONS, "KEPT"), output


def test_every_contract_can_fire(root: Path, tmp_path: Path) -> None:
    """Each violation is seen by the contract that forbids it."""
    shutil.copytree(root / "src" / "sundog", tmp_path / "sundog", ignore=shutil.ignore_patterns("__pycache__", "*.gz"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    for name, line in VIOLATIONS.values():
        target = tmp_path / "sundog" / name
        target.parent.mkdir(exist_ok=True)
        (target.parent / "__init__.py").touch()
        target.write_text(line + "\n")
    output = _lint(tmp_path, tmp_path)
    assert _contracts(output) == dict.fromkeys(VIOLATIONS, "BROKEN"), output


def _loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import sundog", (*HEAVY, "numpy", "pyarrow", "pydantic", "typer")),
        ("import sundog.core.recipe, sundog.kinds.tables.recipe", (*HEAVY, "numpy", "pyarrow")),
        ("import sundog.cli", HEAVY),
        ("from sundog.core.extension import installed; assert installed('sundog.kinds')", HEAVY),
        ("from sundog.core.extension import installed; assert installed('sundog.checks')", HEAVY),
        ("from sundog.core.extension import installed; assert installed('sundog.engines')", HEAVY),
    ],
)
def test_a_light_import_stays_light(statement: str, unwanted: tuple[str, ...]) -> None:
    """What a command does before its work starts loads no package that takes long."""
    loaded = _loaded_by(statement)
    assert "sundog" in loaded
    assert loaded & set(unwanted) == set()
