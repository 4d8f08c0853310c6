"""Identifiers of machines: UUID, IP and MAC addresses that route nowhere, user agents made from parts."""

from __future__ import annotations

from functools import cache
from typing import Literal as Only

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.lib.kernels.codes import put_uuids
from sundog.lib.kernels.mixing import scale_words, split_words
from sundog.lib.words.choose import Lottery, draw_entries, open_lottery
from sundog.lib.words.strings import Literal, Lookup, Masked, Number, Template, matrix_strings, write_strings

Net = Only["documentation", "private"]

_DOCUMENTATION = tuple(f"{net}.{host}" for net in ("192.0.2", "198.51.100", "203.0.113") for host in range(1, 255))
"""RFC 5737: the hosts of the three networks that are kept for documentation."""


def write_uuids(words: NDArray[np.uint64]) -> pa.Array:
    """UUIDs of version 4 in form (RFC 9562, 5.4): string (n,), a function of the word; different words give different ones."""
    letters = np.empty((len(words), 36), np.uint8)
    put_uuids(words, letters)
    return matrix_strings(letters)


def write_ipv4(words: NDArray[np.uint64], net: Net = "documentation") -> pa.Array:
    """IPv4 addresses: string (n,).

    Args:
        words: uint64 (n,).
        net: ``documentation`` (RFC 5737, 762 addresses) or ``private`` (RFC 1918: 10.0.0.0/8).
    """
    if net == "documentation":
        columns = {"host": scale_words(words, len(_DOCUMENTATION))}
        return write_strings(Template((Lookup("host", pa.array(_DOCUMENTATION)),)), columns, len(words))
    number = scale_words(words, 256 * 256 * 254)
    rest, host = np.divmod(number, np.uint64(254))
    columns = {"b": rest >> np.uint64(8), "c": rest & np.uint64(255), "d": host + np.uint64(1)}
    parts = (Literal("10."), Number("b"), Literal("."), Number("c"), Literal("."), Number("d"))
    return write_strings(Template(parts), columns, len(words))


def write_ipv6(words: NDArray[np.uint64]) -> pa.Array:
    """IPv6 addresses of 2001:db8::/32, which RFC 3849 keeps for documentation, in the form of RFC 5952: string (n,)."""
    group = ":[1-9a-f][0-9a-f][0-9a-f][0-9a-f]"
    return _write_mask("2001:db8" + group * 6, words)


def write_macs(words: NDArray[np.uint64]) -> pa.Array:
    """MAC addresses of one station, administered locally (IEEE 802, second hexadecimal digit 2, 6, a or e): string (n,)."""
    octet = "[0-9a-f][0-9a-f]"
    return _write_mask("[0-9a-f][26ae]:" + ":".join([octet] * 5), words)


def _write_mask(mask: str, words: NDArray[np.uint64]) -> pa.Array:
    template = Template((Masked("which", "words", pa.array([mask])),))
    return write_strings(template, {"which": np.zeros(len(words), np.int32), "words": words}, len(words))


_WINDOWS, _MAC = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7"
_LINUX, _ANDROID = "X11; Linux x86_64", "Linux; Android 10; K"
_AGENTS = (
    *((f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/", ".0.0.0 Safari/537.36", 120, 20, share)
      for system, share in ((_WINDOWS, 30), (_MAC, 8), (_LINUX, 2))),
    (f"Mozilla/5.0 ({_ANDROID}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/", ".0.0.0 Mobile Safari/537.36", 120, 20, 25),
    (f"Mozilla/5.0 ({_WINDOWS}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/", ".0.0.0", 120, 20, 6),
    (f"Mozilla/5.0 ({_MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/", ".1 Safari/605.1.15", 15, 4, 6),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/",
     ".0 Mobile/15E148 Safari/604.1", 15, 4, 18),
    (f"Mozilla/5.0 ({_WINDOWS}; rv:130.0) Gecko/20100101 Firefox/", ".0", 115, 20, 4),
    (f"Mozilla/5.0 ({_LINUX}; rv:130.0) Gecko/20100101 Firefox/", ".0", 115, 20, 1),
)  # fmt: skip
"""Beginning, end, first version, number of versions and share of the form of a browser."""


@cache
def _open_agents() -> Lottery:
    """Made when it is wanted, not when the module is loaded: it runs a kernel."""
    return open_lottery([np.array([agent[4] for agent in _AGENTS], np.float64)])


def write_user_agents(words: NDArray[np.uint64]) -> pa.Array:
    """User agents of common browsers, the versions drawn: string (n,). The shares are round numbers, not measured ones.

    Args:
        words: uint64 (n,).
    """
    which = draw_entries(_open_agents(), words)
    first = np.array([agent[2] for agent in _AGENTS], np.uint64)[which]
    count = np.array([agent[3] for agent in _AGENTS], np.uint64)[which]
    version = first + ((split_words(words, 1) >> np.uint64(32)) * count >> np.uint64(32))
    parts = (
        Lookup("which", pa.array([agent[0] for agent in _AGENTS])),
        Number("version"),
        Lookup("which", pa.array([agent[1] for agent in _AGENTS])),
    )
    return write_strings(Template(parts), {"which": which, "version": version}, len(words))
