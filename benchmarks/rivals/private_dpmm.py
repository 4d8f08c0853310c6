"""MST and AIM of dpmm at its own defaults, on codes with their public domain.

Source: Mahiou, Dizche, Nazari, Wu, Abbey, Silva and Ganev, "dpmm: Differentially Private Marginal Models", 2025, arXiv:2506.00322.
"""

from __future__ import annotations

import pandas as pd
from dpmm.pipelines.aim import AIMPipeline
from dpmm.pipelines.mst import MSTPipeline

PACKAGES = ("dpmm", "numpy", "pandas")


def run(
    method: str, train: pd.DataFrame, sizes: dict[str, int], epsilon: float, delta: float, seed: int
) -> pd.DataFrame:
    """Fit on codes and draw as many rows."""
    maker = MSTPipeline if method == "dpmm_mst" else AIMPipeline
    model = maker(epsilon=epsilon, delta=delta, disable_processing=True, n_jobs=1)
    model.fit(train, domain=sizes, random_state=seed)
    return model.generate(n_records=len(train), random_state=seed).astype(int)
