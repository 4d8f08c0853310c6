"""The attack battery under test: ``python benchmarks/battery.py cover alarms flags leaks rival``; each part resumes, without a part only the sheets are written.

* ``cover``: 200 made-up tables of 1,500 rows with a planted leak; how often do the intervals hold it?
* ``alarms``: real rows in the place of synthetic ones; how often does something fail?
* ``flags``: what must pass: our default on adult, default and beijing, and real rows.
* ``leaks``: what must not: a copy of the training rows of adult, a 5% leak, and CART with 30 donors.
* ``rival``: anonymeter on the same rows, in an environment of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent / "rivals")]

import numpy as np
import pyarrow as pa
import pyarrow.csv
from competitors import WORK, Competitor, make_environment
from real import HERE, load_dataset, write_half
from results import RESULTS, Bar, Sheet, say_reached, store_sheet

from sundog.core.extension import installed
from sundog.core.findings import Finding
from sundog.core.keys import Key
from sundog.core.recipe import EvidenceSpec, Recipe, SourceSpec
from sundog.evidence.privacy import inference, linkability, membership_ensemble, singling_out
from sundog.evidence.privacy._attacked import read_attacked
from sundog.evidence.privacy.recipe import SinglingOutCheck
from sundog.kinds.tables.recipe import TablesPart
from sundog.lib.adversarial.best_guess import find_best_area, find_best_found
from sundog.lib.adversarial.choice import halve
from sundog.lib.stats.intervals import exact_interval
from sundog.run.split import open_like, open_source
from sundog.testing.evidence import MemoryEvidence

CHECKS = ("singling_out", "linkability", "inference", "membership_ensemble")
BATTERY = (*CHECKS, "copies", "membership")
ROWS, HELD, RUNS = 1_500, 750, 200
RATES = (0.0, 0.05, 0.1, 0.2, 0.4)
WHOLE = 40
"""Tables that are copies as a whole, which say how often a query off a copied row still singles it out."""
ALARMS = 200
QUERIES = 500
LEAK = 0.2
RIVAL = Competitor("anonymeter", "anonymeter", "anonymeter")


def main() -> None:
    """Run the parts that are named, then write the sheets."""
    parts = {
        "cover": cover_leaks,
        "alarms": count_alarms,
        "flags": raise_flags,
        "leaks": raise_leaks,
        "rival": meet_rival,
    }
    stored = {name: _load(name) for name in parts}
    for name in sys.argv[1:]:
        parts[name](stored[name], partial(_store, name, stored[name]))
    write_sheets({name: _load(name) for name in parts})


def _load(name: str) -> dict:
    path = RESULTS / f"battery-{name}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _store(name: str, found: dict) -> None:
    path = RESULTS / f"battery-{name}.json"
    path.with_suffix(".part").write_text(_lay_out(found))
    path.with_suffix(".part").replace(path)


def _lay_out(found: dict) -> str:
    """JSON, one entry a line."""
    return "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in found.items()) + "\n}\n"


def make_people(rows: int, key: Key) -> pa.Table:
    """Six numbers and two categories that hang on one hidden factor."""
    draw = key.generator()
    hidden = draw.normal(size=rows)
    columns = {f"n{i}": np.round(0.6 * hidden + draw.normal(size=rows), 4) for i in range(6)}
    columns["group"] = np.where(hidden + draw.normal(size=rows) > 0, "high", "low")
    columns["town"] = draw.choice([f"t{i}" for i in range(8)], rows)
    return pa.table(columns)


def plant(made: pa.Table, train: pa.Table, share: float, key: Key) -> pa.Table:
    """Training rows in the place of a share of the made ones, in a random order."""
    draw = key.generator()
    count = round(share * made.num_rows)
    kept = made.slice(count).cast(train.schema)  # a column of whole numbers by chance is still one of decimals
    both = pa.concat_tables([train.take(pa.array(draw.choice(train.num_rows, count, replace=False))), kept])
    return both.take(pa.array(draw.permutation(both.num_rows)))


def look_at(made: pa.Table, train: pa.Table, holdout: pa.Table) -> MemoryEvidence:
    """Full evidence of one table."""
    part = TablesPart(units=1, source=SourceSpec(path="real.csv"))
    recipe = Recipe(name="battery", parts={"p": part}, evidence=EvidenceSpec(level="full"))
    return MemoryEvidence(recipe, part, "p", "full", {"rows": made}, train, holdout)


def cover_leaks(found: dict, store) -> None:
    """Plant leaks and see what the intervals hold."""
    for i in range(-WHOLE, RUNS):
        if str(i) in found:
            continue
        key = Key.root(10_000 + i)
        rate = 1.0 if i < 0 else RATES[i % len(RATES)]
        train, holdout, fresh = (make_people(n, key.child(j)) for j, n in enumerate((ROWS, HELD, ROWS)))
        evidence = look_at(plant(fresh, train, rate, key.child("leak")), train, holdout)
        meter = time.process_time()
        one = {"rate": rate} | (measure_singling(evidence, key) if i < 0 else measure_risks(evidence, key))
        found[str(i)] = one | {"cpu_s": round(time.process_time() - meter, 2)}
        if i % 5 == 4:
            store()
    store()


def measure_singling(evidence: MemoryEvidence, key: Key) -> dict[str, list[float]]:
    """Risk of singling out by all columns, with its interval."""
    people, _ = singling_out._read_people(evidence, key)
    assert people is not None
    forms = singling_out._attack(people, SinglingOutCheck(queries=QUERIES), key)
    risk = next(a for name, _, _, a in forms if name == "multivariate, all columns").risk()
    return {"singling out": [risk.value, *risk.interval()]}


def measure_risks(evidence: MemoryEvidence, key: Key) -> dict[str, list[float]]:
    """Value and interval of each risk, and of the two measures of membership."""
    attacked, _ = read_attacked(evidence, key)
    assert attacked is not None
    halves = halve(attacked.people, key.child("halves")), halve(attacked.other_people, key.child("other"))
    split = [("", ((0, 1, 2), (3, 4, 5)))]
    linked = linkability._attack(attacked, split, halves)[0].risk()
    inferred = inference._attack(attacked, [2], None, halves, key)[0].attempts.risk()
    scores, asked = membership_ensemble._score(attacked, key)
    area, hits = find_best_area(scores, asked).area, find_best_found(scores, asked, 0.01).found
    return measure_singling(evidence, key) | {
        "linkability": [linked.value, *linked.interval()],
        "inference": [inferred.value, *inferred.interval()],
        "membership, AUC": [area.value, *area.interval()],
        "membership, found at 1%": [hits.value, *hits.interval()],
    }


def truth_of(name: str, rate: float, whole: float) -> float:
    """What was planted, in the unit of the measure."""
    if name == "singling out":
        return rate * whole
    if name == "membership, AUC":
        return 0.5 + rate / 2
    return rate + (1 - rate) * 0.01 if name == "membership, found at 1%" else rate


def run_battery(
    evidence: MemoryEvidence, key: Key, kinds: tuple[str, ...] = BATTERY
) -> tuple[list[Finding], dict[str, float]]:
    """Findings of the checks, and processor seconds of each."""
    findings: list[Finding] = []
    cost = {}
    for kind in kinds:
        extension = installed("sundog.checks")[kind]
        spec = {"kind": kind} | ({"queries": QUERIES} if kind == "singling_out" and kinds is CHECKS else {})
        check = extension.load()  # type: ignore[union-attr]
        meter = time.process_time()
        findings += check.run(extension.spec.model_validate(spec), evidence, key.child(kind)).findings  # type: ignore[union-attr]
        cost[kind] = round(time.process_time() - meter, 2)
    return findings, cost


def count_alarms(found: dict, store) -> None:
    """Real rows against real rows: 1,500 of adult for each side, 750 held out."""
    table = load_dataset("adult").table
    chosen = ["age", "workclass", "fnlwgt", "marital_status", "occupation", "sex", "hours_per_week", "income"]
    for i in range(ALARMS):
        if str(i) in found:
            continue
        order = Key.root(20_000 + i).generator().permutation(table.num_rows)
        rows = table.select(chosen).take(pa.array(order[: 2 * ROWS + HELD]))
        evidence = look_at(rows.slice(ROWS + HELD), rows.slice(0, ROWS), rows.slice(ROWS, HELD))
        findings, cost = run_battery(evidence, Key.root(i), CHECKS)
        failed = [f"{f.check}: {f.subject}" for f in findings if f.withholds and f.verdict == "fail"]
        dead = [f.subject for f in findings if f.check == "privacy.positive_control" and f.verdict != "pass"]
        found[str(i)] = {"failed": failed, "control did not fire": dead, "cpu_s": round(sum(cost.values()), 2)}
        store()


def prepare_table(name: str) -> tuple[Path, pa.Table, pa.Table, pa.Schema]:
    """Four fifths to learn from, one to hold out, as files and as tables."""
    data = load_dataset(name)
    folder = WORK / "battery" / name
    order = Key.root(11).child(name).generator().permutation(data.table.num_rows)
    cut = int(0.8 * data.table.num_rows)
    for part, into in ((order[:cut], folder), (order[cut:], folder / "ho")):
        if not (into / "train.csv").exists():
            write_half(data, data.table.take(pa.array(np.sort(part))), into)
    path = str(folder / "train.csv")
    real = open_source(SourceSpec(path=path), path, "train")
    return folder, _read(real), read_like(folder / "ho" / "train.csv", real.schema), real.schema


def _read(source) -> pa.Table:
    return pa.Table.from_batches(list(source.scan()), schema=source.schema)


def read_like(path: Path, schema: pa.Schema) -> pa.Table:
    """A file as a table of that schema."""
    return _read(open_like(SourceSpec(path=str(path)), str(path), "synthetic", schema))


def make_ours(folder: Path, rows: int) -> Path:
    """Rows of our default, made in a process of their own."""
    made = folder / "trees.csv"
    if not made.exists():
        subprocess.run([sys.executable, str(HERE / "ours.py"), "trees", str(folder), "--rows", str(rows)], check=True)
        (folder / "synthetic.csv").rename(made)
    return made


def make_donors(folder: Path, rows: int) -> Path:
    """Rows of CART whose leaves hold at least 30 donors, grown to the end: values of real people, put together anew."""
    made = folder / "cart30.csv"
    if not made.exists():
        import rival_cart
        import runner

        rival_cart.LEAF, rival_cart.SPLIT, rival_cart.DEPTH = 30, 60, None
        train, kinds = runner.read_train(folder)
        model = rival_cart.fit("cart", train, kinds, 0, folder)
        rival_cart.sample(model, rows, 0)[list(kinds)].to_csv(made, index=False)
    return made


def raise_flags(found: dict, store) -> None:
    """The battery on what must pass."""
    for name in ("adult", "default", "beijing"):
        folder, train, holdout, schema = prepare_table(name)
        ours = read_like(make_ours(folder, train.num_rows), schema)
        _judge(found, store, f"{name}: `trees`", look_at(ours, train, holdout))
        if name == "adult":
            half = holdout.num_rows // 2
            _judge(found, store, "adult: real rows", look_at(holdout.slice(half), train, holdout.slice(0, half)))


def raise_leaks(found: dict, store) -> None:
    """The battery on what must not pass."""
    folder, train, holdout, schema = prepare_table("adult")
    ours = read_like(make_ours(folder, train.num_rows), schema)
    donors = read_like(make_donors(folder, train.num_rows), schema)
    tables = {
        "5% training rows among `trees`": plant(ours, train, 0.05, Key.root(5)),
        "CART, 30 donors": donors,
        "copy of the training rows": train,
    }
    for title, made in tables.items():
        _judge(found, store, f"adult: {title}", look_at(made, train, holdout))


def _judge(found: dict, store, label: str, evidence: MemoryEvidence) -> None:
    if label in found:
        return
    findings, cost = run_battery(evidence, Key.root(1))
    found[label] = {"cost": cost, "findings": [json.loads(f.model_dump_json()) for f in findings]}
    store()


def meet_rival(found: dict, store) -> None:
    """Anonymeter and we on the same rows of beijing, a fifth of them planted copies, the same attacks on as many people."""
    folder, train, holdout, schema = prepare_table("beijing")
    made = plant(read_like(make_ours(folder, train.num_rows), schema), train, LEAK, Key.root(6))
    if "ours" not in found:
        findings, cost = run_battery(look_at(made, train, holdout), Key.root(1), CHECKS[:3])
        found["ours"] = {"cost": cost, "findings": [json.loads(f.model_dump_json()) for f in findings]}
        store()
    if "anonymeter" not in found:
        into = folder / "rival"
        into.mkdir(exist_ok=True)
        for name, table in (("train", train), ("holdout", holdout), ("synthetic", made)):
            pa.csv.write_csv(table, into / f"{name}.csv")
        python = make_environment(RIVAL)
        subprocess.run([str(python), str(HERE / "rivals" / "attack_anonymeter.py"), str(into)], check=True)
        found["anonymeter"] = json.loads((into / "risks.json").read_text())
        store()


def write_sheets(stored: dict) -> None:
    """What was measured, against the bars."""
    if stored["flags"] or stored["leaks"]:
        _write_flags(stored["flags"], stored["leaks"])
    if stored["cover"]:
        _write_cover(stored["cover"], stored["alarms"])
    if "anonymeter" in stored["rival"]:
        _write_rival(stored["rival"])


def _write_flags(flags: dict, leaks: dict) -> None:
    rows, bars = [], []
    for label, one in (flags | leaks).items():
        failed = [f for f in one["findings"] if f["withholds"] and f["verdict"] == "fail"]
        cost = sum(one["cost"].values())
        cells = [label, ", ".join(sorted({f["check"].split(".")[1] for f in failed})) or "nothing"]
        for check in ("singling_out", "linkability", "inference"):
            values = [
                f
                for f in one["findings"]
                if f["check"] == f"privacy.{check}" and f["value"] is not None and f["withholds"]
            ]
            worst = max(values, key=lambda f: f["value"])
            cells.append(_interval(worst))
        cells += [
            _interval(next(f for f in one["findings"] if f["check"] == f"privacy.membership_{name}"))
            for name in ("ensemble", "outliers", "tpr")
        ]
        rows.append((*cells, f"{cost:.0f}"))
        if label == "adult: `trees`":
            said = f"{cost:.0f} cpu-s, positive controls included"
            bars.append(
                Bar("attack battery on adult (39k x 15)", "<= 120 s on 2 cores", said, say_reached(cost <= 120))
            )
        must = label in leaks
        what = f"{label}: {'flagged' if must else 'nothing fails'}"
        bars.append(
            Bar(what, "by at least one attack" if must else "0 failed", cells[1], say_reached(bool(failed) == must))
        )
    about = (
        "Four fifths of each table to learn from, one fifth held out. Worst risk of all columns or forms, best membership attack over all people and over outliers, "
        "members found at 1% false positives. The column *fails* names what would withhold the table; copies and nearest-record membership included."
    )  # fmt: skip
    columns = (
        "table",
        "fails",
        "singling out",
        "linkability",
        "inference",
        "membership, AUC",
        "outliers",
        "found at 1%",
        "cpu-s",
    )
    store_sheet(Sheet("battery", "Attack battery", about, columns, tuple(rows), tuple(bars)))


def _interval(finding: dict) -> str:
    if finding["value"] is None:
        return "skipped"
    low, high = finding["interval"]
    return f"{finding['value']:.3f} ({low:.3f}, {high:.3f})"


def _write_cover(cover: dict, alarms: dict) -> None:
    whole = float(np.mean([one["singling out"][0] for i, one in cover.items() if int(i) < 0]))
    runs = [one for i, one in cover.items() if int(i) >= 0]
    rows, bars = [], []
    for name in ("singling out", "linkability", "inference", "membership, AUC", "membership, found at 1%"):
        cells, total = [], 0
        for rate in RATES:
            some = [one for one in runs if one["rate"] == rate]
            aim = truth_of(name, rate, whole)
            hits = sum(one[name][1] <= aim <= one[name][2] for one in some)
            total += hits
            cells.append(
                f"{hits} of {len(some)} (mean {np.mean([one[name][0] for one in some]):.3f}, planted {aim:.3f})"
            )
        rows.append((name, *cells, f"{total / len(runs):.1%}"))
        if not name.startswith("membership"):
            what = f"{name}: intervals that hold the planted leak, {len(runs)} tables of {ROWS:,} rows"
            bars.append(Bar(what, ">= 93%", f"{total / len(runs):.1%}", say_reached(total / len(runs) >= 0.93)))
    seconds = sum(one["cpu_s"] for one in cover.values())
    if alarms:
        wrong = sum(bool(one["failed"]) for one in alarms.values())
        low, high = exact_interval(wrong, len(alarms))
        what = f"real rows against real rows, {len(alarms)} draws of {ROWS:,} rows of adult: something fails"
        bars.append(
            Bar(
                what,
                "< 5%",
                f"{wrong} of {len(alarms)} ({low:.1%}, {high:.1%})",
                say_reached(wrong / len(alarms) < 0.05),
            )
        )
    about = (
        f"Made-up tables, {ROWS:,} rows learned from, {HELD:,} held out, a share of the synthetic rows copied. Each cell: runs whose 95% interval holds the planted value. "
        f"A query read off a copied row singles it out {whole:.1%} of what is possible (mean of {WHOLE} whole copies), so that is planted for singling out. {seconds:.0f} cpu-s in all."
    )  # fmt: skip
    columns = ("measure", *(f"leak {rate:.0%}" for rate in RATES), "in all")
    store_sheet(Sheet("battery-cover", "Attack battery: planted leaks", about, columns, tuple(rows), tuple(bars)))


def _write_rival(rival: dict) -> None:
    theirs, ours = rival["anonymeter"], rival["ours"]
    mine = {(f["check"].split(".")[1], f["subject"]): f for f in ours["findings"]}
    rows, near = [], []
    for one in theirs["risks"]:
        match = next(
            (f for (check, subject), f in mine.items() if check == one["risk"] and subject.startswith(one["subject"])),
            None,
        )
        if match is None or match["value"] is None:
            continue
        low, high = match["interval"]
        meets = low <= one["high"] and one["low"] <= high
        near.append(meets)
        rows.append((f"{one['risk'].replace('_', ' ')}: {one['subject']}", _interval(match), f"{one['value']:.3f} ({one['low']:.3f}, {one['high']:.3f})", "yes" if meets else "no"))  # fmt: skip
    cost = sum(ours["cost"].values())
    bars = (
        Bar("anonymeter on the same rows: intervals meet", "all", f"{sum(near)} of {len(near)}", say_reached(all(near))),
        Bar("anonymeter's processor seconds over ours", ">= 3", f"{theirs['cpu_s'] / cost:.1f} ({theirs['cpu_s']:.0f} over {cost:.0f}, our positive controls included)", say_reached(theirs["cpu_s"] >= 3 * cost)),
    )  # fmt: skip
    about = f"beijing, {LEAK:.0%} of the synthetic rows are training rows, so the planted risk of linkability and inference is {LEAK:g}. anonymeter {theirs['version']} at the settings of its notebook with 2,000 attacks a risk; we attack all held out rows."
    store_sheet(Sheet("battery-anonymeter", "Attack battery beside anonymeter", about, ("risk", "Sundog", "anonymeter", "intervals meet"), tuple(rows), bars))  # fmt: skip


if __name__ == "__main__":
    main()
