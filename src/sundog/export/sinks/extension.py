"""Announces the sinks of streams; each goes by the scheme of its URLs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from sundog.core.extension import Extension
from sundog.core.recipe import SinkSpec


class RowsOut(SinkSpec, frozen=True):
    """What is made of a row."""

    format: Literal["json", "senml"] = Field(
        "json", description="A row as a JSON object, or as a SenML pack (RFC 8428) in JSON."
    )
    device: str | None = Field(None, description="For SenML: as in `sundog export --to senml`, like the names below.")
    time: str | None = None
    channel: str | None = None
    value: str | None = None
    unit: str | None = None
    columns: str | None = None
    units: str | None = None
    prefix: str = ""


class FileRowsOut(RowsOut, frozen=True):
    """Standard output (-), a file or a named pipe: a line a row."""

    append: bool = Field(False, description="Write behind what the file holds already.")


class BrokerRowsOut(RowsOut, frozen=True):
    """What brokers share."""

    password_file: str | None = Field(
        None, description="File whose first line is the password, so that it need not stand in the URL."
    )
    ca: str | None = Field(None, description="File of the certificates to trust; without it those of the system.")
    connect_seconds: float = Field(10.0, gt=0, description="How long the first answer of the broker is waited for.")
    patience: float = Field(
        300.0,
        gt=0,
        description="Seconds without a broker after which the stream ends; until then it tries again and again.",
    )


class MqttRowsOut(BrokerRowsOut, frozen=True):
    """MQTT 3.1.1: a message a row."""

    qos: Literal["0", "1"] = Field(
        "1",
        description="1: no row is lost, and some may come twice when the connection breaks; 0: some may then be lost.",
    )
    retain: bool = Field(False, description="Let the broker keep the last row of each topic for those who come later.")
    client_id: str = Field("", description="Name of this client; without it the broker gives one.")
    window: int = Field(1_000, ge=1, le=10_000, description="Most messages on their way at once.")


class KafkaRowsOut(BrokerRowsOut, frozen=True):
    """Kafka: a record a row."""

    key: str | None = Field(None, description="Column that becomes the key: rows with the same one keep their order.")
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "PLAIN", description="How the user of the URL shows who he is."
    )
    window: int = Field(10_000, ge=1, le=1_000_000, description="Most records on their way at once.")


def _file() -> Any:
    from sundog.export.sinks.file import FileSink

    return FileSink()


def _mqtt() -> Any:
    from sundog.export.sinks.mqtt import MqttSink

    return MqttSink()


def _kafka() -> Any:
    from sundog.export.sinks.kafka import KafkaSink

    return KafkaSink()


FILE: Extension[Any] = Extension(
    kind="file", spec=FileRowsOut, load=_file, about="standard output (-) or a file: a line a row"
)
MQTT: Extension[Any] = Extension(
    kind="mqtt", spec=MqttRowsOut, load=_mqtt, needs=("paho",), extra="stream", about="mqtt://HOST/TOPIC/{COLUMN}"
)
MQTTS: Extension[Any] = Extension(
    kind="mqtts", spec=MqttRowsOut, load=_mqtt, needs=("paho",), extra="stream", about="the same over TLS"
)
KAFKA: Extension[Any] = Extension(
    kind="kafka",
    spec=KafkaRowsOut,
    load=_kafka,
    needs=("confluent_kafka",),
    extra="stream",
    about="kafka://HOST[,HOST]/TOPIC",
)
KAFKAS: Extension[Any] = Extension(
    kind="kafkas",
    spec=KafkaRowsOut,
    load=_kafka,
    needs=("confluent_kafka",),
    extra="stream",
    about="the same over TLS",
)
