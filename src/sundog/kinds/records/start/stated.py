"""What is stated about a table before any row is read: types, bounds and domains of its columns. It must not come from the rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from sundog.core.errors import Problem, RequestError
from sundog.core.recipe import Spec
from sundog.kinds.records.fields_words import AnyFieldSpec


class NumberColumn(Spec, frozen=True):
    """Numbers; without `low` and `high` the range is found for a part of epsilon, to a power of two."""

    type: Literal["number"]
    low: float | None = None
    high: float | None = None
    decimals: int | None = Field(None, ge=0, le=12)

    @model_validator(mode="after")
    def _rising(self) -> NumberColumn:
        if (self.low is None) != (self.high is None):
            raise ValueError("give both 'low' and 'high', or neither of them")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError("'low' must be below 'high'")
        return self


class CategoryColumn(Spec, frozen=True):
    """Texts; without `values` the common ones are found, for a part of epsilon and of delta."""

    type: Literal["category"]
    values: tuple[str, ...] = ()


class BooleanColumn(Spec, frozen=True):
    """True and false, written in any usual way."""

    type: Literal["boolean"]


class DateColumn(Spec, frozen=True):
    """Days, or with `hours` instants without a zone."""

    type: Literal["date", "timestamp"]
    start: date
    stop: date
    format: str = Field("%Y-%m-%d", description="How a day is written; a time of day may follow it as 12:30:00.")

    @model_validator(mode="after")
    def _rising(self) -> DateColumn:
        if not self.start < self.stop:
            raise ValueError("'start' must be before 'stop'")
        return self


class FieldColumn(Spec, frozen=True):
    """A column that is made by a field of the recipe that is stated here; nothing is read for it."""

    type: Literal["field"]
    field: AnyFieldSpec


class SkippedColumn(Spec, frozen=True):
    """A column that is left out."""

    type: Literal["skip"]


StatedColumn = Annotated[
    NumberColumn | CategoryColumn | BooleanColumn | DateColumn | FieldColumn | SkippedColumn,
    Field(discriminator="type"),
]


class Stated(Spec, frozen=True):
    """The file of `--schema`."""

    columns: Mapping[str, StatedColumn] = Field(default_factory=dict)


_COLUMN: TypeAdapter[StatedColumn] = TypeAdapter(StatedColumn)
_DAY = r"\d{4}-\d{2}-\d{2}"


def read_stated(schema: str, bounds: Sequence[str], domains: Sequence[str]) -> Mapping[str, StatedColumn]:
    """Columns by name, from the file of `--schema` and, over it, from `--bounds` and `--domain`.

    Args:
        schema: path of a YAML file; empty for none.
        bounds: ``COLUMN=LOW:HIGH``, ``COLUMN=LOW:HIGH:DECIMALS``, or ``COLUMN=2020-01-01:2024-12-31``.
        domains: ``COLUMN=A,B,C``.

    Raises:
        RequestError: with everything that is wrong.
    """
    found = dict(_read_file(schema)) if schema else {}
    problems: list[Problem] = []
    for option, texts in (("--bounds", bounds), ("--domain", domains)):
        for text in texts:
            name, equals, rest = text.partition("=")
            try:
                if not name or not equals or not rest:
                    raise ValueError("it is not COLUMN=...")
                found[name] = _COLUMN.validate_python(
                    _read_bounds(rest) if option == "--bounds" else _read_domain(rest)
                )
            except ValueError as error:
                what = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
                fix = "Write --bounds income=0:200000, --bounds joined=2015-01-01:2025-12-31, or --domain sex=F,M."
                problems.append(Problem("SD-RECORDS-063", option, f"{text!r}: {what}", fix))
    if problems:
        raise RequestError(*problems)
    return found


def _read_bounds(text: str) -> dict[str, object]:
    days = re.fullmatch(f"({_DAY}):({_DAY})", text)
    if days:
        return {"type": "date", "start": days.group(1), "stop": days.group(2)}
    parts = text.split(":")
    if len(parts) not in (2, 3):
        raise ValueError("bounds are LOW:HIGH or LOW:HIGH:DECIMALS")
    whole = all(re.fullmatch(r"[-+]?\d+", p) for p in parts[:2])
    decimals = int(parts[2]) if len(parts) == 3 else 0 if whole else None
    return {"type": "number", "low": float(parts[0]), "high": float(parts[1]), "decimals": decimals}


def _read_domain(text: str) -> dict[str, object]:
    values = [v.strip() for v in text.split(",")]
    if not all(values) or len(set(values)) < len(values):
        raise ValueError("a domain names each value once, with commas between")
    return {"type": "category", "values": values}


def _read_file(path: str) -> Mapping[str, StatedColumn]:
    fix = (
        "Write `columns: {age: {type: number, low: 0, high: 120, decimals: 0}, sex: {type: category, values: [F, M]}}`."
    )
    try:
        value = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        return Stated.model_validate(value).columns
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        what = f"it cannot be read: {getattr(error, 'strerror', None) or str(error).splitlines()[0]}"
        raise RequestError(Problem("SD-RECORDS-064", path, what, fix)) from error
    except ValidationError as error:
        raise RequestError(
            *(
                Problem(
                    "SD-RECORDS-065",
                    ".".join([path, *map(str, e["loc"])]),
                    f"{e['msg']} (found {e['input']!r:.80})",
                    fix,
                )
                for e in error.errors()
            )
        ) from error
