"""SDV's GaussianCopula, TVAE and CTGAN at their own defaults (the last two: 300 epochs, batches of 500), on the processor.

Sources: Patki, Wedge and Veeramachaneni, "The Synthetic Data Vault", DSAA 2016, doi:10.1109/DSAA.2016.49; Xu et al., "Modeling
Tabular Data using Conditional GAN", NeurIPS 2019. SDV is under the Business Source License: it is installed for this comparison only.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from sdv.metadata import Metadata
from sdv.single_table import CTGANSynthesizer, GaussianCopulaSynthesizer, TVAESynthesizer

PACKAGES = ("sdv", "ctgan", "copulas", "torch", "numpy", "pandas")
Synthesizer = GaussianCopulaSynthesizer | TVAESynthesizer | CTGANSynthesizer


def fit(method: str, train: pd.DataFrame, kinds: dict[str, str], seed: int, folder: Path) -> Synthesizer:
    """Fit with a metadata that names each column's kind and nothing else."""
    columns = {name: {"sdtype": "categorical" if kind == "category" else "numerical"} for name, kind in kinds.items()}
    metadata = Metadata.load_from_dict({"tables": {"t": {"columns": columns}}})
    if method == "gaussian_copula":
        synthesizer: Synthesizer = GaussianCopulaSynthesizer(metadata)
    elif method == "tvae":
        synthesizer = TVAESynthesizer(metadata, enable_gpu=False)
    else:
        synthesizer = CTGANSynthesizer(metadata, enable_gpu=False)
    synthesizer.fit({"t": train})
    return synthesizer


def sample(model: Synthesizer, rows: int, seed: int) -> pd.DataFrame:
    """Draw rows."""
    made = model.sample(rows)
    return made["t"] if isinstance(made, dict) else made
