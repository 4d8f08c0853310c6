"""A labelled set of personal data, made from a key: texts in fourteen languages and columns of sixteen locales.

Each text is a template with places for identifiers and for what only looks like one (order numbers, ISO dates, prices, versions). Numbers
are drawn at random in ranges that are really given out, with right check digits, since that is what a recogniser meets; no list of
anybody's numbers is behind them. The templates come in two halves: ``tuning`` was read while the recognisers were written,
``reported`` gives the figures: its texts were not read meanwhile, its figures by kind were, twice, and showed three faults that were mended.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from pii_templates import REPORTED, TUNING

from sundog.core.keys import Key
from sundog.lib.pii.checksums import luhn_digit
from sundog.lib.pii.names import NameLists, gather_names
from sundog.lib.pii.national import COUNTRY_OF, NUMBERS, bare
from sundog.lib.pii.spans import Span
from sundog.lib.rows.words import read_words
from sundog.lib.words.locales import list_locales, read_locale
from sundog.lib.words.places import draw_places, gather_places, write_addresses, write_post_codes, write_streets

PHONES: Mapping[str, tuple[str, ...]] = {
    "AT": ("+43 1 5## ## ##", "0664 4######", "01 58#####"), "DE": ("+49 30 4######", "0171 5######", "089 4######", "+49 (0)221 45####"),
    "GR": ("+30 210 3######", "210 3######", "694# ######"), "GB": ("+44 20 7### ####", "020 7### ####", "07911 1#####", "+44 7911 1#####"),
    "US": ("(212) 4##-####", "415-4##-####", "+1 312 6## ####", "+1-617-3##-####"), "ES": ("+34 91 4## ## ##", "612 4## ###", "91 4## ## ##"),
    "FI": ("+358 9 6######", "040 5######", "09 6######"), "FR": ("+33 1 4# ## ## ##", "01 4# ## ## ##", "06 7# ## ## ##", "06.7#.##.##.##"),
    "IT": ("+39 06 4######", "347 4######", "06 4######"), "JP": ("+81 3 5### ####", "03-5###-####", "090-4###-####"),
    "NL": ("+31 20 6######", "020 6######", "06 4#######", "06-4#######"), "PL": ("+48 22 6## ## ##", "22 6## ## ##", "601 4## ###"),
    "BR": ("+55 11 9####-####", "(11) 9####-####", "(21) 3###-####"), "SE": ("+46 8 5## ### ##", "08-5## ### ##", "070-4## ## ##"),
    "TR": ("+90 212 4## ## ##", "0212 4## ## ##", "0532 4## ## ##"), "UA": ("+380 44 4## ## ##", "044 4## ## ##", "067 4## ## ##"),
}  # fmt: skip
"""Masks of numbers as people of the country write them."""
IBANS = {
    "AT": "################", "DE": "##################", "GR": "#######################", "GB": "NWBK##############", "ES": "####################",
    "FI": "##############", "FR": "#######################", "IT": "X######################", "NL": "ABNA##########", "PL": "########################",
    "SE": "####################", "TR": "#####0################", "UA": "######0##################", "BR": "", "US": "", "JP": "",
}  # fmt: skip
_CARDS = (
    "4###############",
    "51##############",
    "55##############",
    "37#############",
    "6011############",
    "2221############",
)
_DOMAINS = (
    "gmx.net",
    "web.de",
    "yahoo.co.uk",
    "outlook.com",
    "orange.fr",
    "libero.it",
    "wp.pl",
    "mail-post.se",
    "firma.com.br",
)
_FILL = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what is in it.

    Attributes:
        locale: of the names, numbers and addresses.
        text: the text.
        spans: what is personal in it, in order.
    """

    locale: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class LabelledColumn:
    """A column of a table and the kind of identifier that it holds; empty where it holds none."""

    locale: str
    name: str
    values: tuple[str, ...]
    kind: str


def is_held_out(name: str) -> bool:
    """Whether a name is among the half that the recogniser's lists are made without."""
    return blake2b(name.lower().encode(), digest_size=1).digest()[0] % 2 == 0


