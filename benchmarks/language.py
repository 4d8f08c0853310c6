"""Language models: what orchestration costs beside the rivals on the same stub endpoint, llama.cpp beside itself, and what a kill costs.

    python benchmarks/language.py [--only STEP ...] [--again STEP ...] [--items N]

Each step is stored in ``results/language.json`` when it ends; one that is there is not made again. Steps: ``clients`` (HTTP clients alone),
``asking`` (questions through the store to Parquet, one and two processes), ``make`` (``sundog make`` of recipes/texts.yaml, two workers),
``curator``, ``distilabel``, ``datadesigner``, ``llama``, ``kill``, ``json``. The stub runs in a process of its own on the same machine, so that wall time
on two cores pays for it too; the comparison is by processor seconds of whoever asks.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "stub_endpoint"))

from competitors import Competitor, make_environment
from language_asking import make_asks
from results import RESULTS, Bar, Sheet, say_reached, store_sheet
from stub_server import stub_process

HERE = Path(__file__).resolve().parent
STORE = RESULTS / "language.json"
RIVALS = {
    "curator": "Bespoke Curator 0.1.31",
    "distilabel": "distilabel 1.5.3",
    "datadesigner": "NeMo Data Designer 0.9.7",
}
KILLS = 20
EMBEDDED_ITEMS = int(os.environ.get("EMBEDDED_ITEMS", "2000"))
"""Objects of the embedded model: two thousand take some twenty minutes of a processor."""


def run_json(command: list[str], env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run a program whose last line is JSON."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})})
    if done.returncode != 0:
        raise RuntimeError(f"{command[1]} ended with {done.returncode}: {done.stderr[-400:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def ask(url: str, store: str, first: int, count: int, out: str) -> list[str]:
    """The command of an asking process."""
    return [sys.executable, str(HERE / "language_asking.py"), url, store, str(first), str(count), out]


def measure_clients(items: int) -> dict[str, Any]:
    """Requests with aiohttp and httpx alone, in turn, three times each."""
    found: dict[str, Any] = {}
    with stub_process() as stub:
        for client in ("aiohttp", "httpx") * 3:
            told = run_json(ask(stub.url, "-", 0, items if client == "aiohttp" else items // 4, client))
            found.setdefault(client, []).append(told["items"] / told["cpu_s"])
    return {client: statistics.median(rates) for client, rates in found.items()}


def measure_asking(items: int) -> dict[str, Any]:
    """Questions through the store to Parquet, by one process and by two on one store, at two sizes: the difference is what an item costs."""
    found: dict[str, Any] = {}
    for processes in (1, 2):
        small, large = (_ask_at_once(count, processes) for count in (items // 8, items))
        more = large["items"] - small["items"]
        ours = large["cpu_s"] - small["cpu_s"]
        found[str(processes)] = {
            "small": small, "large": large, "load": os.getloadavg()[0], "per_cpu_s": more / ours,
            "per_core_s": more / (ours + large["stub_s"] - small["stub_s"]),
            "per_s": more / (large["wall_s"] - small["wall_s"]),
        }  # fmt: skip
    return found


def _ask_at_once(items: int, processes: int) -> dict[str, float]:
    each = items // processes
    with stub_process() as stub, tempfile.TemporaryDirectory() as folder:
        commands = [
            ask(stub.url, f"{folder}/s.sqlite", p * each, each, f"{folder}/{p}.parquet") for p in range(processes)
        ]
        started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
        told = [json.loads(process.communicate()[0].splitlines()[-1]) for process in started]
        return {
            "items": each * processes, "wall_s": max(t["wall_s"] for t in told), "cpu_s": sum(t["cpu_s"] for t in told),
            "stub_s": stub.seen()["cpu_s"], "requests": stub.seen()["requests"],
        }  # fmt: skip


def measure_make(items: int) -> dict[str, Any]:
    """``sundog make`` at two sizes, both of enough shards for all workers: the difference is what an item costs without the start."""
    found: list[dict[str, float]] = []
    with stub_process() as stub, tempfile.TemporaryDirectory() as folder:
        for at, count in enumerate((64, items, 4 * items)):
            command = [
                sys.executable,
                "-m",
                "sundog",
                "make",
                str(HERE / "recipes" / "texts.yaml"),
                "-o",
                f"{folder}/{at}",
            ]
            command += [
                "-n",
                str(count),
                "--workers",
                "2",
                "--seed",
                str(at),
                "--set",
                f"parts.texts.model.endpoint={stub.url}",
            ]
            before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, env={**os.environ, "SUNDOG_CACHE": folder}
            )
            if done.returncode != 0:
                raise RuntimeError(f"sundog make ended with {done.returncode}: {done.stderr[-400:]}")
            after, stub_s = resource.getrusage(resource.RUSAGE_CHILDREN), stub.seen()["cpu_s"]
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            phases = json.loads(Path(folder, str(at), "run.json").read_text())["phases"]
            found.append(
                {
                    "items": count, "wall_s": time.perf_counter() - wall, "cpu_s": cpu, "sample_s": phases["sample"],
                    "stub_s": stub_s,
                }
            )  # fmt: skip
    warm, small, large = found  # the first may compile kernels
    more = large["items"] - small["items"]
    all_cpu_s = (
        large["cpu_s"] - small["cpu_s"] + large["stub_s"] - 2 * small["stub_s"] + warm["stub_s"]
    )  # its clock goes on
    return {
        "small": small, "large": large, "load": os.getloadavg()[0], "per_core_s": more / all_cpu_s,
        "per_s": more / (large["sample_s"] - small["sample_s"]), "per_cpu_s": more / (large["cpu_s"] - small["cpu_s"]),
    }  # fmt: skip


def measure_rival(name: str, items: int) -> dict[str, Any]:
    """A rival at two sizes, in an environment of its own, on the same stub: the difference is what an item costs."""
    python = make_environment(Competitor(name, RIVALS[name], name))
    script = HERE / "rivals" / f"texts_{name}.py"
    found = []
    for count in (items // 8, items):
        with stub_process() as stub, tempfile.TemporaryDirectory() as folder:
            told = run_json(
                [str(python), str(script), stub.url, str(count), folder], {"HOME": folder, "TMPDIR": folder}
            )
            found.append({**told, "requests": stub.seen()["requests"]})
    small, large = found
    more = large["items"] - small["items"]
    return {
        "small": small, "large": large, "load": os.getloadavg()[0],
        "per_s": more / (large["wall_s"] - small["wall_s"]), "per_cpu_s": more / (large["cpu_s"] - small["cpu_s"]),
    }  # fmt: skip


def measure_llama(_: int) -> dict[str, Any]:
    """Tokens per processor second of the embedded model: ours, and xllamacpp's own server with the same settings and with its defaults, in turn."""
    from language_llama import measure_ours, measure_own

    rates: dict[str, list[float]] = {"ours": [], "own": [], "defaults": []}
    for _turn in range(2):
        rates["own"].append(measure_own(True))
        rates["ours"].append(measure_ours())
        rates["defaults"].append(measure_own(False))
    return {
        **{name: statistics.median(found) for name, found in rates.items()},
        "all": rates,
        "load": os.getloadavg()[0],
    }


