"""Distillation, shown: ``python benchmarks/distill.py labelled|reasoning|model``. Each stores what it has and goes on where it was stopped.

labelled: 20newsgroups, 15 processor minutes. reasoning: chains against answers alone, and a STaR loop. model: a language
model's answers teach a small decoder. See the three modules.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parent))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("labelled", "reasoning", "model"))
    asked, rest = parser.parse_known_args()
    if asked.what == "labelled":
        from distill_labelled import main as run_labelled

        run_labelled()
    elif asked.what == "reasoning":
        from distill_reasoning import main as run_reasoning

        run_reasoning(rest)
    else:
        from distill_model import main as run_model

        run_model(rest)


if __name__ == "__main__":
    main()