def half_lists() -> NameLists:
    """The lists of names without those that the labelled texts use when names are to be unknown."""
    given, surnames = set(read_words("given_names")), set(read_words("surnames"))
    for name in list_locales():
        locale = read_locale(name)
        given.update(t for names in locale.given for t in names.text.to_pylist())
        surnames.update(t for names in locale.surnames for t in names.text.to_pylist())
    return gather_names((g for g in given if not is_held_out(g)), (s for s in surnames if not is_held_out(s)))


class Source:
    """Draws values of one locale."""

    def __init__(self, name: str, key: Key, held_out: bool) -> None:
        self.locale = read_locale(name)
        self.name, self.draw = name, key.generator()
        self.country = self.locale.country
        keep = (lambda t: is_held_out(t)) if held_out else (lambda t: True)
        self.given = [[t for t in g.text.to_pylist() if keep(t)] for g in self.locale.given]
        self.surnames = [[t for t in s.text.to_pylist() if keep(t)] for s in self.locale.surnames]
        self.places = gather_places([self.locale])

    def pick(self, values):
        """One of some values."""
        return values[int(self.draw.integers(len(values)))]

    def fill(self, mask: str) -> str:
        """A mask with its signs drawn: # a digit, X a capital."""
        return "".join(
            str(int(self.draw.integers(10))) if c == "#" else chr(65 + int(self.draw.integers(26))) if c == "X" else c
            for c in mask
        )

    def words(self) -> np.ndarray:
        """One random word: uint64 (1,)."""
        return self.draw.integers(0, 2**64 - 1, 1, dtype=np.uint64)

    def value(self, slot: str) -> str:
        """A value for a place of a template."""
        return getattr(self, f"_{slot}")()

    def _name(self) -> str:
        sex = int(self.draw.integers(2))
        given, surname = self.pick(self.given[sex]), self.pick(self.surnames[sex])
        return f"{surname}{self.locale.joined}{given}" if self.locale.family_first else f"{given} {surname}"

    def _given(self) -> str:
        return self.pick(self.given[int(self.draw.integers(2))])

    def _surname(self) -> str:
        return self.pick(self.surnames[int(self.draw.integers(2))])

    def _comma(self) -> str:
        sex = int(self.draw.integers(2))
        return f"{self.pick(self.surnames[sex])}, {self.pick(self.given[sex])}"

    def _email(self) -> str:
        letters = "abcdefghijklmnopqrstuvwxyz"
        local = "".join(self.pick(letters) for _ in range(int(self.draw.integers(4, 9))))
        return f"{local}{self.pick(('.', '_', ''))}{self.fill('##')}@{self.pick(_DOMAINS)}"

    def _phone(self) -> str:
        return self.fill(self.pick(PHONES[self.country]))

    _fax = _phone

    def _iban(self) -> str:
        country = self.country if IBANS[self.country] else "DE"
        body = self.fill(IBANS[country])
        digits = "".join(str(int(c, 36)) for c in body + country) + "00"
        text = f"{country}{98 - int(digits) % 97:02d}{body}"
        return text if self.draw.integers(2) else " ".join(text[i : i + 4] for i in range(0, len(text), 4))

    def _card(self) -> str:
        body = self.fill(self.pick(_CARDS))[:-1]
        text = body + str(luhn_digit(body))
        gap = self.pick(("", " ", "-"))
        return gap.join(text[i : i + 4] for i in range(0, len(text), 4)) if gap and len(text) == 16 else text

    def national_kind(self) -> str:
        """The national number of the locale."""
        kinds = [n for n, c in COUNTRY_OF.items() if c == self.country and n not in ("us_itin", "us_npi")]
        return kinds[0] if kinds else "us_ssn"

    def national(self, kind: str) -> str:
        """A national number whose check digits are right."""
        masks = {
            "us_ssn": "###-##-####", "uk_nino": "JX######A", "at_svnr": "####0#0#7#", "fr_nir": "1##0#75######%%", "es_dni": "########Q", "nl_bsn": "#########",
            "se_pnr": "7#0#1#-####", "fi_hetu": "1#0#7#-###Q", "pl_pesel": "7#0#1######", "br_cpf": "###.###.###-##", "tr_tckn": "###########",
            "jp_mynumber": "############", "gr_amka": "1#0#7######", "ua_rnokpp": "##########", "de_tax": "###########", "it_cf": "XXXXXX7#A1#H5#1Q", "uk_nhs": "### ### ####",
        }  # fmt: skip
        number = NUMBERS[kind]
        while True:
            text = self.fill(masks[kind].replace("%", "#"))
            text = re.sub("Q", lambda _: self.pick("ABCDEFGHJKLMNPRSTVWXYZ"), text)
            if kind == "uk_nino":
                text = (
                    self.pick("ABCEGHJKLMNPRSTWXYZ") + self.pick("ABCEGHJKLMNPRSTWXYZ") + text[2:-1] + self.pick("ABCD")
                )
            if re.fullmatch(number.pattern, text) and number.right(bare(text)):
                return text

    def _national(self) -> str:
        return self.national(self.national_kind())

    def _address(self) -> str:
        place = draw_places(self.places, self.words())
        streets = write_streets(self.places, place, self.words())
        if self.draw.integers(2) or self.country == "JP":
            return str(streets[0])
        if self.country in ("US", "GB"):
            return f"{streets[0]}, {self.places.city[int(place[0])]}"
        return str(write_addresses(self.places, place, streets, write_post_codes(self.places, place, self.words()))[0])

    def _dob(self) -> str:
        y, m, d = int(self.draw.integers(1940, 2005)), int(self.draw.integers(1, 13)), int(self.draw.integers(1, 29))
        way = {
            "US": f"{m:02d}/{d:02d}/{y}",
            "GB": f"{d:02d}/{m:02d}/{y}",
            "JP": f"{y}年{m}月{d}日",
            "SE": f"{y}-{m:02d}-{d:02d}",
        }
        return way.get(self.country, f"{d:02d}.{m:02d}.{y}")

    def _age(self) -> str:
        return str(int(self.draw.integers(90, 104)))

    def _ip(self) -> str:
        return ".".join(str(int(self.draw.integers(1, 255))) for _ in range(4))

    def _mac(self) -> str:
        return ":".join(f"{int(self.draw.integers(256)):02X}" for _ in range(6))

    def _url(self) -> str:
        return f"https://www.{self._email().split('@')[1]}/u/{self.fill('#####')}"

    def _uuid(self) -> str:
        h = "".join(f"{int(self.draw.integers(16)):x}" for _ in range(32))
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"

    def _imei(self) -> str:
        body = self.fill("35############")
        return body + str(luhn_digit(body))

    def _vin(self) -> str:
        from sundog.lib.pii.checksums import is_vin

        while True:
            text = "WVWZZZ1J" + self.pick("0123456789X") + self.fill("8W######")[:8]
            if is_vin(text):
                return text

    def _mrn(self) -> str:
        return self.fill("#######")

    def _policy(self) -> str:
        return self.fill("HP-######")

    def _account(self) -> str:
        return self.fill("########")

    def _licence(self) -> str:
        return self.fill("X#######")

    def _passport(self) -> str:
        return self.fill("X0#X##T#")

    def _plate(self) -> str:
        return self.fill("B-XX ####") if self.country != "GB" else self.fill("XX## XXX")

    def _customer(self) -> str:
        return self.fill("######")

    def _order(self) -> str:
        return self.fill(self.pick(("######", "2024-#####", "A-#####", "ORD#######")))

    def _date(self) -> str:
        return f"2024-{int(self.draw.integers(1, 13)):02d}-{int(self.draw.integers(1, 29)):02d}"

    def _price(self) -> str:
        return self.fill(self.pick(("1#.##", "1,2##.##", "49.90", "1#0 000")))

    def _time(self) -> str:
        return f"{int(self.draw.integers(24)):02d}:{int(self.draw.integers(60)):02d}"

    def _version(self) -> str:
        return self.fill("2.1#.#")

    def _tracking(self) -> str:
        return self.fill("1Z999AA1##########")

    def _percent(self) -> str:
        return self.fill("1#.#")


