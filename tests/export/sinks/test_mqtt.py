"""Rows to a real mosquitto: topics, loss of the broker, passwords, TLS, and brokers that are not there."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sundog.core.errors import Incomplete, RequestError
from sundog.export.sinks import mqtt as module
from sundog.export.sinks.extension import MqttRowsOut
from sundog.export.sinks.mqtt import MqttOutlet, MqttSink, list_topics

Start = Callable[..., Any]


def _send(outlet: MqttOutlet, rows: pa.RecordBatch) -> None:
    """All rows, as a stream would."""
    messages = list(outlet.encode(rows))
    while messages:
        messages = messages[outlet.send(messages) :]
    while outlet.arrived() < rows.num_rows:
        outlet.finish(0.1)


def test_each_row_is_a_message_to_the_topic_of_its_device(
    mosquitto: Start, subscribe: Start, wait_until: Start, readings: pa.RecordBatch
) -> None:
    """What would part or match topics in a value is escaped; NaN and missing values are null."""
    heard = subscribe(port := mosquitto().port)
    target = f"mqtt://127.0.0.1:{port}/site/{{device}}/t"
    with MqttSink().open(MqttRowsOut(), target, "readings", readings.schema) as outlet:
        _send(outlet, readings)
    wait_until(lambda: len(heard.messages) >= 4, "the fourth message")
    assert [topic for topic, _ in heard.messages] == [
        "site/a%2F1/t", "site/b%2B2/t", "site/a%2F1/t", "site/c/t",
    ]  # fmt: skip
    rows = [json.loads(payload) for _, payload in heard.messages]
    assert [row["temperature"] for row in rows] == [20.5, None, None, -3.25]
    assert rows[2] == {"device": "a/1", "time": "2023-11-14T22:13:22.5", "temperature": None}


def test_rows_as_senml(mosquitto: Start, subscribe: Start, wait_until: Start, readings: pa.RecordBatch) -> None:
    """A pack a row; a row without a reading is no message, and counts as sent."""
    heard = subscribe(port := mosquitto().port)
    spec = MqttRowsOut(format="senml", units="temperature=Cel", prefix="urn:dev:")
    rows = readings.set_column(0, "device", pa.array(["a1", "b2", "a1", "c"]))
    with MqttSink().open(spec, f"mqtt://127.0.0.1:{port}/t", "readings", rows.schema) as outlet:
        _send(outlet, rows)
        assert outlet.arrived() == 4
    wait_until(lambda: len(heard.messages) >= 2, "the second message")
    assert [json.loads(payload) for _, payload in heard.messages] == [
        [{"bn": "urn:dev:a1:", "bt": 1_700_000_000, "n": "temperature", "u": "Cel", "v": 20.5}],
        [{"bn": "urn:dev:c:", "bt": 1_700_000_003, "n": "temperature", "u": "Cel", "v": -3.25}],
    ]


def test_a_broker_that_dies_and_comes_back_has_every_row(
    mosquitto: Start, subscribe: Start, wait_until: Start, monkeypatch: pytest.MonkeyPatch, many: pa.RecordBatch
) -> None:
    """Rows wait for it; what was on its way when it died is sent again, and all come in order."""
    monkeypatch.setattr(module, "BACKOFF", (0.1, 0.2))
    broker = mosquitto()
    heard = subscribe(broker.port)
    with MqttSink().open(MqttRowsOut(), f"mqtt://127.0.0.1:{broker.port}/t", "many", many.schema) as outlet:
        messages = outlet.encode(many)

        def send_to(stop: int, is_answered: bool = True) -> None:
            while outlet.link.taken < stop:
                outlet.send(messages[outlet.link.taken : stop])
            while is_answered and outlet.arrived() < stop:
                outlet.finish(0.1)

        for gone in (1_000, 2_000):
            send_to(gone)
            wait_until(lambda gone=gone: len(heard.messages) == gone, "what was sent")
            broker.running.send_signal(signal.SIGSTOP)
            send_to(gone + 50, is_answered=False)
            broker.kill()
            wait_until(lambda: not outlet.link.is_connected, "the loss of the broker")
            assert outlet.send(messages[gone + 50 :]) == 0
            assert outlet.arrived() == gone
            heard.ready.clear()
            broker.start()
            assert heard.ready.wait(60)
        send_to(3_000)
    wait_until(lambda: len(heard.messages) >= 3_000, "the last row")
    numbers = [json.loads(payload)["n"] for _, payload in heard.messages]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(3_000))


def test_a_broker_that_stays_away_ends_the_stream(
    mosquitto: Start, monkeypatch: pytest.MonkeyPatch, wait_until: Start, many: pa.RecordBatch
) -> None:
    """After ``patience``, with the number of rows that have arrived; they are no more than it confirmed."""
    monkeypatch.setattr(module, "BACKOFF", (0.1, 0.1))
    broker = mosquitto()
    spec = MqttRowsOut(patience=0.5, window=10)
    with MqttSink().open(spec, f"mqtt://127.0.0.1:{broker.port}/t", "many", many.schema) as outlet:
        messages = outlet.encode(many)
        taken = outlet.send(messages)
        assert 10 <= taken < 3_000
        wait_until(lambda: outlet.finish(0.1) or outlet.arrived() == taken, "an answer")
        broker.kill()

        def send_on() -> None:
            while True:
                outlet.send(messages)

        with pytest.raises(Incomplete, match="SD-STREAM-020") as caught:
            send_on()
        assert f"; {taken} rows have arrived" in caught.value.problems[0].what


def test_passwords_open_the_door_and_are_never_told(
    mosquitto: Start, tmp_path: Path, subscribe: Start, readings: pa.RecordBatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """In the URL, escaped, or in a file; the wrong one is refused before anything is sent."""
    passwords = tmp_path / "passwords"
    tool = shutil.which("mosquitto_passwd")
    assert tool is not None
    subprocess.run([tool, "-b", "-c", str(passwords), "bob", "s3/cr@t"], check=True, capture_output=True)
    passwords.chmod(0o644)
    port = mosquitto("allow_anonymous false", f"password_file {passwords}").port
    (tmp_path / "secret").write_text("s3/cr@t\n")
    for target, spec in (
        (f"mqtt://bob:s3%2Fcr%40t@127.0.0.1:{port}/t", MqttRowsOut()),
        (f"mqtt://bob@127.0.0.1:{port}/t", MqttRowsOut(password_file=str(tmp_path / "secret"))),
    ):
        with MqttSink().open(spec, target, "readings", readings.schema) as outlet:
            _send(outlet, readings)
            assert "s3" not in repr(outlet)
    with (
        pytest.raises(RequestError, match="SD-STREAM-019") as caught,
        MqttSink().open(MqttRowsOut(), f"mqtt://bob:s3cret@127.0.0.1:{port}/t", "readings", readings.schema),
    ):
        pass
    assert "uthori" in str(caught.value)
    assert "s3cret" not in str(caught.value) + "".join(capfd.readouterr())


# Paho leaves a socket to the garbage collector when the handshake fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_tls_with_a_certificate_that_is_trusted_and_one_that_is_not(
    mosquitto: Start, tmp_path: Path, readings: pa.RecordBatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3"]
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made, *named, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    port = mosquitto("allow_anonymous true", f"certfile {certificate}", f"keyfile {key}").port
    target = f"mqtts://127.0.0.1:{port}/t"
    with MqttSink().open(MqttRowsOut(ca=str(certificate)), target, "readings", readings.schema) as outlet:
        _send(outlet, readings)
    with (
        pytest.raises(RequestError, match="not trusted"),
        MqttSink().open(MqttRowsOut(), target, "readings", readings.schema),
    ):
        pass
    with (
        pytest.raises(RequestError, match="SD-STREAM-014"),
        MqttSink().open(MqttRowsOut(ca=str(tmp_path / "none.pem")), target, "readings", readings.schema),
    ):
        pass


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("mqtt://127.0.0.1:{port}/t", "SD-STREAM-019"),
        ("mqtt:///t", "SD-STREAM-012"),
        ("mqtt://127.0.0.1:99999/t", "SD-STREAM-012"),
        ("mqtt://127.0.0.1", "SD-STREAM-012"),
        ("mqtt://127.0.0.1/a/#", "SD-STREAM-012"),
        ("mqtt://bob:sec/ret@127.0.0.1/t", "SD-STREAM-012"),
        ("mqtt://127.0.0.1,127.0.0.2/t", "SD-STREAM-018"),
        ("mqtt://127.0.0.1/{{devise}}", "SD-STREAM-011"),
    ],
)
def test_targets_that_cannot_be(free_port: Start, readings: pa.RecordBatch, target: str, code: str) -> None:
    """All found before a row is sent; no message repeats a password."""
    with (
        pytest.raises(RequestError) as caught,
        MqttSink().open(MqttRowsOut(), target.format(port=free_port()), "readings", readings.schema),
    ):
        pass
    assert [p.code for p in caught.value.problems] == [code]
    assert "sec" not in str(caught.value).replace("second", "")


def test_a_password_file_that_cannot_be_read(readings: pa.RecordBatch, tmp_path: Path) -> None:
    spec = MqttRowsOut(password_file=str(tmp_path / "none"))
    with (
        pytest.raises(RequestError, match="SD-STREAM-013"),
        MqttSink().open(spec, "mqtt://127.0.0.1/t", "readings", readings.schema),
    ):
        pass


def test_topics_without_places_and_of_missing_values() -> None:
    rows = pa.record_batch({"a": ["x", None], "b": pa.array([1, 2])})
    assert list_topics("plain", rows) == ["plain", "plain"]
    assert list_topics("{b}/{a}/{b}", rows) == ["1/x/1", "2/null/2"]