def measure_kill(items: int) -> dict[str, Any]:
    """Kill an asking process at instants spread over its run, resume it, and look at what came and what was asked."""
    items = min(items, 3000)
    with stub_process() as stub, tempfile.TemporaryDirectory() as folder:
        run_json(ask(stub.url, f"{folder}/whole.sqlite", 0, items, f"{folder}/whole.parquet"))
        whole = Path(folder, "whole.parquet").read_bytes()
        twice = differ = killed = lost = 0
        for kill in range(KILLS):
            stub.forget()
            command = ask(stub.url, f"{folder}/{kill}.sqlite", 0, items, f"{folder}/{kill}.parquet")
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            while stub.count() < items * (kill + 0.5) / KILLS and process.poll() is None:
                time.sleep(0.002)
            killed += process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
            stored = list_stored(Path(f"{folder}/{kill}.sqlite"), stub.url, items)
            time.sleep(0.2)  # what was under way at the stub comes to its end
            before = stub.seen()["asked"]
            run_json(command)
            after = stub.seen()["asked"]
            twice += sum(after[name] > before[name] for name in stored)
            lost += sum(name not in before for name in stored)
            differ += Path(folder, f"{kill}.parquet").read_bytes() != whole
            shutil.rmtree(Path(folder, f"{kill}.sqlite"), ignore_errors=True)
    return {"kills": KILLS, "killed": killed, "items": items, "asked_twice": twice, "unasked": lost, "differ": differ}


