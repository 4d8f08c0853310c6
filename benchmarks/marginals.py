"""Differentially private tables: Sundog's `marginals` beside MST and AIM of smartnoise-synth (mbi) and dpmm, in one run.

``python benchmarks/marginals.py`` fits four fifths of the census table (UCI Adult, 39,074 rows) at epsilon .1, 1 and 10 with delta
1e-9, and judges the made rows against the fitted ones by the total variation distance of all pairs and triples of columns (the judge
of ``run.py``: 10 quantile bins and most frequent categories). Rivals get the cells of the same stated domain and the values of their
cells are drawn as Sundog's are. Results are stored as they come, so a run that stops goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from competitors import WORK, Competitor, make_environment
from cost import read_meter, start_meter
from judge import encode_halves, measure_accuracy
from real import HERE, Dataset, load_dataset
from results import RESULTS, Bar, Sheet, combine_numbers, say_reached, store_sheet

DELTA = 1e-9
EPSILONS = (0.1, 1.0, 10.0)
SEEDS = 3
RANGES: Mapping[str, tuple[int, int]] = {
    "age": (17, 90),
    "fnlwgt": (0, 1_500_000),
    "education_num": (1, 16),
    "capital_gain": (0, 99_999),
    "capital_loss": (0, 4_500),
    "hours_per_week": (1, 99),
}
"""Ranges of the numbers, from the description of the survey; the values of categories are those of its code book."""

METHODS: Mapping[str, Competitor] = {
    c.name: c
    for c in (
        Competitor("declared", "Sundog `marginals`, `domain: declared`", seeds=SEEDS),
        Competitor("private", "Sundog `marginals`, `domain: private`"),
        Competitor("smartnoise_mst", "MST (smartnoise-synth 1.0.8 as it is)", "smartnoise"),
        Competitor("mbi_mst", "MST (mbi, smartnoise-synth with its merged cells mended)", "smartnoise"),
        Competitor("smartnoise_aim", "AIM (smartnoise-synth, mbi)", "smartnoise"),
        Competitor("dpmm_mst", "MST (dpmm)", "dpmm"),
        Competitor("dpmm_aim", "AIM (dpmm)", "dpmm"),
    )
}
STORE = RESULTS / "marginals.json"


def take_train(data: Dataset) -> pa.Table:
    """Four fifths of the rows, as text for Sundog and as the judge reads them."""
    from sundog.core.keys import Key

    order = Key.root(0).generator().permutation(data.table.num_rows)
    return data.table.take(pa.array(np.sort(order[: round(0.8 * data.table.num_rows)])))


def state_columns(data: Dataset) -> dict[str, dict[str, object]]:
    """The stated domain, as a recipe writes it."""
    stated: dict[str, dict[str, object]] = {}
    for name in data.table.column_names:
        if data.kinds[name] == "category":
            values = sorted(v for v in pc.unique(data.table.column(name)).to_pylist() if v is not None)
            stated[name] = {"meaning": "category", "values": values}
        else:
            low, high = RANGES[name.replace("-", "_").replace(".", "_")]
            stated[name] = {"meaning": "integer", "minimum": low, "maximum": high}
    return stated


def write_train(data: Dataset, train: pa.Table, path: Path) -> None:
    """The training rows as CSV, whole numbers without a fraction."""
    columns = {
        n: train.column(n) if data.kinds[n] == "category" else train.column(n).cast(pa.int64())
        for n in train.column_names
    }
    pyarrow.csv.write_csv(pa.table(columns), path)


def run_ours(folder: Path, domain: str, epsilon: float, seed: int) -> None:
    """Fit and sample in this process (a child of the run), and write what it cost."""
    os.environ["SUNDOG_PRIVACY_LEDGER"] = str(folder / "ledger")
    meter = start_meter()
    import sundog

    recipe = json.loads((folder / "recipe.json").read_text())
    part = recipe["parts"]["people"]
    part |= {"epsilon": epsilon, "domain": domain}
    if domain == "private":
        part.pop("columns")
    fitted = sundog.fit(recipe | {"seed": seed})
    made = fitted.sample(int(part["units"]), seed=seed)["rows"]
    spent = read_meter(meter)
    pyarrow.csv.write_csv(made, folder / "synthetic.csv")
    cost = {"status": "done", "cpu_s": spent.cpu_s, "wall_s": spent.wall_s, "peak_mib": spent.peak_mib}
    (folder / "cost.json").write_text(json.dumps(cost) + "\n")


def run_child(command: list[str], folder: Path, nice: int) -> dict[str, object]:
    """Run a process to its end; its cost as it wrote it."""
    with (folder / "log.txt").open("w") as log:
        subprocess.run(["nice", "-n", str(nice), *command], stdout=log, stderr=subprocess.STDOUT, check=False)
    if not (folder / "cost.json").exists():
        tail = (folder / "log.txt").read_text(errors="replace").strip().splitlines()[-1:]
        return {"status": "failed", "error": " ".join(tail)}
    return dict(json.loads((folder / "cost.json").read_text()))


def compare(
    method: Competitor, data: Dataset, train: pa.Table, epsilon: float, seed: int, asked: argparse.Namespace
) -> dict[str, object]:
    """One method at one epsilon with one seed: its cost, and the distances of what it made."""
    from sundog.kinds.tables._marginals_stated import read_stated
    from sundog.kinds.tables.recipe import TablesPart

    with tempfile.TemporaryDirectory(prefix="marginals-", dir=WORK) as scratch:
        folder = Path(scratch)
        write_train(data, train, folder / "people.csv")
        part = {
            "kind": "tables", "method": "marginals", "units": train.num_rows, "columns": state_columns(data), "delta": DELTA,
            "domain": "declared", "source": {"path": str(folder / "people.csv"), "holdout_share": 0},
        }  # fmt: skip
        (folder / "recipe.json").write_text(json.dumps({"name": "people", "parts": {"people": part}}))
        if method.lock is None:
            command = [
                sys.executable,
                __file__,
                "--ours",
                str(folder),
                "--domain",
                method.name,
                "--epsilon",
                str(epsilon),
                "--seed",
                str(seed),
            ]
            cost = run_child(command, folder, asked.nice)
            if cost["status"] != "done":
                return cost
            kinds = {n: pa.float64() if data.kinds[n] != "category" else pa.string() for n in train.column_names}
            options = pyarrow.csv.ConvertOptions(
                column_types=kinds, strings_can_be_null=True, quoted_strings_can_be_null=False
            )
            made = pyarrow.csv.read_csv(folder / "synthetic.csv", convert_options=options)
        else:
            stated, _ = read_stated(TablesPart.model_validate(part | {"epsilon": 1.0}), train.schema, "")
            columns, codes = encode_cells(folder / "people.csv", stated)
            pyarrow.csv.write_csv(pa.table(codes), folder / "train.csv")
            (folder / "sizes.json").write_text(json.dumps({c.name: c.size for c in columns}))
            python = make_environment(method)
            command = [str(python), str(HERE / "rivals" / "private_runner.py"), method.name, str(folder)]
            command += ["--epsilon", str(epsilon), "--delta", str(DELTA), "--seed", str(seed), "--cap", str(asked.cap)]
            cost = run_child(command, folder, asked.nice)
            if cost["status"] != "done":
                return cost
            made = decode_cells(columns, pyarrow.csv.read_csv(folder / "synthetic.csv"), seed)
    names = [n for n in train.column_names if n in made.column_names]
    fitted, rows = encode_halves({"fitted": train.select(names), "made": made.select(names)})
    pairs, triples = measure_accuracy(fitted, rows)
    return cost | {"pairs": 1 - pairs, "triples": 1 - triples, "columns": len(names)}


def encode_cells(path: Path, stated: tuple[object, ...]) -> tuple[list[object], dict[str, pa.Array]]:
    """Cells of the stated domain, as Sundog lays them, and the cell of each row."""
    from sundog.kinds.tables._marginals_cells import FineColumn, find_cells, fine_column
    from sundog.kinds.tables._marginals_stated import scale_of

    names = [c.name for c in stated]
    options = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True)
    text = pyarrow.csv.read_csv(path, convert_options=options)
    columns: list[FineColumn] = []
    for said in stated:
        if said.form == "category":
            column = FineColumn(
                said.name, "category", scale_of("category", None), np.zeros(0, np.int64), said.values, "", True
            )
        else:
            column = fine_column(said, said.form, said.decimals, said.low, said.high)
        columns.append(column)
    return columns, {c.name: pa.array(find_cells(text.column(c.name), c)) for c in columns}


def decode_cells(columns: list[object], codes: pa.Table, seed: int) -> pa.Table:
    """Values of a rival's cells: drawn evenly within a cell, as Sundog draws them; a cell of other values gets any value."""
    from sundog.core.keys import Key

    out = {}
    for column in columns:
        cells = codes.column(column.name).to_numpy()
        chance = Key.root(seed).child(column.name).uniform(range(len(cells)))[:, 0]
        missing = cells == column.missing
        at = np.minimum(cells, column.known - 1)
        if column.is_line:
            low, high = column.edges[at], column.edges[at + 1]
            out[column.name] = pa.array((low + np.floor(chance * (high - low))).astype(np.float64), mask=missing)
        else:
            at = np.where(cells == column.other, (chance * column.known).astype(np.int64), at)
            out[column.name] = pa.array(column.values).take(pa.array(at, mask=missing))
    return pa.table(out)


