"""MOSTLY AI's engine (TabularARGN) at its own defaults: value protection on, its own early stopping, medium model.

Source: Tiwald et al., "TabularARGN: A Flexible and Efficient Auto-Regressive Framework for Generating High-Fidelity Synthetic Data",
arXiv:2501.12012. Its default marks rare categories with a constant of its own, and draws wide-ranging numbers evenly within bins: round values
are lost, which the classifier of the benchmark can see (limit_bal of `default` alone gives it away).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from mostlyai import engine

PACKAGES = ("mostlyai-engine", "torch", "transformers", "numpy", "pandas")


def fit(method: str, train: pd.DataFrame, kinds: dict[str, str], seed: int, folder: Path) -> Path:
    """Split, analyse, encode and train in a workspace of its own."""
    workspace = folder / "workspace"
    engine.set_random_state(seed)
    engine.split(tgt_data=train, model_type="TABULAR", workspace_dir=workspace)
    engine.analyze(workspace_dir=workspace)
    engine.encode(workspace_dir=workspace)
    engine.train(device="cpu", workspace_dir=workspace)
    return workspace


def sample(model: Path, rows: int, seed: int) -> pd.DataFrame:
    """Generate rows and read them back."""
    engine.generate(sample_size=rows, device="cpu", workspace_dir=model)
    parts = sorted((model / "SyntheticData").glob("*.parquet"))
    return pd.concat([pd.read_parquet(part) for part in parts], ignore_index=True)