def measure_unparsable(items: int, embedded: int) -> dict[str, Any]:
    """Objects from the embedded model, and from a stub that answers wrongly in every way it knows."""
    from language_json import FAULTS, measure_json

    with stub_process({"faults": FAULTS}) as stub, tempfile.TemporaryDirectory() as folder:
        return measure_json(stub.url, Path(folder), items, embedded)


def list_stored(path: Path, url: str, items: int) -> list[str]:
    """The stub's names of the questions whose answers are stored."""
    from hashlib import blake2b

    from sundog.lib.language.address import address_of
    from sundog.lib.language.store import open_store

    with open_store(path) as store:
        stored = [a for a in make_asks(0, items) if store.get(address_of(f"{url}#stub", a)) is not None]
    named = (f"{a.messages[0].content}\0{a.seed}\0stub" for a in stored)
    return [blake2b(name.encode(), digest_size=16).hexdigest() for name in named]


STEPS: dict[str, Callable[[int], dict[str, Any]]] = {
    "clients": measure_clients,
    "asking": measure_asking,
    "make": measure_make,
    **{name: (lambda items, name=name: measure_rival(name, items)) for name in RIVALS},  # type: ignore[misc]
    "llama": measure_llama,
    "kill": measure_kill,
    "json": lambda _: measure_unparsable(8000, EMBEDDED_ITEMS),
}


