"""How often drawn persons share name and birth date with real ones: the reckoning against populations that are drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from sundog.lib.words.locales import Locale, NameList, list_locales, read_locale
from sundog.lib.words.namesakes import Namesakes, expect_namesakes
from sundog.lib.words.populations import find_population

RNG_SEED = 20_261
ROWS = 40_000


def names(*pairs: tuple[str, float]) -> NameList:
    text = pa.array([name for name, _ in pairs])
    return NameList(text, text, np.array([weight for _, weight in pairs], np.float32))


def make_locale(
    country: str, women: NameList, men: NameList, surnames: NameList, of_men: NameList | None = None
) -> Locale:
    """A small locale; everything but its names is taken from a real one."""
    plain = read_locale("fi_FI")
    return replace(
        plain, name=f"xx_{country}", country=country, given=(women, men), surnames=(surnames, of_men or surnames)
    )


# Kim is a name of women and men; Olen and Nash stand in both countries; the men of AA write their surnames otherwise.
FIRST = make_locale(
    "AA",
    names(("Ada", 5), ("Kim", 2), ("Olen", 1)),
    names(("Bo", 3), ("Kim", 4)),
    names(("Reda", 6), ("Nash", 3), ("Vita", 1)),
    names(("Redas", 6), ("Nash", 3), ("Vitas", 1)),
)
SECOND = make_locale("BB", names(("Olen", 1), ("Una", 1)), names(("Pip", 1)), names(("Nash", 1), ("Quist", 9)))
PEOPLE = {"AA": 90, "BB": 60}
DAYS = np.array([0.5, 0.25, 0.125, 0.125])


def draw(locale: Locale, n: int, rng: np.random.Generator, women: float = 0.5) -> list[tuple[str, str]]:
    """Persons as (given name, surname), drawn the plain way."""
    found = []
    for sex in (rng.random(n) >= women).astype(int):
        given, surname = locale.given[sex], locale.surnames[sex]
        one = rng.choice(given.text.to_pylist(), p=given.weights.astype(float) / given.weights.astype(float).sum())
        two = rng.choice(
            surname.text.to_pylist(), p=surname.weights.astype(float) / surname.weights.astype(float).sum()
        )
        found.append((str(one), str(two)))
    return found


def simulate(
    shares: NDArray[np.float64],
    days: NDArray[np.float64] | None,
    women: float,
    given: bool = True,
    surname: bool = True,
) -> Namesakes:
    """Populations drawn anew again and again, and rows looked up in them."""
    rng = np.random.default_rng(RNG_SEED)
    locales = (FIRST, SECOND)

    def born(n: int) -> list[int]:
        return [0] * n if days is None else [int(d) for d in rng.choice(len(days), n, p=days)]

    def seen(persons: list[tuple[str, str]]) -> list[tuple[str, str]]:
        return [(g if given else "", s if surname else "") for g, s in persons]

    total = any_at_all = rows = 0
    while rows < ROWS:
        real: Counter[tuple[tuple[str, str], int]] = Counter()
        for locale in locales:
            people = PEOPLE[locale.country]
            real.update(zip(seen(draw(locale, people, rng)), born(people), strict=True))
        for locale, share in zip(locales, shares, strict=True):
            n = round(200 * share)
            for row in zip(seen(draw(locale, n, rng, women)), born(n), strict=True):
                total += real[row]
                any_at_all += real[row] > 0
                rows += 1
    return Namesakes(total / rows, any_at_all / rows)


@pytest.mark.parametrize(
    ("shares", "days", "women", "given", "surname"),
    [
        ((0.7, 0.3), DAYS, 0.5, True, True),
        ((0.2, 0.8), None, 0.25, True, True),
        ((1.0, 0.0), DAYS, 0.5, True, False),
        ((0.5, 0.5), DAYS, 1.0, False, True),
    ],
)
def test_the_reckoning_is_what_drawn_populations_show(
    shares: tuple[float, float], days: NDArray[np.float64] | None, women: float, given: bool, surname: bool
) -> None:
    """Rows of one population hang together, so the bounds are wide: four standard errors over 200 populations."""
    reckoned = expect_namesakes(
        (FIRST, SECOND), shares, days, given=given, surname=surname, women=women, populations=PEOPLE
    )
    found = simulate(np.array(shares), days, women, given, surname)
    assert found.expected == pytest.approx(reckoned.expected, rel=0.03)
    # The number of people is fixed and not Poisson; at 60 people the chance of none differs by less than this.
    assert found.rate == pytest.approx(reckoned.rate, rel=0.02)


def test_numbers_by_hand() -> None:
    """One name, one day: everybody; two even names: half of them; a name that nobody has: nobody."""
    one = make_locale("AA", names(("Ada", 1)), names(("Ada", 1)), names(("Reda", 1)))
    assert expect_namesakes((one,), (1.0,), populations={"AA": 1000}).expected == 1000
    two = make_locale("AA", names(("Ada", 1)), names(("Bo", 1)), names(("Reda", 1)))
    assert expect_namesakes((two,), (1.0,), populations={"AA": 1000}).expected == pytest.approx(500)
    even = expect_namesakes((two,), (1.0,), np.full(100, 0.01), populations={"AA": 1000})
    assert even.expected == pytest.approx(5)
    assert even.rate == pytest.approx(1 - np.exp(-5))
    with pytest.raises(ValueError, match="positive"):
        expect_namesakes((one,), (1.0,), np.zeros(3), populations={"AA": 10})


def test_days_of_many_probabilities_are_grouped_and_lose_nothing() -> None:
    """48 groups give the same as one group a day, to a part in a thousand."""
    days = np.linspace(1, 3, 400)
    days /= days.sum()
    grouped = expect_namesakes((FIRST,), (1.0,), days, populations={"AA": 20_000})
    single = [
        (p, expect_namesakes((FIRST,), (1.0,), np.array([p]), populations={"AA": 20_000})) for p in days
    ]  # each day alone: of the rows born on it, how many meet somebody
    assert grouped.expected == pytest.approx(sum(found.expected for _, found in single), rel=1e-3)
    assert grouped.rate == pytest.approx(sum(found.rate for _, found in single), rel=1e-3)


def test_every_locale_has_a_population() -> None:
    """And a person of any of them can be reckoned with."""
    for name in list_locales():
        locale = read_locale(name)
        assert 1e6 < find_population(locale.country) < 4e8
        found = expect_namesakes((locale,), (1.0,))
        assert 0 < found.rate <= 1
        assert found.expected >= found.rate
    with pytest.raises(KeyError):
        find_population("XX")
