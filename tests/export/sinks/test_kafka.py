"""Rows to a real broker that speaks Kafka's protocol (Tansu): keys, order, a broken connection, brokers that are not there."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pytest

from sundog.core.errors import Incomplete, RequestError
from sundog.export.sinks.extension import KafkaRowsOut
from sundog.export.sinks.kafka import KafkaOutlet, KafkaSink

Start = Callable[..., Any]


def _send(outlet: KafkaOutlet, messages: Any, rows: int) -> None:
    while messages:
        messages = messages[outlet.send(messages) :]
    while outlet.arrived() < rows:
        outlet.finish(0.1)


def _read(port: int, topic: str, rows: int) -> list[tuple[int, bytes | None, dict[str, Any]]]:
    """Partition, key and value of every record, by partition and place."""
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer(
        {"bootstrap.servers": f"127.0.0.1:{port}", "group.id": "reader", "auto.offset.reset": "earliest"}
    )
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, p, 0) for p in partitions])
    found, empty = [], 0
    while empty < (20 if len(found) < rows else 1):  # and one more look for what should not be there
        records = [r for r in consumer.consume(1_000, timeout=0.5) if r.error() is None]
        found += [(r.partition(), r.offset(), r.key(), json.loads(r.value())) for r in records]
        empty = 0 if records else empty + 1
    consumer.close()
    return [(p, key, value) for p, _, key, value in sorted(found, key=lambda r: r[:2])]


def test_rows_of_one_key_keep_their_order(tansu: Start, many: pa.RecordBatch) -> None:
    """Each row is one record, once; records of a key lie in one partition."""
    port = tansu().port
    spec = KafkaRowsOut(key="device", window=500)
    with KafkaSink().open(spec, f"kafka://127.0.0.1:{port}/readings", "many", many.schema) as outlet:
        _send(outlet, outlet.encode(many), 3_000)
        assert outlet.arrived() == 3_000
    found = _read(port, "readings", 3_000)
    assert sorted(value["n"] for _, _, value in found) == list(range(3_000))
    for device in ("d0", "d1", "d2"):
        of = [(partition, value["n"]) for partition, key, value in found if key == device.encode()]
        assert len({partition for partition, _ in of}) == 1
        assert [n for _, n in of] == list(range(int(device[1]), 3_000, 3))


@dataclass
class Relay:
    """Stands between client and broker, and breaks connections when told to: the broker's answers no longer arrive."""

    target: int
    server: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    open: list[socket.socket] = field(default_factory=list)
    is_deaf: bool = False

    @property
    def port(self) -> int:
        return int(self.server.getsockname()[1])

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.server.accept()
                broker = socket.create_connection(("127.0.0.1", self.target))
                self.open += [client, broker]
                for one, other, is_answer in ((client, broker, False), (broker, client, True)):
                    threading.Thread(target=self.carry, args=(one, other, is_answer), daemon=True).start()

    def carry(self, one: socket.socket, other: socket.socket, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65_536):
                if not (is_answer and self.is_deaf):
                    other.sendall(data)

    def cut(self) -> None:
        for end in self.open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.open.clear()


@pytest.fixture
def relay(tansu: Start, free_port: Start) -> Iterator[Relay]:
    """A relay in front of a broker that knows of no other way to itself."""
    server = socket.create_server(("127.0.0.1", 0))
    made = Relay(tansu(server.getsockname()[1]).port, server)
    threading.Thread(target=made.serve, daemon=True).start()
    yield made
    with contextlib.suppress(OSError):
        server.shutdown(socket.SHUT_RDWR)
    server.close()
    made.cut()


def test_a_connection_that_breaks_loses_and_doubles_nothing(
    relay: Relay, wait_until: Start, many: pa.RecordBatch
) -> None:
    """Twice the broker takes rows and its answers are lost with the connection: each row is there once all the same."""
    spec = KafkaRowsOut(key="device")
    with KafkaSink().open(spec, f"kafka://127.0.0.1:{relay.port}/readings", "many", many.schema) as outlet:
        messages = list(outlet.encode(many))
        for start in (0, 1_000):
            _send(outlet, messages[start : start + 900], start + 900)
            relay.is_deaf = True
            assert outlet.send(messages[start + 900 : start + 1_000]) == 100
            outlet.finish(0.3)
            assert outlet.arrived() == start + 900
            relay.cut()
            relay.is_deaf = False
        _send(outlet, messages[2_000:], 3_000)
    found = _read(relay.port, "readings", 3_000)
    assert sorted(value["n"] for _, _, value in found) == list(range(3_000))


def test_a_broker_that_stays_away_ends_the_stream(tansu: Start, wait_until: Start, many: pa.RecordBatch) -> None:
    """After ``patience``; rows count up to the first that has not arrived, and the queue does not grow beyond its window."""
    broker = tansu()
    spec = KafkaRowsOut(patience=1.0, window=50)
    with KafkaSink().open(spec, f"kafka://127.0.0.1:{broker.port}/readings", "many", many.schema) as outlet:
        messages = list(outlet.encode(many))
        _send(outlet, messages[:20], 20)
        broker.kill()
        assert outlet.send(messages[20:]) == 50
        assert outlet.send(messages[70:]) == 0
        with pytest.raises(Incomplete, match="SD-STREAM-023"):
            wait_until(lambda: outlet.finish(0.1), "the end of patience")
        assert outlet.arrived() == 20


@pytest.mark.parametrize(
    ("target", "options", "code"),
    [
        ("kafka://127.0.0.1:{port}/readings", {}, "SD-STREAM-022"),
        ("kafka://bob:s3cret@127.0.0.1:{port}/readings", {}, "SD-STREAM-022"),
        ("kafka://127.0.0.1:{port}/{{device}}", {}, "SD-STREAM-021"),
        ("kafka://127.0.0.1:{port}/readings", {"key": "devise"}, "SD-STREAM-011"),
        ("kafka://127.0.0.1:{port}", {}, "SD-STREAM-012"),
    ],
)
def test_targets_that_cannot_be(
    free_port: Start,
    many: pa.RecordBatch,
    target: str,
    options: dict[str, str],
    code: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """All found before a row is sent; librdkafka says nothing of its own, and no message holds the password."""
    spec = KafkaRowsOut(connect_seconds=0.5, **options)  # type: ignore[arg-type]
    with (
        pytest.raises(RequestError) as caught,
        KafkaSink().open(spec, target.format(port=free_port()), "many", many.schema),
    ):
        pass
    assert [p.code for p in caught.value.problems] == [code]
    assert "".join(capfd.readouterr()) == ""
    assert "s3cret" not in str(caught.value)
