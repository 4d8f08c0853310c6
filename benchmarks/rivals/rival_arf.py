"""Adversarial random forests, arfpy's defaults (30 trees, leaf 5, at most 10 rounds).

Source: Watson, Blesch, Kapar and Wright, "Adversarial random forests for density estimation and generative modeling", AISTATS 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from arfpy import arf

PACKAGES = ("arfpy", "scikit-learn", "numpy", "pandas")


@dataclass(frozen=True)
class Fitted:
    """The forest and which columns were whole numbers: arfpy draws them from a truncated normal, so they are rounded."""

    forest: arf.arf
    kinds: dict[str, str]


def fit(method: str, train: pd.DataFrame, kinds: dict[str, str], seed: int, folder: Path) -> Fitted:
    """Grow the forest until real and synthetic rows cannot be told apart, then fit the leaves."""
    frame = train.copy()
    for name, kind in kinds.items():
        frame[name] = frame[name].astype("category") if kind == "category" else frame[name].astype(float)
    forest = arf.arf(x=frame, random_state=seed)
    forest.forde()
    return Fitted(forest, kinds)


def sample(model: Fitted, rows: int, seed: int) -> pd.DataFrame:
    """Draw a leaf and then each column by itself."""
    made = model.forest.forge(n=rows)
    for name, kind in model.kinds.items():
        if kind == "integer":
            made[name] = made[name].round()
    return made
