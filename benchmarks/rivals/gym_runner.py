"""Runs in the environment of reasoning-gym: makes its problems (``make NUMBER``) and judges answers (``judge``, JSON on stdin)."""

from __future__ import annotations

import json
import sys
from typing import Any

import reasoning_gym

TASKS: dict[str, dict[str, Any]] = {
    "chain_sum, 2 to 5 terms": {"min_terms": 2, "max_terms": 5},
    "chain_sum, 6 and 7 terms": {"min_terms": 6, "max_terms": 7},
}


def _open(task: str, number: int) -> Any:
    return reasoning_gym.create_dataset("chain_sum", seed=7, size=number, min_digits=1, max_digits=1, **TASKS[task])


def main() -> None:
    if sys.argv[1] == "make":
        number = int(sys.argv[2])
        made = {
            task: [{"question": i["question"], "expression": i["metadata"]["expression"]} for i in _open(task, number)]
            for task in TASKS
        }
        print(json.dumps(made))
    else:
        asked = json.load(sys.stdin)
        data = _open(asked["task"], asked["number"])
        print(json.dumps([data.score_answer(a, entry=data[i]) for i, a in enumerate(asked["answers"])]))


main()
