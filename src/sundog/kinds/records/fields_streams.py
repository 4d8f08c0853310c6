"""What a recipe says of sensor streams: when devices sample, their signals, sensors, faults, battery and network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from sundog.core.recipe import Name, Spec
from sundog.kinds.records.durations import Duration, Moment, Period
from sundog.kinds.records.fields_numbers import AnyField, Number, NumericLaw

Law = float | NumericLaw
"""A law, or a number that stays the same."""

FaultName = Literal["stuck", "spike", "bias", "drift", "dropout", "burst", "gain"]


class Cycle(Spec, frozen=True):
    """What comes back with the day, the year or any other period: a cosine whose amplitude may swing."""

    period: Period = Field(description="'day', 'year', or any length of time, such as 12h.")
    amplitude: float = Field(description="Half of the way from trough to peak.")
    peak: Duration = Field(
        "0s",
        description="When it is highest, after the start of the period: 14h of a day (local time), 200d of a year.",
    )
    swing: float = Field(0.0, ge=0, le=1, description="Share by which the amplitude itself goes up and down.")
    swing_period: Period = "year"
    swing_peak: Duration = Field("0s", description="When the amplitude is largest, after the start of that period.")


class Week(Spec, frozen=True):
    """What is added at each hour of the week, in local time."""

    hours: tuple[float, ...] = Field(description="24 numbers for a day, or 168 from Monday midnight on.")
    weekend: tuple[float, ...] | None = Field(
        None, description="24 numbers for Saturday and Sunday, where they differ."
    )
    scale: float = Field(1.0, description="Factor of all of them.")

    @model_validator(mode="after")
    def _shape(self) -> Week:
        if len(self.hours) not in (24, 168):
            raise ValueError(f"'hours' has {len(self.hours)} numbers: 24 or 168 are needed")
        if self.weekend is not None and (len(self.weekend) != 24 or len(self.hours) != 24):
            raise ValueError("'weekend' has 24 numbers, and so has 'hours' then")
        return self


class Noise(Spec, frozen=True):
    """Noise that remembers: an autoregression (`sd` and `memory`), or a random walk (`walk`)."""

    sd: float | None = Field(None, ge=0, description="Standard deviation of the noise.")
    memory: float | tuple[float, float] | Mapping[Period, float] = Field(
        0.0,
        description="Correlation of neighbouring samples; or two coefficients of a second-order autoregression; "
        "or correlations by distance in time: {1h: .97, 1d: .5}.",
    )
    walk: float | None = Field(None, ge=0, description="Standard deviation that a random walk has after a day.")

    @model_validator(mode="after")
    def _one(self) -> Noise:
        if (self.sd is None) == (self.walk is None):
            raise ValueError("give 'sd' (with 'memory'), or 'walk'")
        return self


class Happening(Spec, frozen=True):
    """Events that leave a mark on a signal."""

    per_day: float = Field(gt=0, description="Mean number of events that begin, a day.")
    hours: Law = Field(description="Law of how long they last, in hours.")
    size: Law = Field(description="Law of how high they are.")
    shape: Literal["box", "decay", "ramp", "hump", "gamma"] = Field(
        "box", description="box: all the while; decay: at once and fading; ramp; hump; gamma: fast up, slowly down."
    )


class Follow(Spec, frozen=True):
    """A share of another channel that is added."""

    weight: float
    centre: float = Field(
        0.0, description="What is taken from the other channel first, so that the level stays its own."
    )


class SensorSpec(Spec, frozen=True):
    """What a sensor makes of a true value, in this order: it lags, is off, drifts, is noisy, clips and rounds."""

    lag: Duration = Field("0s", description="Time constant with which it follows.")
    gain: float = Field(1.0, description="Factor of all devices; 1 is right.")
    gain_spread: float = Field(0.0, ge=0, description="Standard deviation of the factor from device to device.")
    offset: float = Field(0.0, description="What is added in all devices.")
    offset_spread: float = Field(0.0, ge=0, description="Standard deviation of the offset from device to device.")
    drift: float = Field(0.0, ge=0, description="Standard deviation that the offset has wandered after a day.")
    noise: float = Field(0.0, ge=0, description="Standard deviation of independent noise, a sample.")
    low: float | None = Field(None, description="Smallest value that it can show.")
    high: float | None = Field(None, description="Largest value that it can show.")
    resolution: float = Field(0.0, ge=0, description="Step between the values that it can show; 0: every value.")


class FaultSpec(Spec, frozen=True):
    """One kind of fault of a channel."""

    share: float = Field(ge=0, lt=1, description="Share of the samples that lie in such a fault.")
    hours: Law = Field(
        1.0, description="Law of how long it lasts, in hours; of no use to a spike, which is one sample."
    )
    size: Law | None = Field(
        None,
        description="Law of its size: what is added (bias, spike, at the end of a drift), the standard deviation of a burst, "
        "the change of a gain (.1: ten percent). Of no use to stuck and dropout.",
    )
    both_ways: bool = Field(True, description="Half of the sizes are taken with the opposite sign.")


class SignalChannel(Spec, frozen=True):
    """A signal: level + cycles + week + noise + events + what it follows, within `low` and `high`."""

    type: Literal["signal"] = "signal"
    unit: str = Field("", description="Unit of the values, as SenML writes it where it knows it: Cel, %RH, hPa, W.")
    level: Number = Field(0.0, description="A number, or an expression over the device's row.")
    spread: float = Field(0.0, ge=0, description="Standard deviation of the level from device to device.")
    cycles: tuple[Cycle, ...] = ()
    week: Week | None = None
    noise: tuple[Noise, ...] = ()
    events: tuple[Happening, ...] = ()
    follows: Mapping[Name, float | Follow] = Field(
        default_factory=dict, description="Other channels and their weights, or weight and centre."
    )
    low: float | None = None
    high: float | None = None
    sensor: SensorSpec = SensorSpec()
    faults: Mapping[FaultName, FaultSpec] = Field(
        default_factory=dict,
        description="stuck, spike, bias, drift, dropout, burst (noise) and gain, each with its share of the samples.",
    )


class HumidityChannel(Spec, frozen=True):
    """Relative humidity in percent, which follows from two channels in degrees Celsius."""

    type: Literal["humidity"]
    unit: str = "%RH"
    temperature: Name
    dew_point: Name
    sensor: SensorSpec = SensorSpec()
    faults: Mapping[FaultName, FaultSpec] = Field(default_factory=dict)


class DewPointChannel(Spec, frozen=True):
    """Dew point in degrees Celsius, which follows from a temperature and a relative humidity in percent."""

    type: Literal["dew_point"]
    unit: str = "Cel"
    temperature: Name
    humidity: Name
    sensor: SensorSpec = SensorSpec()
    faults: Mapping[FaultName, FaultSpec] = Field(default_factory=dict)


def _name_type(value: Any) -> Any:
    return {"type": "signal", **value} if isinstance(value, Mapping) else value


ChannelSpec = Annotated[
    Annotated[SignalChannel | HumidityChannel | DewPointChannel, Field(discriminator="type")],
    BeforeValidator(_name_type),
]


class BatterySpec(Spec, frozen=True):
    """What feeds a device: it samples less often towards the end, and then falls silent or is given a new one."""

    capacity: float = Field(2000.0, gt=0, description="Milliampere-hours when new.")
    spread: float = Field(0.0, ge=0, description="Standard deviation of the logarithm of the capacity.")
    each: float = Field(0.02, gt=0, description="Milliampere-hours that a sample takes, with its sending.")
    idle: float = Field(0.01, ge=0, description="Milliampere-hours that an hour takes.")
    curve: Mapping[float, float] | None = Field(
        None, description="Volts by charge left, from 0 to 1; without it, two lithium cells."
    )
    knee: float = Field(0.2, ge=0, lt=1, description="Charge left below which it samples less often.")
    slower: float = Field(4.0, ge=1, description="How many times longer the interval is then.")
    replaced: bool = Field(False, description="Whether an empty battery is replaced at once.")


class Late(Spec, frozen=True):
    """Messages that are held up."""

    share: float = Field(ge=0, le=1)
    by: Period = Field(description="Mean of the time by which they are.")


class Outages(Spec, frozen=True):
    """A link that is good or bad for a while (Gilbert-Elliott)."""

    share: float = Field(gt=0, lt=1, description="Share of the time in which the link is bad.")
    lasts: Period = Field(description="Mean length of a bad spell.")
    lost: float = Field(1.0, ge=0, le=1, description="Share of messages lost on the bad link.")


class Clock(Spec, frozen=True):
    """The clock of a device."""

    skew: float = Field(0.0, ge=0, description="Standard deviation of its rate error, in parts per million.")
    offset: Duration = Field("0s", description="Standard deviation of what it is off by when it has just been set.")
    set_every: Period = "day"


class NetworkSpec(Spec, frozen=True):
    """The way from a device to whoever stores its readings."""

    latency: Duration = Field("0s", description="Shortest time on the way.")
    jitter: Duration = Field("0s", description="Mean of the exponential time that comes on top.")
    late: Late | None = None
    twice: float = Field(0.0, ge=0, le=1, description="Share of messages that arrive a second time.")
    lost: float = Field(0.0, ge=0, le=1, description="Share of messages lost on a good link.")
    outages: Outages | None = None
    clock: Clock | None = None


class Stream(Spec, frozen=True):
    """Children that are the samples of a device, or what arrived of them."""

    start: Moment = Field(
        description="Date, time, or expression over the device's row: when it is switched on; nothing: never."
    )
    stop: Moment | None = Field(None, description="Until when, or `number`.")
    number: int | str | None = Field(
        None, description="How many samples, or an expression over the device's row, in place of `stop`."
    )
    every: Period = Field(description="Time between samples: 10min.")
    stagger: bool = Field(
        False, description="Devices begin at different times, each within one interval after `start`."
    )
    zone: str = Field("UTC", description="Time zone of dates and times without one, and of the timestamps.")
    rows: Literal["samples", "deliveries"] = Field(
        "samples",
        description="samples: a row for each sample that was taken, arrived or not; deliveries: a row for each message that "
        "arrived, in the order in which they did, copies among them.",
    )
    channels: Mapping[Name, ChannelSpec] = Field(min_length=1)
    battery: BatterySpec | None = None
    network: NetworkSpec = NetworkSpec()

    @model_validator(mode="after")
    def _one_end(self) -> Stream:
        if (self.stop is None) == (self.number is None):
            raise ValueError("give one of 'stop' and 'number'")
        return self


class SampleTimeField(AnyField, frozen=True):
    """When the sample was taken, in a table with `stream`."""

    type: Literal["sample_time"]
    clock: Literal["device", "exact"] = Field("device", description="As the device's clock shows it, or as it was.")
    seconds: bool = Field(False, description="True: cut to whole seconds; false: microseconds.")


class SampleNumberField(AnyField, frozen=True):
    """Number of the sample since the device was switched on, from 0: a gap in it is a message that was lost."""

    type: Literal["sample_number"]


class ReadingField(AnyField, frozen=True):
    """What the sensor of a channel showed; missing in a dropout."""

    type: Literal["reading"]
    channel: Name


class TrueValueField(AnyField, frozen=True):
    """The true value of a channel, which no device knows."""

    type: Literal["true_value"]
    channel: Name
    decimals: int | None = Field(None, ge=0, le=12, description="Decimal places kept; without it, all.")


class FaultField(AnyField, frozen=True):
    """Label: the faults that the reading lies in."""

    type: Literal["fault"]
    channel: Name | None = Field(None, description="Of this channel; without it, of any.")
    form: Literal["words", "list", "any"] = Field(
        "words", description="words: 'stuck', 'bias+spike', or `healthy`; list: a list of them; any: true or false."
    )
    healthy: str = Field("none", description="The word where there is no fault.")


class ArrivalField(AnyField, frozen=True):
    """When the message arrived; missing where it was lost."""

    type: Literal["arrival"]
    seconds: bool = Field(False, description="True: cut to whole seconds; false: microseconds.")


class DeliveryField(AnyField, frozen=True):
    """Whether the message was lost (of samples), came twice (of samples) or is the second copy (of deliveries), or the link was bad."""

    type: Literal["delivery"]
    part: Literal["lost", "duplicate", "bad_link"]


class BatteryField(AnyField, frozen=True):
    """State of the battery at the sample."""

    type: Literal["battery"]
    part: Literal["volts", "charge"] = "volts"
    decimals: int = Field(3, ge=0, le=12, description="Decimal places kept.")


class PlantedField(AnyField, frozen=True):
    """One side of a planted fault, in a table with `faults_of`."""

    type: Literal["planted"]
    part: Literal["channel", "kind", "start", "end", "size", "rows"] = Field(
        description="start and end: exact times of the first and the last row that lie in it; rows: how many there are.",
    )
