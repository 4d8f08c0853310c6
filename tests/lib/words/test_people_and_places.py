"""Locales, persons and places."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import chi2

from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_unit_words
from sundog.lib.kernels.mixing import scale_words, split_words
from sundog.lib.words.choose import draw_entries, open_lottery
from sundog.lib.words.companies import count_products, draw_products, gather_companies, number_products, write_companies
from sundog.lib.words.locales import list_locales, note_locale, read_locale
from sundog.lib.words.masks import split_mask
from sundog.lib.words.people import (
    draw_jobs,
    draw_people,
    gather_people,
    title_of,
    write_emails,
    write_names,
    write_usernames,
)
from sundog.lib.words.permute import permute
from sundog.lib.words.places import (
    draw_coordinates,
    draw_places,
    gather_places,
    write_addresses,
    write_phones,
    write_post_codes,
    write_streets,
)

N = 4000
WORDS = [draw_unit_words(Key.root(21).child(k), range(N)) for k in range(5)]
LOCALES = tuple(read_locale(name) for name in list_locales())
WHICH = (np.arange(N) % len(LOCALES)).astype(np.int32)


def test_there_are_sixteen_locales_with_three_scripts() -> None:
    assert len(LOCALES) == 16
    assert {"en_US", "en_GB", "de_DE", "de_AT", "fr_FR", "es_ES", "it_IT", "pt_BR"} <= set(list_locales())
    assert {"nl_NL", "pl_PL", "sv_SE", "tr_TR", "ja_JP", "el_GR", "uk_UA", "fi_FI"} <= set(list_locales())


PARTICLES = {
    "da",
    "das",
    "de",
    "del",
    "della",
    "den",
    "der",
    "di",
    "do",
    "dos",
    "du",
    "la",
    "las",
    "le",
    "los",
    "ten",
    "ter",
    "van",
    "von",
    "y",
    "zu",
    "zum",
    "zur",
}


@pytest.mark.parametrize("locale", LOCALES, ids=list_locales())
def test_a_surname_is_one_word_with_a_capital_behind_particles(locale: object) -> None:
    locale = next(x for x in LOCALES if x is locale)
    for name in (n for names in locale.surnames for n in names.text.to_pylist()):
        *before, last = name.split(" ")
        assert {w.lower() for w in before} <= PARTICLES, name
        assert last[0] == last[0].upper(), name
        assert not re.fullmatch("[IVX]{2,}|[JS]r", last), name
        assert not (before and last.lower() in PARTICLES), name


def test_post_codes_of_london_and_elsewhere_have_districts_that_there_are() -> None:
    lists = gather_places([read_locale("en_GB")])
    place = draw_places(lists, WORDS[0])
    areas = "B|BS|BT|CF|E|EH|G|L|LE|LS|M|NE|NG|S|SR|SW"
    shape = rf"(?:({areas})([1-9]\d?)|SW1[AEHPVWXY]) \d[ABD-HJLNP-UW-Z]{{2}}"
    for code in write_post_codes(lists, place, WORDS[3]).to_pylist():
        found = re.fullmatch(shape, code)
        assert found, code
        if found[1] in ("SW", "E"):
            assert 1 < int(found[2]) <= 20 or found[1] == "E", code


def test_streets_have_their_accents() -> None:
    (brazil,) = (x for x in LOCALES if x.name == "pt_BR")
    streets = brazil.streets.to_pylist()
    assert "Rua São João" in streets
    assert not [
        s
        for s in streets
        if re.search(r"\b(Sao|Joao|Ceara|Parana|Espirito|Vitoria|Sebastiao)\b| (De|Da|Do|Das|Dos) ", s)
    ]
    (spain,) = (x for x in LOCALES if x.name == "es_ES")
    assert not [s for s in spain.streets.to_pylist() if re.search(r"\b(Jaen|Oran|Cordoba|Leon)\b", s)]


@pytest.mark.parametrize("locale", LOCALES, ids=list_locales())
def test_lists_are_whole(locale: object) -> None:
    locale = next(x for x in LOCALES if x is locale)
    for names in (*locale.given, *locale.surnames):
        assert len(names.text) == len(names.latin) == len(names.weights) >= 50
        assert len(names.text.unique()) == len(names.text) or locale.name in ("pl_PL", "el_GR", "uk_UA")
        assert all(re.fullmatch("[a-z]+", x) for x in names.latin.to_pylist())
        assert names.weights.min() >= 0
    assert len(locale.surnames[0].text) == len(locale.surnames[1].text)
    assert min(len(locale.streets), len(locale.jobs)) >= 30
    places = locale.places
    assert len(places.city) >= 15
    assert (
        len({len(c) for c in (places.city, places.region, places.post, places.area, places.phone, places.latitude)})
        == 1
    )
    assert all(split_mask(mask) for mask in (*places.post.to_pylist(), *places.phone.to_pylist()))
    assert not {"", None} & {*places.phone.to_pylist(), *locale.mobile.to_pylist(), *places.city.to_pylist()}


def test_the_data_is_small_and_its_origin_told(root: Path) -> None:
    folder = root / "src" / "sundog" / "data" / "words"
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 4_000_000
    origins = (folder / "ORIGINS.tsv").read_text("utf-8").splitlines()[1:]
    notice = (root / "NOTICE").read_text("utf-8")
    for package, version, licence, _ in (line.split("\t") for line in origins):
        assert package.lower() in notice.lower()
        assert version in notice
        assert licence.startswith(("MIT", "Apache-2.0"))
    note = note_locale("de_AT")
    assert note.sha256 == hashlib.sha256(files("sundog.data").joinpath("words", "de_AT.arrow").read_bytes()).hexdigest()
    with pytest.raises(KeyError, match="Did you mean 'de_DE'"):
        read_locale("de_DD")


def test_persons_belong_together() -> None:
    lists = gather_people(LOCALES)
    persons = draw_people(lists, WORDS[0], WHICH)
    given, surnames = lists.given.to_pylist(), lists.surname.to_pylist()
    own = [tuple([set(n.text.to_pylist()) for n in names] for names in (x.given, x.surnames)) for x in LOCALES]
    for row in range(N):
        sex, locale = int(persons.sex[row]), int(WHICH[row])
        assert given[persons.given[row]] in own[locale][0][sex]
        assert surnames[persons.surname[row]] in own[locale][1][sex]
    share = persons.sex.mean()
    assert abs(share - 0.5) < 4.9 * 0.5 / N**0.5  # probability of a false alarm 1e-6
    whole = write_names(lists, persons).to_pylist()
    japanese = list_locales().index("ja_JP")
    for row in range(200):
        pair = given[persons.given[row]], surnames[persons.surname[row]]
        assert whole[row] == (pair[1] + " " + pair[0] if WHICH[row] == japanese else " ".join(pair))
    titled = write_names(lists, persons, "title").to_pylist()
    titles = lists.title.to_pylist()
    for row in range(200):
        title, surname = titles[title_of(persons)[row]], surnames[persons.surname[row]]
        assert titled[row] == (f"{surname} {title}" if WHICH[row] == japanese else f"{title} {surname}")
    comma = write_names(lists, persons, "comma", np.arange(N) > 0).to_pylist()
    assert comma[:2] == [None, f"{surnames[persons.surname[1]]}, {given[persons.given[1]]}"]
    jobs = draw_jobs(lists, WORDS[1], WHICH)
    assert lists.job[int(jobs[0])].as_py() in LOCALES[0].jobs.to_pylist()


def test_a_person_depends_on_its_word_alone_and_takes_a_sex_that_is_there() -> None:
    lists = gather_people(LOCALES[:1])
    whole = draw_people(lists, WORDS[0])
    part = draw_people(lists, WORDS[0][100:200])
    assert np.array_equal(part.given, whole.given[100:200])
    assert np.array_equal(part.surname, whole.surname[100:200])
    women = draw_people(lists, WORDS[0], sex=np.zeros(N, np.int8))
    assert not women.sex.any()
    assert set(np.unique(women.given)) <= set(range(len(LOCALES[0].given[0].text)))


def test_common_names_are_drawn_more_often() -> None:
    """Chi-square of the American surnames by share; a false alarm has probability 1e-6."""
    lists = gather_people([read_locale("en_US")])
    n = 200_000
    persons = draw_people(lists, draw_unit_words(Key.root(9), range(n)))
    weights = read_locale("en_US").surnames[0].weights.astype(np.float64)
    expected = n * weights / weights.sum()
    counts = np.bincount(persons.surname, minlength=len(expected))
    assert ((counts - expected) ** 2 / expected).sum() < chi2.isf(1e-6, len(expected) - 1)


def test_addresses_of_mail_reach_nobody_and_are_unique_by_number() -> None:
    lists = gather_people(LOCALES)
    persons = draw_people(lists, WORDS[0], WHICH)
    made = write_emails(lists, persons, WORDS[1]).to_pylist()
    assert all(
        re.fullmatch(r"[a-z]+[._-]?[a-z]+\d{1,4}@(example\.(com|net|org)|(mail|post)\.example)", x) for x in made
    )
    assert write_usernames(lists, persons, WORDS[1]).to_pylist() == [x.partition("@")[0] for x in made]
    latin = lists.given_latin.to_pylist()
    assert all(x.startswith(latin[g]) for x, g in zip(made, persons.given, strict=True))
    numbers = permute(Key.root(2), np.arange(N, dtype=np.uint64), N)
    assert len(write_emails(lists, persons, WORDS[1], numbers).unique()) == N


def test_places_belong_together() -> None:
    lists = gather_places(LOCALES)
    place = draw_places(lists, WORDS[2], WHICH)
    assert np.array_equal(lists.locale[place], WHICH)
    posts = write_post_codes(lists, place, WORDS[3]).to_pylist()
    phones = write_phones(lists, place, WORDS[3]).to_pylist()
    plus = write_phones(lists, place, WORDS[3], plus=True).to_pylist()
    mobile = write_phones(lists, place, WORDS[3], mobile=True).to_pylist()
    masks, areas = lists.post.to_pylist(), lists.area.to_pylist()
    spanish = list_locales().index("es_ES")
    for row in range(1000):
        k = int(place[row])
        letters = split_mask(masks[k])
        assert len(posts[row]) == len(letters)
        assert all(c in some for c, some in zip(posts[row], letters, strict=True))
        if WHICH[row] != spanish:  # numbers that nobody has lie outside of all areas there
            assert areas[k] in phones[row]
        assert re.fullmatch(r"\+\d{8,14}", plus[row])
        assert re.fullmatch(r"[\d ()-]{7,16}", mobile[row])
    latitude, longitude = draw_coordinates(lists, place, WORDS[4])
    assert np.abs(latitude - lists.latitude[place]).max() <= 0.0401
    assert np.abs(longitude - lists.longitude[place]).max() <= 0.0401
    streets = write_streets(lists, place, WORDS[4])
    lines = write_addresses(lists, place, streets, pa.array(posts)).to_pylist()
    cities = lists.city.to_pylist()
    assert lines[7] == f"{streets[7].as_py()}, {posts[7]} {cities[place[7]]}"
    american, german = (streets.to_pylist()[list_locales().index(x) :: 16] for x in ("en_US", "de_DE"))
    assert all(re.fullmatch(r"\d+ [A-Z].*", x) for x in american)
    assert all(re.fullmatch(r"[A-ZÄÖÜ].* \d+[a-z]?", x) for x in german)


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("en_US", [r"\(\d{3}\) 555-01\d\d"]),
        ("en_GB", [r"0\d{2,3} \d{3,4} [06]\d{3}", r"07700 900\d{3}", r"028 9649 6\d{3}", r"029 2018 0\d{3}"]),
        ("fr_FR", [r"(01 99 00|02 61 91|03 53 01|04 65 71|05 36 49|06 39 98) \d\d \d\d"]),
        ("de_DE", [r"0\d+ 0\d{6}", r"(030 23125|040 66969|069 90009|0221 4710|089 99998)\d{3}", r"0171 39200\d\d", r"0176 040690\d\d"]),
        ("sv_SE", [r"0\d+-0\d\d \d\d \d\d", r"(08-465 004|031-390 06|040-628 04|0980-31 92) \d\d", r"070-174 06 [1-9]\d"]),
    ],
)  # fmt: skip
def test_telephones_lie_in_reserved_ranges(name: str, shapes: list[str]) -> None:
    lists = gather_places([read_locale(name)])
    place = draw_places(lists, WORDS[2])
    made = [
        *write_phones(lists, place, WORDS[3]).to_pylist(),
        *write_phones(lists, place, WORDS[3], mobile=True).to_pylist(),
    ]
    assert [x for x in made if not any(re.fullmatch(shape, x) for shape in shapes)] == []


def test_companies_and_products() -> None:
    lists = gather_companies(LOCALES)
    made = write_companies(lists, WORDS[0], WHICH).to_pylist()
    for k, locale in enumerate(LOCALES):
        forms = [f.as_py() for f in locale.legal]
        assert all(
            any(x.startswith(f[1:]) if f.startswith("^") else x.endswith(f) for f in forms)
            for x in made[k :: len(LOCALES)]
        )
    alone = write_companies(gather_companies(LOCALES[:1]), WORDS[0]).to_pylist()
    assert 0.55 < sum(len(x.split(" & ")) == 1 and "-" not in x and " und " not in x for x in alone) / N < 0.78
    products = number_products(np.arange(count_products(), dtype=np.uint64))
    assert len(products.unique()) == count_products()
    assert draw_products(WORDS[0])[0].as_py() in products.to_pylist()


def test_lotteries_keep_to_their_weights() -> None:
    """Against the law itself; chi-square, false alarms 1e-6 each."""
    weights = [np.array([5.0, 0.0, 1.0]), np.array([1.0]), np.array([0.1, 0.2, 0.3, 0.4, 9.0])]
    lottery = open_lottery(weights)
    words = draw_unit_words(Key.root(6), range(90_000))
    which = (np.arange(90_000) % 3).astype(np.int32)
    found = draw_entries(lottery, words, which)
    for k, some in enumerate(weights):
        counts = np.bincount(found[k::3] - lottery.starts[k], minlength=len(some))
        expected = 30_000 * some / some.sum()
        assert counts[some == 0].sum() == 0
        kept = some > 0
        statistic = ((counts - expected)[kept] ** 2 / expected[kept]).sum()
        assert statistic <= chi2.isf(1e-6, max(kept.sum() - 1, 1))
    with pytest.raises(ValueError, match="not negative"):
        open_lottery([np.array([1.0, -1.0])])


def _mix_plainly(word: int, lane: int) -> int:
    """Splitmix64 in Python's integers."""
    x = (word + (lane + 1) * 0x9E3779B97F4A7C15) % 2**64
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
    return x ^ x >> 31


def test_lanes_and_scales_are_what_plain_integers_give() -> None:
    words = WORDS[0][:200]
    for lane in (0, 1, 7):
        assert split_words(words, lane).tolist() == [_mix_plainly(int(w), lane) for w in words]
    for size in (1, 10, 2**63 + 5, 2**64 - 1):
        assert scale_words(words, size).tolist() == [int(w) * size >> 64 for w in words]
    with pytest.raises(ValueError, match="size"):
        scale_words(words, 0)


def test_the_lottery_draws_as_a_plain_alias_table_does() -> None:
    lottery = open_lottery([np.array([1.0, 2.0, 4.0, 0.5])])
    words = WORDS[0][:500]
    expected = []
    for word in words:
        mixed = _mix_plainly(int(word), 0)
        slot, coin = mixed * 4 >> 64, mixed * 4 % 2**64
        expected.append(slot if coin < int(lottery.keep[slot]) else int(lottery.other[slot]))
    assert draw_entries(lottery, words).tolist() == expected
