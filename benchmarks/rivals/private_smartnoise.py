"""MST and AIM of mbi, as smartnoise-synth ships them (the wheel of mbi itself has no mechanism), at their own defaults.

``smartnoise_mst`` is the class as it is. It shrinks the count of the cell in which it merges rare ones and does not say so to the
estimator, so that this cell comes out too small by the square root of the number of merged cells; ``mbi_mst`` states the shrinking
as the measurement's query, which is the mechanism of the paper, and is the one to compare with.

Sources: McKenna, Miklau and Sheldon, J. Privacy and Confidentiality 11(3), 2021 (MST); McKenna et al., PVLDB 15(11), 2022 (AIM).
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from mbi import LinearMeasurement
from snsynth.aim import AIMSynthesizer
from snsynth.mst import MSTSynthesizer

PACKAGES = ("smartnoise-synth", "mbi", "jax", "numpy")


class StatedShrinking(MSTSynthesizer):
    """MST whose measurements of merged cells carry their query."""

    def compress_domain(self, data, measurements):
        """As the class does it, and the query beside each measurement that was written anew."""
        data, found, undo = super().compress_domain(data, measurements)
        sizes = {m.clique: np.asarray(m.noisy_measurement).size for m in measurements}
        stated = []
        for m in found:
            kept = np.asarray(m.noisy_measurement).size
            if kept != sizes[m.clique]:
                merged = sizes[m.clique] - kept + 1
                weights = np.append(np.ones(kept - 1), 1 / np.sqrt(merged + 1.0))
                query = partial(_weigh, weights=weights)
                m = LinearMeasurement(m.noisy_measurement, m.clique, m.stddev, query)
            stated.append(m)
        return data, stated, undo


def _weigh(factor, weights):
    return factor.datavector() * weights


def run(
    method: str, train: pd.DataFrame, sizes: dict[str, int], epsilon: float, delta: float, seed: int
) -> pd.DataFrame:
    """Fit on codes and draw as many rows; categories are those of the rows, which it reads for free."""
    makers = {"smartnoise_mst": MSTSynthesizer, "mbi_mst": StatedShrinking, "smartnoise_aim": AIMSynthesizer}
    maker = makers[method]
    model = maker(epsilon=epsilon, delta=delta)
    model.fit(train, categorical_columns=list(train.columns), preprocessor_eps=0.0)
    made = pd.DataFrame(model.sample(len(train)))
    made.columns = list(train.columns)
    return made.astype(int)
