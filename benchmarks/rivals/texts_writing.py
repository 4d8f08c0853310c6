"""What each rival of texts is told and tells: arguments, and its cost as JSON on the last line."""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path


def run_texts(make: Callable[[str, int, Path], int]) -> None:
    """Run ``make(base URL, items, folder)``, which gives how many items lie in the Parquet file, and print what that cost.

    Importing the package and reading the arguments come before and are not counted.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("items", type=int)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    wall, cpu = time.perf_counter(), _count_cpu()
    made = make(asked.url, asked.items, asked.folder)
    told = {"items": made, "wall_s": time.perf_counter() - wall, "cpu_s": _count_cpu() - cpu}
    print("\n" + json.dumps(told), flush=True)


def write_prompts(items: int) -> list[str]:
    """The questions, the same for all."""
    return [f"Write a short article about lighthouses, number {i}, in about 40 words." for i in range(items)]


def _count_cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)