def load_store() -> dict[str, dict[str, object]]:
    """What is stored, by ``method epsilon seed``."""
    return dict(json.loads(STORE.read_text())) if STORE.exists() else {}


def write_sheet(found: Mapping[str, Mapping[str, object]], date: str) -> None:
    """The table for ``benchmarks/README.md``."""

    def gather(method: str, epsilon: float, what: str) -> list[float]:
        runs = [found.get(f"{method} {epsilon:g} {s}", {}) for s in range(SEEDS)]
        return [float(str(r[what])) for r in runs if what in r and r.get("status") == "done"]

    def show(method: str, epsilon: float, what: str, digits: int) -> str:
        values = gather(method, epsilon, what)
        if values:
            return f"{np.mean(values):.{digits}f}"
        return str(found.get(f"{method} {epsilon:g} 0", {}).get("status", "not run"))

    rows = [
        (
            METHODS[m].title,
            f"{e:g}",
            show(m, e, "pairs", 4),
            show(m, e, "triples", 4),
            show(m, e, "cpu_s", 1),
            show(m, e, "peak_mib", 0),
        )
        for e in EPSILONS
        for m in METHODS
    ]
    bars = []
    for what, limit, key, digits in (
        ("adult, epsilon 1, delta 1e-9: 2-way TVD", 0.044, "pairs", 4),
        ("adult, epsilon 1, delta 1e-9: 3-way TVD", 0.098, "triples", 4),
        ("the same, processor seconds of fit and sample", 12.0, "cpu_s", 1),
        ("the same, peak memory in MiB", 500.0, "peak_mib", 0),
    ):
        score = combine_numbers(gather("declared", 1.0, key))
        if score is not None:
            bars.append(Bar(what, f"<= {limit:g}", f"{score.value:.{digits}f}", say_reached(score.value <= limit)))
    for epsilon, pairs, triples in ((0.1, 0.169, 0.268), (10.0, 0.042, 0.104)):
        for key, limit, name in (("pairs", pairs, "2-way"), ("triples", triples, "3-way")):
            score = combine_numbers(gather("declared", epsilon, key))
            if score is not None:
                what = f"adult, epsilon {epsilon:g}: {name} TVD below that of MST, as measured before in bins that are not known"
                bars.append(Bar(what, f"< {limit:g}", f"{score.value:.4f}", say_reached(score.value < limit)))
    about = (
        f"Four fifths of the census table (39,074 rows, 15 columns), delta {DELTA:g}, one thread{', ' + date if date else ''}. 2-way and "
        f"3-way: total variation distance to the fitted rows, mean over all pairs and triples of columns, in the judge's {10} bins. "
        f"Stated domain: mean of {SEEDS} seeds, all others one; a fit beyond its cap of processor seconds is cut. Rivals get the cells of the same "
        "stated domain and know the number of rows; Sundog pays for it. `domain: private` finds types, ranges and values within epsilon."
    )
    columns = ("method", "epsilon", "2-way TVD", "3-way TVD", "cpu-s", "peak MiB")
    store_sheet(Sheet("marginals", "Differentially private tables", about, columns, tuple(rows), tuple(bars)))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--epsilons", nargs="*", type=float, default=list(EPSILONS))
    parser.add_argument("--again", action="store_true", help="run these anew")
    parser.add_argument("--cap", type=int, default=3600, help="processor seconds of a rival's fit")
    parser.add_argument("--nice", type=int, default=10)
    parser.add_argument("--date", default="")
    parser.add_argument("--ours", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--domain", default="declared", help=argparse.SUPPRESS)
    parser.add_argument("--epsilon", type=float, default=1.0, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ours is not None:
        run_ours(asked.ours, asked.domain, asked.epsilon, asked.seed)
        return
    WORK.mkdir(exist_ok=True)
    data = load_dataset("adult")
    train = take_train(data)
    for method in asked.methods:
        for epsilon in asked.epsilons:
            for seed in range(METHODS[method].seeds):
                name = f"{method} {epsilon:g} {seed}"
                if name in load_store() and not asked.again:
                    continue
                found = compare(METHODS[method], data, train, epsilon, seed, asked)
                STORE.write_text(json.dumps(load_store() | {name: found}, indent=1) + "\n")
                print(name, found, flush=True)
    write_sheet(load_store(), asked.date)


if __name__ == "__main__":
    main()