def write_sheet(stored: Mapping[str, Any]) -> None:
    """The table and the bars, from what is stored."""
    rows, bars = [], []
    good = {name: found for name, found in stored.items() if "error" not in found}
    rivals = {name: good[name]["per_cpu_s"] for name in RIVALS if name in good}
    if "clients" in good:
        rows += [(f"{c} alone, requests", f"{rate:,.0f}", "") for c, rate in good["clients"].items()]
    for processes, found in good.get("asking", {}).items():
        cells = f"{found['per_cpu_s']:,.0f}", f"{found['per_s']:,.0f} (load {found['load']:.0f})"
        rows.append((f"Sundog, JSON answers through the store to Parquet, {processes} process(es)", *cells))
    if "make" in good:
        found = good["make"]
        rows.append(
            (
                "`sundog make`, two workers, with checks",
                f"{found['per_cpu_s']:,.0f}",
                f"{found['per_s']:,.0f} (load {found['load']:.0f})",
            )
        )
        # Others that kept the processors busy are not our cost: then what two cores would make decides, the stub paid for.
        busy = found["load"] > (os.cpu_count() or 1)
        rate = max(found["per_s"], 2 * found["per_core_s"]) if busy else found["per_s"]
        said = f"{found['per_s']:,.0f} items/s, load {found['load']:.0f}; by cpu-s of Sundog and stub {2 * found['per_core_s']:,.0f}"
        what = "`sundog make` against the stub, items through store, checks and Parquet, 2 cores"
        by = ", by cpu-s" if busy and rate >= 2000 > found["per_s"] else ""
        bars.append(Bar(what, ">= 2,000 items/s", said, say_reached(rate >= 2000) + by))
    for name, rate in rivals.items():
        rows.append((RIVALS[name], f"{rate:,.0f}", f"{good[name]['per_s']:,.0f} (load {good[name]['load']:.0f})"))
    for name in ("make", "asking"):
        if name in good and rivals:
            ours = good[name]["per_cpu_s"] if name == "make" else good[name]["2"]["per_cpu_s"]
            said = (
                "`sundog make`, with checks" if name == "make" else "questions through the store to Parquet, no checks"
            )
            best = max(rivals, key=lambda n: rivals[n])
            what = f"{said}: items a cpu-s beside the best rival of {len(rivals)} ({RIVALS[best]})"
            bars.append(Bar(what, ">= 3 x", f"{ours / rivals[best]:.1f} x", say_reached(ours >= 3 * rivals[best])))
    if "llama" in good:
        ours, own, defaults = (good["llama"][n] for n in ("ours", "own", "defaults"))
        said = "llama.cpp (SmolLM2-135M, 4 slots, 1 thread), tokens: Sundog / xllamacpp with the same settings / with its defaults"
        rows.append((said, f"{ours:.1f} / {own:.1f} / {defaults:.1f}", ""))
        what = "llama.cpp path, tokens a cpu-s beside xllamacpp's own"
        for beside, rate in (("the same settings", own), ("its defaults, whose answers do not repeat", defaults)):
            bars.append(Bar(f"{what}, {beside}", ">= 90%", f"{ours / rate:.1%}", say_reached(ours >= 0.9 * rate)))
    if "kill" in good:
        found = good["kill"]
        measured = f"{found['differ']} differ, {found['asked_twice']} asked twice ({found['killed']} of {found['kills']} killed before the end)"
        reached = found["differ"] == found["asked_twice"] == 0
        what = f"kill -9 at {found['kills']} instants of {found['items']:,} questions, resumed"
        bars.append(Bar(what, "same file, 0 asked again after they were stored", measured, say_reached(reached)))
    if "json" in good:
        stub, own = good["json"]["stub"], good["json"]["embedded"]
        measured = f"{stub['unparsable'] + own['unparsable']} of {own['given']:,} (embedded) and {stub['given']:,} (stub with faults)"
        enough = own["items"] >= 2000 and own["items"] + stub["items"] >= 10_000
        verdict = say_reached(stub["unparsable"] + own["unparsable"] == 0) + (
            "" if enough else f", {own['items']:,} embedded items only"
        )
        bars.append(
            Bar("unparsable items: embedded model, and a stub that answers wrongly", "0 in 10,000", measured, verdict)
        )
        malformed = f"{own['malformed']:,} of {own['items']:,} / {stub['malformed']:,} of {stub['items']:,}"
        rows.append(("rejected as malformed after all tries: embedded / stub with faults", malformed, ""))
    for name in STEPS:
        if "error" in stored.get(name, {}):
            rows.append((RIVALS.get(name, name), "failed", stored[name]["error"][:120]))
    about = (
        "A stub endpoint on the same machine answers at once, in a process of its own; 64 questions wait at most. Items a processor second of "
        "whoever asks, the stub's left out; items a second pay for the stub too, on the same two cores. Rivals and `sundog make`: the difference "
        "between two sizes, so that starting costs nothing. Rivals' telemetry and viewers are off."
    )
    columns = ("who", "items a cpu-s", "items a second")
    store_sheet(Sheet("language", "Language models: orchestration", about, columns, tuple(rows), tuple(bars)))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=list(STEPS), choices=list(STEPS))
    parser.add_argument("--again", nargs="*", default=[], choices=[*STEPS, "all"])
    parser.add_argument("--items", type=int, default=8000)
    asked = parser.parse_args()
    stored: dict[str, Any] = json.loads(STORE.read_text()) if STORE.exists() else {}
    for name in asked.only:
        if name in stored and "error" not in stored[name] and name not in asked.again and "all" not in asked.again:
            continue
        try:
            stored[name] = STEPS[name](asked.items)
        except Exception as problem:  # noqa: BLE001 - the other steps go on, and the page says what is missing
            stored[name] = {"error": f"{type(problem).__name__}: {problem}"}
        print(name, json.dumps(stored[name])[:300], flush=True)
        STORE.write_text(json.dumps(stored, indent=1) + "\n")
        write_sheet(stored)


if __name__ == "__main__":
    main()
