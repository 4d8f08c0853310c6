"""MQTT 3.1.1 through Eclipse Paho: a message a row, to a topic that may hold values of the row.

With quality of service 1 a row counts as arrived when the broker has said so. When the connection breaks, Paho makes it again
(after 1 s, 2 s, 4 s, at most 30 s) and sends again what was not confirmed: nothing is lost, and what the broker had got without our
hearing of it comes twice. With 0 a row counts when it is handed to the network, and what was on its way is lost.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import pyarrow as pa
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from sundog.core.errors import Incomplete, Problem, RequestError
from sundog.export.sinks._broker import WHERE, Broker, check_ca, read_broker
from sundog.export.sinks._rows import ToBytes, choose_bytes, list_texts, need_column
from sundog.export.sinks.extension import MqttRowsOut

PORTS = {"mqtt": 1883, "mqtts": 8883}
BACKOFF = (1, 30)
"""Seconds before the first try to connect again, and between tries at most."""

_WAIT = 0.1
_PLACE = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r"[/+#%\x00]")

Message: TypeAlias = tuple[str, bytes]
"""Topic and payload."""


@dataclass(frozen=True, slots=True)
class MqttSink:
    """Implements ``core.protocols.Sink``."""

    @contextmanager
    def open(self, spec: MqttRowsOut, target: str, table: str, schema: pa.Schema) -> Iterator[MqttOutlet]:
        """Connect; the first answer of the broker is waited for."""
        broker = read_broker(target, PORTS[target.split("://")[0]], spec.password_file)
        if len(broker.hosts) > 1:
            raise RequestError(Problem("SD-STREAM-018", WHERE, "MQTT knows one broker", "Give one host."))
        check_ca(spec.ca)
        for name in _PLACE.findall(broker.topic):
            need_column(name, schema, f"{WHERE} {{{name}}}")
        link = _Link(int(spec.qos))
        client = Client(CallbackAPIVersion.VERSION2, client_id=spec.client_id, clean_session=True, protocol=MQTTv311)
        client.on_connect, client.on_disconnect = link.on_connect, link.on_disconnect
        client.on_publish = link.on_publish
        client.max_inflight_messages_set(spec.window)
        client.reconnect_delay_set(*BACKOFF)
        if broker.user is not None or broker.password is not None:
            client.username_pw_set(broker.user or "", broker.password)
        try:
            _connect(client, link, broker, spec)
            yield MqttOutlet(client, link, broker, spec, choose_bytes(spec, table, schema))
        finally:
            client.disconnect()
            client.loop_stop()


def _connect(client: Client, link: _Link, broker: Broker, spec: MqttRowsOut) -> None:
    host, port = broker.hosts[0]
    client.connect_timeout = spec.connect_seconds
    fault = ""
    try:
        if broker.scheme == "mqtts":
            client.tls_set(ca_certs=spec.ca)
        client.connect(host, port, keepalive=30)
        client.loop_start()
        link.wait(lambda: link.is_connected or link.refused != "", spec.connect_seconds)
        fault = link.refused or ("" if link.is_connected else "it does not answer")
    except ssl.SSLError as error:
        fault = f"its certificate is not trusted, or it speaks no TLS: {error.reason or error}"
    except (OSError, socket.gaierror) as error:
        fault = str(error.strerror or error)
    if fault:
        mend = "See that a broker runs there and lets this user in; over TLS the scheme is mqtts, and --option ca=FILE trusts a CA."
        raise RequestError(
            Problem("SD-STREAM-019", WHERE, f"no MQTT broker to talk to at {broker.shown}: {fault}", mend)
        )


@dataclass
class _Link:
    """What Paho's thread tells of the connection.

    Attributes:
        qos: quality of service.
        taken: messages handed to Paho.
        confirmed: of these, those that have arrived.
        is_connected: whether there is a connection now.
        refused: why the broker did not let us in, or nothing.
        heard: when something was last heard of the broker.
    """

    qos: int
    taken: int = 0
    confirmed: int = 0
    is_connected: bool = False
    refused: str = ""
    heard: float = 0.0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def on_connect(
        self, client: Client, data: object, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        """The broker answered."""
        with self.changed:
            self.is_connected = not reason.is_failure
            self.refused = str(reason) if reason.is_failure else ""
            self.heard = time.perf_counter()
            self.changed.notify_all()

    def on_disconnect(
        self, client: Client, data: object, flags: DisconnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        """The connection is gone."""
        with self.changed:
            if self.is_connected:
                self.heard = time.perf_counter()
            self.is_connected = False
            if self.qos == 0:
                self.confirmed = self.taken  # nobody will ever know more of them
            self.changed.notify_all()

    def on_publish(
        self, client: Client, data: object, mid: int, reason: ReasonCode, properties: Properties | None
    ) -> None:
        """A message has arrived."""
        with self.changed:
            self.confirmed = min(self.confirmed + 1, self.taken)
            self.heard = time.perf_counter()
            self.changed.notify_all()

    def wait(self, holds: object, seconds: float) -> bool:
        """Wait until something holds, for so long at most; gives whether it does."""
        assert callable(holds)
        with self.changed:
            return bool(self.changed.wait_for(holds, seconds))


@dataclass
class MqttOutlet:
    """Implements ``core.protocols.Outlet``: a message is a topic and a payload."""

    client: Client
    link: _Link
    broker: Broker
    spec: MqttRowsOut
    to_bytes: ToBytes
    without: int = 0  # rows that gave no message

    def encode(self, rows: pa.RecordBatch) -> Sequence[Message]:
        """Topics with the row's values in them, and the rows."""
        return list(zip(list_topics(self.broker.topic, rows), self.to_bytes(rows), strict=True))

    def send(self, messages: Sequence[Message]) -> int:
        """Hand messages to Paho, while no more than ``window`` are on their way."""
        link = self.link
        if not self._may_send():
            # wait until half the window is free: a message at a time would cost a change of threads each
            link.wait(lambda: link.is_connected and 2 * (link.taken - link.confirmed) <= self.spec.window, _WAIT)
            if not self._may_send():
                self._need_patience()
                return 0
        if link.taken == link.confirmed:
            link.heard = time.perf_counter()  # silence counts from here
        done = 0
        for topic, payload in messages:
            if not self._may_send():
                break
            done += 1
            if payload:  # a row without a reading is no message
                with link.changed:
                    link.taken += 1
                self.client.publish(topic, payload, qos=link.qos, retain=self.spec.retain)
            else:
                self.without += 1
        return done

    def finish(self, seconds: float) -> None:
        """Wait for what is on its way."""
        link = self.link
        if not link.wait(lambda: link.confirmed >= link.taken, seconds):
            self._need_patience()

    def arrived(self) -> int:
        """Rows that the broker has confirmed."""
        return self.link.confirmed + (self.without if self.link.confirmed >= self.link.taken else 0)

    def _may_send(self) -> bool:
        link = self.link
        return link.is_connected and link.taken - link.confirmed < self.spec.window

    def _need_patience(self) -> None:
        silent = time.perf_counter() - self.link.heard
        if silent > self.spec.patience:
            what = f"the broker at {self.broker.shown} was not heard of for {silent:,.0f} s; {self.arrived():,} rows have arrived"
            mend = "See to the broker; --skip and the number of rows that were sent goes on from there."
            raise Incomplete(Problem("SD-STREAM-020", WHERE, what, mend))


def list_topics(topic: str, rows: pa.RecordBatch) -> list[str]:
    """The topic of each row; in values, what would part or match topics (/ + # %) is written as in URLs, nothing as ``null``."""
    pieces = _PLACE.split(topic)
    if len(pieces) == 1:
        return [topic] * rows.num_rows
    columns = {name: [_make_safe(text) for text in list_texts(rows, name)] for name in set(pieces[1::2])}
    return [
        "".join(piece if i % 2 == 0 else columns[piece][row] for i, piece in enumerate(pieces))
        for row in range(rows.num_rows)
    ]


def _make_safe(text: str | None) -> str:
    return "null" if text is None else _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", text)
