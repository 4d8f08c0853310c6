"""Postal addresses in a text: a street with its house number, and the post code and town behind it.

Streets are told by the words and endings that mean one (Street, rue, -straße, ulica, Caddesi) and by the lists of the locales.
Limits: a town alone is not taken for an identifier in a text (Paris is a person's home or a film); in a column it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sundog.lib.pii.spans import Span

_CAP = r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢİĪĶŁĻŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŹŻŽΆΈ-ΏΑ-ΫЁЄІЇҐА-Я][\w'’-]*"
_SOME = rf"(?:{_CAP}|de|da|do|das|dos|del|della|di|la|le|les|las|los|du|des|der|den|van|von|zu|zum|y|e|of|the|l'|d')"
_HOUSE = r"\d{1,5}(?:[ -]?[A-Za-z](?: \d{1,3})?)?(?:[-/]\d{1,4}[a-z]?)?(?!\w)"
_STREETS = (
    rf"\d{{1,6}}[A-Za-z]?,? (?:{_CAP} ){{1,4}}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Way|Close|Place|Pl|Square|Sq|Terrace|Boulevard|Blvd|"
    r"Crescent|Gardens|Grove|Hill|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Row|Mews|Park|Green|View|Trail|Walk)(?!\w)\.?(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|#)\.? ?\w+)?",
    rf"\d{{1,5}}(?: ?(?:bis|ter))?,? (?:(?:[Gg]rande )?[Rr]ue|[Aa]venue|[Pp]lace|[Bb]oulevard|[Cc]hemin|[Aa]llée|[Ii]mpasse|[Rr]oute|[Qq]uai|[Cc]ours|[Ss]quare|[Pp]assage)(?: (?:{_SOME}|l'\w+|d'\w+))*",
    rf"(?:{_CAP}[ -]){{0,3}}[^\W\d_]*(?:[Ss]traße|[Ss]trasse|[Ss]tr\.|[Ww]eg|[Pp]latz|[Aa]llee|[Gg]asse|[Rr]ing|[Dd]amm|[Uu]fer|[Ss]tieg|[Ss]traat|[Ll]aan|[Pp]lein|[Gg]racht|[Kk]ade|[Ss]ingel|"
    rf"gatan|vägen|gränd|stigen|torget|plan|katu|tie|kuja|polku|veien|gata|vej|gade) {_HOUSE}",
    rf"(?:Calle|C/|Avenida|Avda\.?|Av\.|Plaza|Paseo|Camino|Ronda|Carrer|Via|Viale|Piazza|Corso|Largo|Vicolo|Strada|Rua|R\.|Travessa|Praça|Alameda|Estrada|Rodovia)(?: {_SOME})+(?:,| n[°º.]?)? ?{_HOUSE}",
    rf"(?:ul\.|ulica|al\.|aleja|pl\.|plac|os\.|osiedle) ?(?:{_CAP} )+{_HOUSE}",
    rf"(?:вулиця|вул\.|проспект|просп\.|пр-т|бульвар|бул\.|площа|провулок|пров\.) ?(?:{_CAP} ?)+,? ?{_HOUSE}",
    rf"(?:{_CAP} )+(?:Caddesi|Cad\.|Cd\.|Sokak|Sokağı|Sok\.|Sk\.|Bulvarı|Blv\.|Mahallesi)(?: No: ?| )?{_HOUSE}",
    rf"(?:οδός|Οδός|λεωφόρος|Λεωφόρος|πλατεία|Πλατεία|Λεωφ\.) ?(?:{_CAP} )+{_HOUSE}",
    r"[\u3400-\u9fff]{1,6}[町村区丁目]\d{1,4}(?:[-−]\d{1,4}){0,3}|[\u3400-\u9fff]{2,4}[都道府県][\u3400-\u9fff\u3040-\u30ff]{1,8}[市区町村][\u3400-\u9fff\u3040-\u30ff0-9０-９-]*",
)
_STREET = tuple(re.compile(r"(?<![\w])" + s) for s in _STREETS)
_BEHIND = re.compile(
    rf",? ?(?:{_CAP}(?: {_CAP}){{0,2}}, )?(?:[A-Z]{{1,2}}[- ]?)?(?:\d{{5}}-\d{{3,4}}|\d{{3}} ?\d{{2}}|\d{{2}}-\d{{3}}|\d{{4,6}}(?: [A-Z]{{2}})?|[A-Z]{{1,2}}\d[A-Z\d]? \d[A-Z]{{2}})(?!\w)(?:,? {_CAP}(?:[ -]{_CAP}){{0,2}})?"
    rf"|, {_CAP}(?: {_CAP}){{0,2}}(?:, [A-Z]{{2}}(?: \d{{5}}(?:-\d{{4}})?)?)?(?! ?\w*(?:@|\())"
)
_UK_POST = re.compile(r"(?<![\w-])(?:[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2})(?![\w-])")
_JOINED = re.compile(r"([\u3400-\u9fff]{2,8}) ?\d{1,4}(?:[-−]\d{1,4}){1,3}(?!\d)")
_HOUSED = re.compile(rf"(?<!\w)((?:{_CAP} ){{0,2}}{_CAP}) ({_HOUSE})|(?<!\w)(\d{{1,5}}) ((?:{_CAP} ){{0,2}}{_CAP})")


@cache
def known_streets() -> frozenset[str]:
    """Streets of all locales."""
    from sundog.lib.words.locales import list_locales, read_locale

    return frozenset(t for n in list_locales() for t in read_locale(n).streets.to_pylist())


@cache
def known_towns() -> frozenset[str]:
    """Towns of all locales, in lower case."""
    from sundog.lib.words.locales import list_locales, read_locale

    return frozenset(t.lower() for n in list_locales() for t in read_locale(n).places.city.to_pylist())


def find_addresses(text: str) -> Iterator[Span]:
    """Addresses, each with what follows the street as far as it can be told; pieces may overlap."""
    if not any(c.isdecimal() for c in text):
        return
    for pattern in _STREET:
        for m in pattern.finditer(text):
            if any(c.isdecimal() for c in m.group()):
                yield _with_town(text, m.start(), m.end(), 0.97, "the form of a street and a house number")
    for m in _HOUSED.finditer(text):
        before, behind = m.group(1), m.group(4)
        words = (before or behind).split(" ")
        for k in range(len(words)):
            street = " ".join(words[k:] if before else words[: len(words) - k])
            if street in known_streets():
                start = m.end(1) - len(street) if before else m.start()
                end = m.end() if before else m.start(4) + len(street)
                yield _with_town(text, start, end, 0.97, "a known street and a house number")
                break
    for m in _JOINED.finditer(text):
        for k in range(len(m.group(1))):
            if m.group(1)[k:] in known_streets():
                yield Span(m.start() + k, m.end(), "address", 0.97, "a known street and a house number")
                break
    for m in _UK_POST.finditer(text):
        yield Span(m.start(), m.end(), "postcode", 0.8, "the form of a British post code")


def _with_town(text: str, start: int, end: int, score: float, why: str) -> Span:
    behind = _BEHIND.match(text, end)
    if behind and (
        any(c.isdecimal() for c in behind.group())
        or _ends_in_town(behind.group())
        or re.match(r"[.;,]|$", text[behind.end() :])
    ):
        end = end + len(behind.group().rstrip(" ,."))
    return Span(start, end, "address", score, why)


def _ends_in_town(text: str) -> bool:
    return text.strip(" ,").split(",")[0].strip().lower() in known_towns()
