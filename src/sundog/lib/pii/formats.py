"""Identifiers that their own form tells, with check digits or without: found in any text, whatever its language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from sundog.lib.pii.checksums import is_iban, is_luhn, is_vin
from sundog.lib.pii.national import NUMBERS, bare
from sundog.lib.pii.spans import Span

BESIDE = 40
"""Characters before a number in which a word may say what it is."""

_L = "0-9A-Za-z_\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff"  # of scripts that part words by spaces: a Japanese text does not
_LEFT, _RIGHT = rf"(?<![{_L}.@/-])", rf"(?![{_L}@]|[-/.,][{_L}])"

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+'-]+@(?:[\w-]+\.)+[^\W\d_]{2,}(?![\w-])")
_URL = re.compile(r"\b(?:https?|ftp)://[^\s<>\"')\]]+|\bwww\.[\w-]+\.[^\s<>\"')\]]+", re.IGNORECASE)
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_MAC = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])")
_UUID = re.compile(r"(?<![\w-])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![\w-])")
_IBAN = re.compile(rf"(?<![{_L}])[A-Z]{{2}}\d{{2}}(?: ?[0-9A-Z]{{4}}){{2,7}}(?: ?[0-9A-Z]{{1,3}})?(?![{_L}])")
_CARD = re.compile(_LEFT + r"\d(?:[ -]?\d){11,18}" + _RIGHT)
_VIN = re.compile(_LEFT + r"(?=[A-Z]*\d)[A-HJ-NPR-Z0-9]{17}" + _RIGHT)
_IMEI = re.compile(_LEFT + r"\d{2}-?\d{6}-?\d{6}-?\d" + _RIGHT)
_PHONE_PLUS = re.compile(rf"(?<![{_L}+])(?:\+|00)[1-9]\d{{0,2}}(?:[ ./-]?\(?\d{{1,5}}\)?){{2,6}}(?![{_L}]|[.,-]\d)")
_PHONE = re.compile(
    rf"(?<![{_L}.,/+-])(?:\(\d{{1,5}}\)[ -]?|0\d{{1,4}}[ /.-]?|\d{{2,4}}[ .-])\d{{1,5}}(?:[ .-]?\d{{2,5}}){{1,4}}(?![{_L}]|[.,/-]\d)"
)
_YEARS = re.compile(r"(?:19|20)\d\d[-.](?:\d\d?[-.]\d\d?|\d{3,7})$|\d\d?[-.]\d\d?[-.](?:19|20)\d\d$")
_PHONE_WORD = re.compile(
    r"\b(?:phone|tel|call|mobile|cell|text|ring|reach|contact|whatsapp|sms|handy|telefon\w*|rufnummer|rückruf|tél\w*|portable|"
    r"móvil|celular|cellulare|telefono|teléfono|telefone|puhelin\w*|mobil\w*|komórk\w*|gsm|cep|τηλ\w*|κινητό\w*|тел\w*|моб\w*)\b"
    r"|電話|携帯|連絡先",
    re.IGNORECASE,
)
_FAX_WORD = re.compile(r"\b(?:fax|telefax|télécopie|faks|φαξ|факс|faksi)\b|ファックス|ファクス", re.IGNORECASE)
_CARD_WORD = re.compile(
    r"\b(?:card|visa|mastercard|amex|karte|carte|tarjeta|carta|cartão|kaart|kort\w*|karta|kart\w*|κάρτα|картк\w*)\b|カード",
    re.IGNORECASE,
)

_NATIONAL = tuple(
    (n, re.compile(_LEFT + f"(?:{n.pattern})" + _RIGHT), re.compile(r"\b(?:" + n.words + r")", re.IGNORECASE))
    for n in NUMBERS.values()
)
_ISSUED = re.compile(
    r"4\d{12}(?:\d{3})?(?:\d{3})?$|5[1-5]\d{14}$|2[2-7]\d{14}$|3[47]\d{13}$|3(?:0[0-5]|[68]\d)\d{11}$|6(?:011|5\d\d|4[4-9]\d)\d{12}$|"
    r"62\d{14,17}$|35\d{14}$"
)
"""Lengths and first digits of the brands (ISO/IEC 7812-1)."""
_DEVICE_WORD = re.compile(r"\b(?:imei|device|handset|gerät\w*|appareil|dispositivo)\b", re.IGNORECASE)
_VEHICLE_WORD = re.compile(r"\b(?:vin|vehicle|chassis|fahrgestell\w*|fin|châssis|bastidor|telaio)\b", re.IGNORECASE)
_NUMBER_WORD = re.compile(
    r"\b(?:tax|tin\b|steuer\w*|fiscal\w*|contribuinte|social security|ssn\b|social insurance|sozialversicherung\w*|sécurité sociale|seguridad social|"
    r"national (?:id|insurance)|identity|citizen|personal (?:no|number|id)|codice|burgerservicenummer|personnummer|henkilötunnus|pesel|kimlik)",
    re.IGNORECASE,
)
"""Words for a number of a person in any country: whoever moved keeps the number of the old one."""


def before(text: str, start: int) -> str:
    """What stands before a place, in which a word may say what follows: up to the last end of a sentence."""
    head = text[max(0, start - BESIDE) : start]
    cut = max(head.rfind("; "), head.rfind("\n"), head.rfind("。"), head.rfind("? "), head.rfind("! "))
    return head[cut + 1 :]


def find_formats(text: str) -> Iterator[Span]:
    """Everything with a form of its own; pieces may overlap."""
    if "@" in text:
        for m in _EMAIL.finditer(text):
            yield Span(m.start(), m.end(), "email", 0.99, "the form of an e-mail address")
    if "/" in text or "www." in text.lower():
        for m in _URL.finditer(text):
            yield Span(m.start(), m.start() + len(m.group().rstrip(".,;:!?")), "url", 0.98, "the form of a web address")
    if ":" in text or "-" in text:
        yield from _find_machines(text)
    digits = sum(c.isdecimal() for c in text)
    if digits < 4:
        return
    if digits >= 4 and "." in text:
        for m in _IPV4.finditer(text):
            if _is_ip(m.group()):
                yield Span(m.start(), m.end(), "ip", 0.9, "the form of an IP address")
    if digits >= 9:
        yield from _find_money(text)
    if digits >= 6:
        yield from _find_national(text)
        yield from _find_phones(text)


def _find_machines(text: str) -> Iterator[Span]:
    for m in _MAC.finditer(text):
        yield Span(m.start(), m.end(), "mac", 0.97, "the form of a MAC address")
    for m in _UUID.finditer(text):
        yield Span(m.start(), m.end(), "uuid", 0.99, "the form of a UUID")
    for m in _IPV6.finditer(text):
        if m.group().count(":") >= 2 and len(m.group()) > 6 and _is_ip(m.group()):
            yield Span(m.start(), m.end(), "ip", 0.95, "the form of an IPv6 address")


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _find_money(text: str) -> Iterator[Span]:
    for m in _IBAN.finditer(text):
        found = m.group()
        while found:  # a word in capitals may follow
            if is_iban(found.replace(" ", "")):
                yield Span(m.start(), m.start() + len(found), "iban", 0.999, "an IBAN: its check digits are right")
                break
            found = found.rpartition(" ")[0]
    for m in _CARD.finditer(text):
        number = re.sub(r"[ -]", "", m.group())
        if is_luhn(number) and len(set(number)) > 2:
            issued = _ISSUED.match(number)
            named = _CARD_WORD.search(before(text, m.start())) is not None
            if issued or named:
                score = 0.97 if issued and named else 0.9
                yield Span(m.start(), m.end(), "card", score, "a card number: its check digit is right")
    for m in _IMEI.finditer(text):
        if is_luhn(bare(m.group())) and _DEVICE_WORD.search(before(text, m.start())):
            yield Span(m.start(), m.end(), "imei", 0.98, "an IMEI: its check digit is right, and the word beside it")
    for m in _VIN.finditer(text):
        if is_vin(m.group()) or _VEHICLE_WORD.search(before(text, m.start())):
            yield Span(m.start(), m.end(), "vin", 0.97, "the form of a vehicle identification number")


def _find_national(text: str) -> Iterator[Span]:
    for number, pattern, words in _NATIONAL:
        for m in pattern.finditer(text):
            if not number.right(bare(m.group())) or _is_piece(text, m.start(), m.end()):
                continue
            head = before(text, m.start())
            lettered = any(c.isalpha() for c in m.group())
            if words.search(head):
                yield Span(m.start(), m.end(), number.name, 0.985, f"{number.what}: the form, and the word before it")
            elif number.chance <= 0.1 and _NUMBER_WORD.search(head):
                yield Span(m.start(), m.end(), number.name, 0.95, f"{number.what}: the form, and the word before it")
            elif number.chance <= 0.005 or (lettered and number.chance <= 0.05):
                yield Span(m.start(), m.end(), number.name, 0.9, f"{number.what}: its check digits are right")
            elif number.name == "us_ssn" and "-" in m.group():
                yield Span(m.start(), m.end(), number.name, 0.7, f"{number.what}: the form")
            else:  # too many other numbers pass; a whole column of them tells
                yield Span(m.start(), m.end(), number.name, 0.3, f"{number.what}: the form only")


def _is_piece(text: str, start: int, end: int) -> bool:
    """Whether groups of digits go on before or behind: then it is a part of a longer number."""
    return (
        re.search(r"\d[ -]$", text[max(0, start - 2) : start]) is not None
        or re.match(r"[ -]\d", text[end:]) is not None
    )


def _find_phones(text: str) -> Iterator[Span]:
    for m in _PHONE_PLUS.finditer(text):
        if 8 <= sum(c.isdecimal() for c in m.group()) <= 16:
            yield _phone(text, m, 0.95, "the form of an international telephone number")
    for m in _PHONE.finditer(text):
        found, count = m.group(), sum(c.isdecimal() for c in m.group())
        if not 7 <= count <= 13 or _YEARS.match(found):
            continue
        head = before(text, m.start())
        named = _PHONE_WORD.search(head) is not None or _FAX_WORD.search(head) is not None
        if named:
            yield _phone(text, m, 0.94, "the form of a telephone number, and the word before it")
        elif found[0] in "(0" and re.search(r"[ /)-]", found):
            yield _phone(text, m, 0.6, "the form of a telephone number")
        elif re.fullmatch(r"[2-9]\d{2}[-. ][2-9]\d{2}[-. ]\d{4}", found):
            yield _phone(text, m, 0.7, "the form of a North American telephone number")


def _phone(text: str, m: re.Match[str], score: float, why: str) -> Span:
    fax = _FAX_WORD.search(before(text, m.start())) is not None
    return Span(m.start(), m.start() + len(m.group().rstrip(" -./")), "fax" if fax else "phone", score, why)
