"""What is gathered while the columns of a table are learned one by one."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.notes import Note, Remark
from sundog.core.tables import Meaning, with_meaning
from sundog.lib.rows.settings import CodecSettings, ColumnOverride
from sundog.lib.rows.table_codec import Step


@dataclass(slots=True)
class Learning:
    """What is gathered column by column."""

    rows: int
    settings: CodecSettings
    fields: dict[str, pa.Field] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    nominal: list[bool] = field(default_factory=list)
    missing: list[bool] = field(default_factory=list)
    numbers: list[NDArray[np.float32]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def say(self, column: str, text: str) -> None:
        """Remark on a column."""
        self.notes.append(Remark(column, text))

    def code(self, name: str, size: int, nominal: bool, missing: bool, numbers: NDArray[np.float32]) -> int:
        """Add a coded column; gives its index."""
        while name in self.names:
            name += "'"
        self.names.append(name)
        self.sizes.append(size)
        self.nominal.append(nominal)
        self.missing.append(missing)
        self.numbers.append(numbers)
        return len(self.names) - 1

    def mark(self, column: pa.Field, meaning: Meaning, about: str) -> None:
        """Give the column a place in the output, with its meaning and how its values come to be."""
        self.fields[column.name] = with_meaning(column, meaning, about)

    def override(self, column: str) -> ColumnOverride:
        """What the user says about a column."""
        return self.settings.overrides.get(column, ColumnOverride())

    def support(self, column: str) -> int:
        """Rows that a value of this column needs."""
        override = self.override(column)
        return override.min_support if override.min_support is not None else self.settings.min_support

    def category_support(self, column: str) -> int:
        """Rows that a category of this column needs; 1 where it is not protected."""
        return self.support(column) if self.override(column).protect else 1


def say_count(count: int, noun: str) -> str:
    """``1 bin``, ``2 bins``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
