"""MST and AIM of mbi, as smartnoise-synth ships them (the wheel of mbi itself has no mechanism), at their own defaults.

Sources: McKenna, Miklau and Sheldon, J. Privacy and Confidentiality 11(3), 2021 (MST); McKenna et al., PVLDB 15(11), 2022 (AIM).
"""

from __future__ import annotations

import pandas as pd
from snsynth.aim import AIMSynthesizer
from snsynth.mst import MSTSynthesizer

PACKAGES = ("smartnoise-synth", "mbi", "jax", "numpy")


def run(
    method: str, train: pd.DataFrame, sizes: dict[str, int], epsilon: float, delta: float, seed: int
) -> pd.DataFrame:
    """Fit on codes and draw as many rows; categories are those of the rows, which it reads for free."""
    maker = MSTSynthesizer if method == "smartnoise_mst" else AIMSynthesizer
    model = maker(epsilon=epsilon, delta=delta)
    model.fit(train, categorical_columns=list(train.columns), preprocessor_eps=0.0)
    made = pd.DataFrame(model.sample(len(train)))
    made.columns = list(train.columns)
    return made.astype(int)
