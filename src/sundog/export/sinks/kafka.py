"""Kafka through librdkafka (confluent-kafka): a record a row.

The producer is idempotent: while the stream lives, a record that had to be sent again is there once, and records of one partition
keep their order. librdkafka connects again by itself, with growing pauses. A row counts as arrived when all in-sync replicas have it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import pyarrow as pa
from confluent_kafka import KafkaError, KafkaException, Producer

from sundog.core.errors import Incomplete, Problem, RequestError
from sundog.export.sinks._broker import WHERE, Broker, check_ca, read_broker
from sundog.export.sinks._rows import ToBytes, choose_bytes, list_texts, need_column
from sundog.export.sinks.extension import KafkaRowsOut

PORTS = {"kafka": 9092, "kafkas": 9093}

_WAIT = 0.1
_SILENT = logging.Logger("sundog.kafka", logging.CRITICAL + 1)
"""librdkafka writes to standard error unless somebody listens."""

Message: TypeAlias = tuple[str | None, bytes]
"""Key and value."""


@dataclass(frozen=True, slots=True)
class KafkaSink:
    """Implements ``core.protocols.Sink``."""

    @contextmanager
    def open(self, spec: KafkaRowsOut, target: str, table: str, schema: pa.Schema) -> Iterator[KafkaOutlet]:
        """Connect, and see that there is such a topic."""
        broker = read_broker(target, PORTS[target.split("://")[0]], spec.password_file)
        if "{" in broker.topic or "/" in broker.topic:
            mend = "Give one topic; --option key=COLUMN keeps the rows of one key together and in order."
            raise RequestError(
                Problem("SD-STREAM-021", WHERE, f"{broker.topic!r} cannot be the name of a Kafka topic", mend)
            )
        check_ca(spec.ca)
        if spec.key is not None:
            need_column(spec.key, schema, f"--option key={spec.key}")
        to_bytes = choose_bytes(spec, table, schema)
        told: list[KafkaError] = []
        producer = _make_producer(broker, spec, told)
        _look(producer, broker, spec, told)
        outlet = KafkaOutlet(producer, broker, spec, to_bytes)
        try:
            yield outlet
        finally:
            producer.purge()
            producer.flush(_WAIT)


def _make_producer(broker: Broker, spec: KafkaRowsOut, told: list[KafkaError]) -> Any:
    settings: dict[str, object] = {
        "bootstrap.servers": ",".join(f"[{h}]:{p}" if ":" in h else f"{h}:{p}" for h, p in broker.hosts),
        "client.id": "sundog",
        "enable.idempotence": True,
        "message.timeout.ms": int(spec.patience * 1_000),
        "socket.connection.setup.timeout.ms": max(1_000, int(spec.connect_seconds * 1_000)),
        "reconnect.backoff.ms": 200,
        "reconnect.backoff.max.ms": 10_000,
        "queue.buffering.max.messages": spec.window,
        "linger.ms": 5,
        "error_cb": told.append,
        "logger": _SILENT,
    }
    safe = broker.scheme == "kafkas"
    if broker.user is not None:
        settings |= {
            "security.protocol": "SASL_SSL" if safe else "SASL_PLAINTEXT",
            "sasl.mechanism": spec.mechanism,
            "sasl.username": broker.user,
            "sasl.password": broker.password or "",
        }
    elif safe:
        settings["security.protocol"] = "SSL"
    if safe and spec.ca is not None:
        settings["ssl.ca.location"] = spec.ca
    return Producer(settings)


def _look(producer: Any, broker: Broker, spec: KafkaRowsOut, told: list[KafkaError]) -> None:
    """Ask for the topic: shows whether a broker is there, lets us in, and has it or makes it."""
    stop = time.perf_counter() + spec.connect_seconds
    while True:
        fault = ""
        try:
            producer.poll(0)
            found = (
                producer.list_topics(broker.topic, timeout=min(1.0, spec.connect_seconds)).topics[broker.topic].error
            )
            if found is None:
                return
            fault = found.str()
        except KafkaException as error:
            fault = (told[0] if told else error.args[0]).str()
        refused = any(e.code() == KafkaError._AUTHENTICATION for e in told)
        if refused or time.perf_counter() > stop:
            break
        time.sleep(_WAIT)
    mend = "See that a broker runs there, lets this user in and has the topic; over TLS the scheme is kafkas."
    what = f"no Kafka topic {broker.topic!r} to write to at {broker.shown}: {fault}"
    raise RequestError(Problem("SD-STREAM-022", WHERE, what, mend))


@dataclass
class KafkaOutlet:
    """Implements ``core.protocols.Outlet``: a message is a key and a value."""

    producer: Any
    broker: Broker
    spec: KafkaRowsOut
    to_bytes: ToBytes
    _taken: int = 0
    _waiting: set[int] = field(default_factory=set)  # numbers of the rows on their way
    _failed: KafkaError | None = None

    def encode(self, rows: pa.RecordBatch) -> Sequence[Message]:
        """Keys and rows."""
        keys = [None] * rows.num_rows if self.spec.key is None else list_texts(rows, self.spec.key)
        return list(zip(keys, self.to_bytes(rows), strict=True))

    def send(self, messages: Sequence[Message]) -> int:
        """Hand records to librdkafka, while its queue has room."""
        self._need_all()
        done = 0
        for key, value in messages:
            if value:  # a row without a reading is no record
                try:
                    self.producer.produce(self.broker.topic, value, key, on_delivery=partial(self._hear, self._taken))
                except BufferError:
                    if not done:
                        self.producer.poll(_WAIT)
                    break
                self._waiting.add(self._taken)
            self._taken += 1
            done += 1
        self.producer.poll(0)
        return done

    def finish(self, seconds: float) -> None:
        """Wait for what is on its way."""
        self.producer.flush(seconds)
        self._need_all()

    def arrived(self) -> int:
        """Rows before the first that has not arrived."""
        return min(self._waiting, default=self._taken)

    def _hear(self, row: int, error: KafkaError | None, record: object) -> None:
        if error is None:
            self._waiting.discard(row)
        elif self._failed is None:
            self._failed = error

    def _need_all(self) -> None:
        if self._failed is not None:
            what = f"the broker at {self.broker.shown} did not take a row: {self._failed.str()}"
            mend = "See to the broker; --skip and the number of rows that were sent goes on from there."
            raise Incomplete(Problem("SD-STREAM-023", WHERE, what, mend))
