"""Each recipe under examples/ runs and gives what its comments say."""

from __future__ import annotations

from pathlib import Path

import pytest

import sundog

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_example(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    fewer = ["parts.people.learn_rows=4000"] if path.stem.startswith("census") else []
    recipe = sundog.read(path, changes=["evidence.level=none", *fewer])
    bundle = sundog.make(recipe, tmp_path / "out")
    rows = bundle.to_arrow().to_pylist()
    stated = next(iter(recipe.parts.values())).units
    given = (ROOT / "examples" / "rows-to-complete.csv").read_text().splitlines()
    # Without a stated number: each given row, as often as the recipe says.
    assert len(rows) == (stated if stated is not None else 3 * (len(given) - 1))
    if path.stem == "census-balanced":
        assert 0.45 < sum(r["income"] == ">50K" for r in rows) / len(rows) < 0.55
    elif path.stem == "census-young-women":
        assert {r["sex"] for r in rows} == {"Female"}
        assert all(18 <= r["age"] <= 30 and r["education"] in ("Bachelors", "Masters") for r in rows)
    elif path.stem == "census-complete":
        assert [r["age"] for r in rows[:6]] == [34, 34, 34, 51, 51, 51]
        assert all(v is not None for r in rows for v in r.values())
    elif path.stem == "reasoning":
        assert {r["family"] for r in rows} == {"sums", "gcd", "weekday", "percent"}
        assert {r["level"] for r in rows} == {1, 2, 3}
    else:
        pytest.fail(f"{path.name} has no test of what it shows")
