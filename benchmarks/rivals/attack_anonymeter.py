"""Anonymeter's three evaluators on one table, inside its own environment: ``python attack_anonymeter.py FOLDER``.

FOLDER holds ``train.csv``, ``holdout.csv`` and ``synthetic.csv``; it gets ``risks.json``. Settings as in the package's example notebook:
2,000 attacks, the one nearest neighbour for linkability, all other columns as auxiliary for inference, categories as strings.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ[_name] = "1"

import numpy as np
import pandas as pd
from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator, SinglingOutEvaluator

ATTACKS = 2000


def main() -> None:
    """Attack and write what was found."""
    warnings.filterwarnings("ignore")
    folder = Path(sys.argv[1])
    train, holdout, made = (pd.read_csv(folder / f"{n}.csv") for n in ("train", "holdout", "synthetic"))
    columns = list(train.columns)
    risks = []
    np.random.seed(0)  # noqa: NPY002 - the package draws from the global stream
    started = time.process_time()

    def keep(risk: str, subject: str, evaluator: object) -> None:
        found = evaluator.risk(confidence_level=0.95)
        risks.append({"risk": risk, "subject": subject, "value": found.value, "low": found.ci[0], "high": found.ci[1]})
        print(risk, subject, risks[-1], round(time.process_time() - started, 1), flush=True)

    half = len(columns) // 2
    for subject, aux in (
        ("first half of the columns", (columns[:half], columns[half:])),
        ("every other column", (columns[::2], columns[1::2])),
    ):
        one = LinkabilityEvaluator(ori=train, syn=made, control=holdout, n_attacks=ATTACKS, aux_cols=aux, n_neighbors=1)
        one.evaluate(n_jobs=1)
        keep("linkability", subject, one)
    for secret in columns:
        known = [c for c in columns if c != secret]
        regression = secret != "cbwd"
        two = InferenceEvaluator(
            ori=train,
            syn=made,
            control=holdout,
            aux_cols=known,
            secret=secret,
            regression=regression,
            n_attacks=ATTACKS,
        )
        two.evaluate(n_jobs=1)
        keep("inference", secret, two)
    for mode, subject in (("univariate", "univariate"), ("multivariate", "multivariate")):
        more = {} if mode == "univariate" else {"n_cols": 6}
        three = SinglingOutEvaluator(ori=train, syn=made, control=holdout, n_attacks=ATTACKS, **more)
        try:
            three.evaluate(mode=mode)
            keep("singling_out", subject, three)
        except RuntimeError as problem:
            print("singling out", mode, problem, flush=True)
    cost = round(time.process_time() - started, 1)
    (folder / "risks.json").write_text(
        json.dumps({"risks": risks, "cpu_s": cost, "version": version("anonymeter")}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
