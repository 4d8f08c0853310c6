"""Addresses and identifiers of machines."""

from __future__ import annotations

import ipaddress
import re
import uuid

import numpy as np
import pytest

from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_unit_words
from sundog.lib.words.machines import write_ipv4, write_ipv6, write_macs, write_user_agents, write_uuids
from sundog.lib.words.permute import permute

WORDS = draw_unit_words(Key.root(31), range(3000))


def test_uuids_have_version_and_variant_and_keep_every_bit() -> None:
    made = write_uuids(WORDS).to_pylist()
    for text, word in zip(made, WORDS.tolist(), strict=True):
        value = uuid.UUID(text)
        assert (str(value), value.version, value.variant) == (text, 4, uuid.RFC_4122)
        number = value.int
        high, low = number >> 64, number & 2**64 - 1
        assert word == high >> 16 << 16 | (high & 0xFFF) << 4 | (low & 3) << 2 | low >> 60 & 3


def test_ipv4_addresses_route_nowhere() -> None:
    nets = [ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
    made = [ipaddress.ip_address(x) for x in write_ipv4(WORDS).to_pylist()]
    assert all(any(x in net for net in nets) for x in made)
    private = [ipaddress.ip_address(x) for x in write_ipv4(WORDS, "private").to_pylist()]
    assert all(x in ipaddress.ip_network("10.0.0.0/8") and int(x) % 256 not in (0, 255) for x in private)


def test_ipv6_addresses_are_for_documentation() -> None:
    made = write_ipv6(WORDS).to_pylist()
    assert all(ipaddress.ip_address(x) in ipaddress.ip_network("2001:db8::/32") for x in made)
    assert all(str(ipaddress.ip_address(x)) == x for x in made)
    assert len(set(made)) == len(made)


def test_mac_addresses_are_administered_locally() -> None:
    for text in write_macs(WORDS).to_pylist():
        assert re.fullmatch("[0-9a-f]{2}(:[0-9a-f]{2}){5}", text)
        assert int(text[:2], 16) & 3 == 2


def test_user_agents() -> None:
    made = write_user_agents(WORDS).to_pylist()
    assert all(re.fullmatch(r"Mozilla/5\.0 \([^)]+\) .*\d+(\.\d+)* ?.*", x) for x in made)
    assert len(set(made)) > 60


@pytest.mark.parametrize("size", [1, 2, 7, 1000, 4097])
def test_permutations_reach_everything(size: int) -> None:
    found = permute(Key.root(size), np.arange(size, dtype=np.uint64), size)
    assert sorted(found.tolist()) == list(range(size))


@pytest.mark.parametrize("size", [10**9, 2**40 + 1, 2**63 - 1, 2**64 - 1])
def test_permutations_of_large_sets_do_not_meet(size: int) -> None:
    rows = np.concatenate([np.arange(50_000, dtype=np.uint64), np.uint64(size) - np.arange(1, 50_001, dtype=np.uint64)])
    found = permute(Key.root(1), rows, size)
    assert len(np.unique(found)) == 100_000
    assert int(found.max()) < size
    assert not np.array_equal(found, permute(Key.root(2), rows, size))


def test_a_permutation_is_what_plain_integers_give() -> None:
    key, size = Key.root(3), 12_345
    half = (size - 1).bit_length() + 1 >> 1
    rounds = [key.child(i).lo for i in range(8)]

    def send(value: int) -> int:
        left, right = value >> half, value & (1 << half) - 1
        for word in rounds:
            x = (right + word) % 2**64
            x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
            x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
            left, right = right, left ^ (x ^ x >> 31) & (1 << half) - 1
        result = left << half | right
        return result if result < size else send(result)

    rows = np.arange(0, size, 37, dtype=np.uint64)
    assert permute(key, rows, size).tolist() == [send(int(r)) for r in rows]
