"""The Ray engine: several machines (on this one), one of them lost in the middle, and the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ray = pytest.importorskip("ray", reason="the extra 'ray' is not installed")

from sundog_toy.bundles import make, read_content, shop  # noqa: E402

from sundog.core.errors import Exhausted, Fault, Incomplete, RequestError, SundogError  # noqa: E402
from sundog.run.engines import on_ray  # noqa: E402
from sundog.run.engines.on_ray import RayEngine  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray leaves its pipes to the garbage collector
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two machines with one processor each; workers see the toy kinds."""
    from ray.cluster_utils import Cluster

    toy = str(Path(__file__).resolve().parent.parent / "toykind")
    before = {name: os.environ.get(name) for name in ("PYTHONPATH", "RAY_USAGE_STATS_ENABLED", "RAY_ADDRESS")}
    os.environ.update(PYTHONPATH=toy, RAY_USAGE_STATS_ENABLED="0")
    os.environ.pop("RAY_ADDRESS", None)
    node = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=node)
    made.add_node(num_cpus=1, object_store_memory=80_000_000)
    made.wait_for_nodes()
    yield made
    made.shutdown()
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


@pytest.fixture
def engine(cluster: Any) -> Iterator[RayEngine]:
    made = RayEngine(address=cluster.address)
    yield made
    made.close()
    assert not ray.is_initialized()


def test_results_and_errors(engine: RayEngine) -> None:
    assert engine.describe() == {"engine": "ray", "workers": 2, "machines": 2}
    jobs = [f"job {i}" for i in range(9)]
    assert sorted(engine.map("sundog_toy.work:shout", jobs)) == sorted(j.upper() for j in jobs)
    cases: list[tuple[str, type[SundogError], str]] = [
        ("ours", Exhausted, "SD-TOY-002 at there: é"),
        ("theirs", Fault, "ZeroDivisionError: they divide"),
        ("full", Incomplete, "SD-RUN-002 at /some/where"),
        ("leave", Incomplete, "SD-RUN-013"),
    ]
    for job, error, says in cases:
        with pytest.raises(error) as caught:
            list(engine.map("sundog_toy.work:fail", ["fine", job]))
        assert type(caught.value) is error
        assert says in str(caught.value)
    with pytest.raises(Fault, match="No module named"):
        list(engine.map("nowhere.work:shout", ["a"]))


def test_another_version_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    said = on_ray._answer_task("0.0.1", "sundog_toy.work:shout", "a")
    assert said["error"] == "Fault"
    assert "SD-RUN-041" in str(said["problems"])


def test_an_address_where_nobody_answers() -> None:
    with pytest.raises(RequestError, match="SD-RUN-040") as caught:
        RayEngine(address="nonsense")
    assert caught.value.exit_code == 2
    assert not ray.is_initialized()


def test_a_cluster_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from ray.exceptions import NodeDiedError, ObjectLostError, RaySystemError, RayTaskError

    def fail_with(error: BaseException) -> str:
        def get(reference: object) -> object:
            raise error

        monkeypatch.setattr(on_ray.ray, "get", get)
        with pytest.raises(SundogError) as caught:
            on_ray._fetch(None)  # type: ignore[arg-type]
        return str(caught.value)

    assert "SD-RUN-013" in fail_with(NodeDiedError("node 7 died"))
    assert "SD-RUN-043" in fail_with(RaySystemError("the scheduler is gone"))
    assert "SD-RUN-043" in fail_with(ObjectLostError("00", None, ""))
    cause = ModuleNotFoundError("No module named 'sundog'")
    assert "SD-RUN-042 at worker: No module named 'sundog'" in fail_with(RayTaskError("task", "trace", cause))


def test_a_machine_that_cannot_see_the_output(cluster: Any, engine: RayEngine, tmp_path: Path) -> None:
    job = {"out": str(tmp_path / "elsewhere"), "part": "people", "index": 0, "start": 0, "stop": 5, "scratch": ""}
    with pytest.raises(Incomplete, match="SD-RUN-045"):
        list(engine.map("sundog.run.shard:make_shard", [json.dumps(job)]))


def test_a_machine_lost_in_the_middle(cluster: Any, tmp_path: Path) -> None:
    recipe = shop(120, odd=0.2, codes=3000, slow=0.15)
    recipe["checks"] = [{"kind": "toy_limit", "most": 0.95}]
    make(recipe, tmp_path / "local", shard_units=6, workers=2)
    machine = cluster.add_node(num_cpus=2, object_store_memory=80_000_000)
    cluster.wait_for_nodes()
    lost: list[int] = []

    def lose(part: str, made: int, wanted: int) -> None:
        if made >= wanted // 3 and not lost:
            lost.append(made)
            cluster.remove_node(machine, allow_graceful=False)

    bundle = make(
        recipe, tmp_path / "ray", shard_units=6, engine="ray", address=cluster.address, workers=None, progress=lose
    )
    assert lost
    assert bundle.verdict == "unassessed"
    assert read_content(tmp_path / "ray") == read_content(tmp_path / "local")
    said = json.loads((tmp_path / "ray" / "run.json").read_text())
    assert said["engine"] == "ray"
    assert not ray.is_initialized()


@pytest.mark.slow
def test_the_command_starts_and_stops_a_cluster_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(json.dumps(shop(30)))
    words = [
        "make",
        str(tmp_path / "recipe.yaml"),
        "-o",
        str(tmp_path / "out"),
        "--engine",
        "ray",
        "--shard-units",
        "10",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "sundog", *words, "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "unassessed"
    assert "ray" not in done.stderr.lower()
    make(shop(30), tmp_path / "local", shard_units=10)
    assert read_content(tmp_path / "out") == read_content(tmp_path / "local")
