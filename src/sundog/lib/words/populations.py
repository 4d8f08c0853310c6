"""How many people live in the countries of the locales.

Source: United Nations, Department of Economic and Social Affairs, Population Division (2022), World Population Prospects 2022,
estimates for 1 July 2023, https://population.un.org/wpp/ (CC BY 3.0 IGO), rounded to 10,000.
Limits: people who live there, whatever their nationality; nobody who lives abroad.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SOURCE: Final = "United Nations, World Population Prospects 2022, 1 July 2023"

_POPULATIONS: Final[Mapping[str, int]] = {
    "AT": 8_960_000,
    "BR": 216_420_000,
    "DE": 83_290_000,
    "ES": 47_520_000,
    "FI": 5_550_000,
    "FR": 64_760_000,
    "GB": 67_740_000,
    "GR": 10_340_000,
    "IT": 58_870_000,
    "JP": 123_290_000,
    "NL": 17_620_000,
    "PL": 41_030_000,
    "SE": 10_610_000,
    "TR": 85_820_000,
    "UA": 36_740_000,
    "US": 340_000_000,
}


def find_population(country: str) -> int:
    """People of a country (ISO 3166-1 alpha-2).

    Raises:
        KeyError: it is the country of no locale.
    """
    return _POPULATIONS[country]
