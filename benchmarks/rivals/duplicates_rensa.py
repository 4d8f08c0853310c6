"""rensa and datasketch on texts from standard input: texts a processor second, from text to candidate pairs. Runs in their environment."""

from __future__ import annotations

import json
import sys
import time

PIECE, BANDS, ROWS = 5, 20, 6


def pieces(text: str) -> list[str]:
    """Pieces of five letters of the words in lower case."""
    plain = " ".join(text.lower().strip(".!").split())
    return list({plain[i : i + PIECE] for i in range(max(len(plain) - PIECE + 1, 1))})


def run_rensa(texts: list[str]) -> float:
    """Processor seconds of rensa."""
    from rensa import RMinHash, RMinHashLSH

    began = time.process_time()
    lsh = RMinHashLSH(threshold=0.8, num_perm=BANDS * ROWS, num_bands=BANDS)
    for number, text in enumerate(texts):
        sketch = RMinHash(num_perm=BANDS * ROWS, seed=1)
        sketch.update(pieces(text))
        lsh.query(sketch)
        lsh.insert(number, sketch)
    return time.process_time() - began


def run_datasketch(texts: list[str]) -> float:
    """Processor seconds of datasketch."""
    from datasketch import MinHash, MinHashLSH

    began = time.process_time()
    lsh = MinHashLSH(num_perm=BANDS * ROWS, params=(BANDS, ROWS))
    for number, text in enumerate(texts):
        sketch = MinHash(num_perm=BANDS * ROWS, seed=1)
        sketch.update_batch([p.encode() for p in pieces(text)])
        lsh.query(sketch)
        lsh.insert(str(number), sketch)
    return time.process_time() - began


if __name__ == "__main__":
    given = json.load(sys.stdin)
    few = given[:10_000]
    print(json.dumps({"rensa": len(given) / run_rensa(given), "datasketch": len(few) / run_datasketch(few)}))