KIND_OF = {
    "name": "name", "given": "name", "surname": "name", "comma": "name", "dob": "birth_date", "mrn": "medical_record", "policy": "health_plan",
} | {k: k for k in ("email", "phone", "fax", "iban", "card", "address", "age", "ip", "mac", "url", "uuid", "imei", "vin", "account", "licence", "passport", "plate", "customer")}  # fmt: skip
"""Kind of each place of a template; places that are not here hold nothing personal."""
LANGUAGE = {n: n[:2] for n in ("de_AT", "de_DE", "el_GR", "en_GB", "en_US", "es_ES", "fi_FI", "fr_FR", "it_IT", "ja_JP", "nl_NL", "pl_PL", "pt_BR", "sv_SE", "tr_TR", "uk_UA")}  # fmt: skip


def make_texts(key: Key, each: int, *, half: str = "reported", held_out: bool = False) -> list[Labelled]:
    """``each`` texts of every template of every locale.

    Args:
        key: of the draw.
        each: texts of a template.
        half: ``tuning`` or ``reported`` templates.
        held_out: use only the names that ``half_lists`` leaves out.
    """
    templates = REPORTED if half == "reported" else TUNING
    out = []
    for locale, language in LANGUAGE.items():
        source = Source(locale, key.child(locale), held_out)
        for template in templates[language]:
            out += [_fill(source, locale, template) for _ in range(each)]
    return out


