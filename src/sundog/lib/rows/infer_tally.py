"""What was seen in one column of text: how many values of each kind, over the whole file, in constant memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.rows import infer_kinds as kinds
from sundog.lib.rows import infer_pieces as pieces
from sundog.lib.rows.infer_amounts import plain_amounts, sign_of

MOST_WORDS = 64
MOST_KINDS = 256
"""Ways of writing that are told apart (zones of timestamps can be many); more count as ``other``."""

_TOKENS = pa.array([t for t in kinds.MISSING if t] + [""])
_ODD_NUMBER = r"^\+[0-9]+$|^-?0[0-9]|[eE]"


@dataclass(slots=True)
class Tally:
    """Counts of one column.

    Attributes:
        rows: values seen, missing ones included.
        empty: values that were empty (or null).
        tokens: how often each text for "no value" was seen.
        kinds: how often each kind was seen.
        words: the words for true and false as they were written.
        decimals: largest number of decimal places, trailing zeros not counted.
        untrimmed: whether some value had blanks around it.
    """

    rows: int = 0
    empty: int = 0
    tokens: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    decimals: int = 0
    untrimmed: bool = False
    hint: str = "int"

    def observe(self, values: pa.StringArray) -> None:
        """Count a batch.

        Args:
            values: string (n,), null where the field was empty.
        """
        self.rows += len(values)
        for token in [*self.tokens, kinds.QUESTION] if self.tokens or kinds.QUESTION in self.kinds else ():
            same = pc.equal(values, token)
            seen = pc.sum(same).as_py() or 0
            if seen:
                (self.kinds if token == kinds.QUESTION else self.tokens)[token] += seen
                values = pc.if_else(same, pa.scalar(None, pa.string()), values)
                self.empty -= seen
        self.empty += values.null_count
        if values.null_count == len(values) or self._observe_alike(values):
            return
        self._observe_mixed(values)

    def copy(self) -> Tally:
        """The same counts, to go back to."""
        return replace(self, tokens=Counter(self.tokens), kinds=Counter(self.kinds), words=Counter(self.words))

    @property
    def known(self) -> int:
        """Values that are not missing; ``?`` counts as one."""
        return sum(self.kinds.values())

    def _observe_alike(self, values: pa.StringArray) -> bool:
        """Count a batch that Arrow reads whole as what the column has been so far; False if it does not."""
        seen = len(values) - values.null_count
        try:
            if self.hint == "int":
                numbers = pc.cast(values, pa.int64())
                if pc.all(pc.equal(pc.cast(numbers, pa.string()), values)).as_py():
                    self.kinds["int"] += seen
                    return True
            elif self.hint == "float":
                numbers = pc.cast(values, pa.float64())
                odd = pc.any(pc.match_substring_regex(values, _ODD_NUMBER)).as_py()
                if not odd and pc.all(pc.is_finite(numbers)).as_py():
                    self.decimals = max(self.decimals, count_decimals(values))
                    self.kinds["float"] += seen
                    return True
            elif self.hint == "day ymd -":
                pc.cast(values, pa.date32())
                self.kinds[self.hint] += seen
                return True
            elif self.hint == "stamp ymd - hms":
                pc.cast(values, pa.timestamp("us"))
                if pc.min(pc.binary_length(values)).as_py() > 16:
                    self.kinds[self.hint] += seen
                    return True
        except pa.ArrowInvalid:
            pass
        return False

    def _observe_mixed(self, values: pa.StringArray) -> None:
        counted = pc.value_counts(values.drop_null())
        texts = counted.field("values")
        counts: NDArray[np.int64] = counted.field("counts").to_numpy()
        bare = pc.utf8_trim_whitespace(texts)
        blank = not bare.equals(texts)
        token = pc.index_in(bare, value_set=_TOKENS)
        known = np.asarray(token.is_null().to_numpy(zero_copy_only=False), dtype=np.bool_)
        if not known.all():
            for code, count in zip(token.filter(pa.array(~known)).to_pylist(), counts[~known].tolist(), strict=True):
                self.tokens[_TOKENS[code].as_py()] += count
            texts, bare, counts = texts.filter(pa.array(known)), bare.filter(pa.array(known)), counts[known]
        self.untrimmed = self.untrimmed or blank
        groups = kinds.classify(bare)
        for kind, at in groups:
            kept = kind if kind in self.kinds or len(self.kinds) < MOST_KINDS else kinds.OTHER
            self.kinds[kept] += int(counts[at].sum())
            if kind == "float":
                self.decimals = max(self.decimals, count_decimals(bare.take(pa.array(at))))
            elif sign_of(kind):
                self.decimals = max(self.decimals, count_decimals(plain_amounts(bare.take(pa.array(at)))))
            elif kind in ("comma", "grouped", "grouped-dots"):
                mark = "." if kind == "grouped" else ","
                self.decimals = max(
                    self.decimals, count_decimals(bare.take(pa.array(at)), mark, always=kind == "comma")
                )
            elif kind.startswith("word ") and len(self.words) < MOST_WORDS:
                for word, count in zip(bare.take(pa.array(at)).to_pylist(), counts[at].tolist(), strict=True):
                    self.words[word] += count
        if len(groups) == 1:
            self.hint = groups[0][0]
        elif {kind for kind, _ in groups} == {"int", "float"}:
            self.hint = "float"


def count_decimals(texts: pa.StringArray, mark: str = ".", *, always: bool = True) -> int:
    """Largest number of decimal places in texts of numbers, trailing zeros not counted.

    Args:
        texts: string (n,) of numbers, nulls allowed; an exponent moves the point.
        mark: the decimal mark.
        always: whether ``mark`` stands for decimals wherever it is; otherwise the last one of a text does so
            only where the other mark of groups comes before it.
    """
    if not always:
        other = "," if mark == "." else r"\."
        texts = texts.filter(pc.match_substring_regex(texts, other + ".*" + ("[.]" if mark == "." else ",")))
        texts = pc.replace_substring_regex(texts, other, "")
    at = pc.find_substring(texts, mark)
    texts = texts.filter(pc.greater_equal(at, 0)) if mark != "." else texts
    if not len(texts):
        return 0
    exponent = pc.match_substring_regex(texts, "[eE]")
    most = 0
    if pc.any(exponent).as_py():
        _, parts = pieces.extract(texts.filter(exponent), r"^[-+]?[0-9]*\.?(?P<f>[0-9]*)[eE]\+?(?P<x>-?[0-9]+)$", "fx")
        digits = pc.binary_length(pc.ascii_rtrim(parts["f"], "0"))
        places = pc.subtract(pc.cast(digits, pa.int64()), pc.cast(parts["x"], pa.int64()))
        most = max(0, pc.max(places).as_py() or 0)
        texts = texts.filter(pc.invert(exponent))
    point = pc.find_substring(texts, mark)
    trimmed = pc.ascii_rtrim(texts, "0")
    places = pc.if_else(pc.less(point, 0), 0, pc.subtract(pc.subtract(pc.binary_length(trimmed), point), 1))
    return max(most, pc.max(places).as_py() or 0)