def _fill(source: Source, locale: str, template: str) -> Labelled:
    text, spans, last = "", [], 0
    for m in _FILL.finditer(template):
        text += template[last : m.start()]
        slot, last = m.group(1), m.end()
        kind = source.national_kind() if slot == "national" else KIND_OF.get(slot, "")
        value = source.value(slot)
        if kind:
            spans.append(Span(len(text), len(text) + len(value), kind, 1.0, ""))
        text += value
    return Labelled(locale, text + template[last:], tuple(spans))


def make_columns(key: Key, rows: int, *, held_out: bool = False) -> list[LabelledColumn]:
    """Columns of every locale, those that hold identifiers and those that only look like it."""
    out = []
    for locale in LANGUAGE:
        source = Source(locale, key.child(locale), held_out)
        national = source.national_kind()
        named = {
            "name": ("customer_name", "name"), "given": ("first_name", "name"), "surname": ("last_name", "name"), "email": ("contact", "email"),
            "phone": ("phone", "phone"), "fax": ("fax", "fax"), "iban": ("iban", "iban"), "card": ("card_number", "card"), "national": ("tax_or_id", national),
            "address": ("address", "address"), "ip": ("last_login_from", "ip"), "mac": ("device", "mac"), "url": ("homepage", "url"), "uuid": ("ref", "uuid"),
            "imei": ("imei", "imei"), "vin": ("vehicle", "vin"), "dob": ("date_of_birth", "birth_date"), "mrn": ("mrn", "medical_record"),
            "policy": ("policy_number", "health_plan"), "account": ("account_number", "account"), "licence": ("driving_licence", "licence"),
            "passport": ("passport_no", "passport"), "plate": ("number_plate", "plate"), "customer": ("customer_id", "customer"),
        }  # fmt: skip
        plain = {
            "order": "order",
            "date": "shipped",
            "price": "amount",
            "time": "at",
            "version": "release",
            "percent": "share",
        }
        out += [
            LabelledColumn(locale, name, tuple(source.value(slot) for _ in range(rows)), kind)
            for slot, (name, kind) in named.items()
        ]
        out += [
            LabelledColumn(locale, name, tuple(source.value(slot) for _ in range(rows)), "")
            for slot, name in plain.items()
        ]
    return out
