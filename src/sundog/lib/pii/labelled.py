"""Codes and dates that nothing but the words before them tells: ``MRN 4711``, ``geb. 3.5.1981``, ``aged 93``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sundog.lib.pii.spans import Span

_CODE = r"(?P<code>[A-Z0-9](?:[A-Z0-9]|[-/.](?=[A-Z0-9])){2,24})"
_NUMBER = r"(?:\s*(?:no|nr|num|number|nummer|núm|numéro|numero|número|n[°º]|#|id|code)\b\.?|\s*(?:n[°º]|#))?\s*(?:is|ist|est|es|è)?\s*[:#=]?\s*"

_LABELS = (
    ("medical_record", r"mrn|medical record|patient(?:en)?(?:\s?id|[- ]?(?:no|nr|number|nummer))|patient id|chart|hospital (?:no|number)|fallnummer|dossier médical|historia clínica|cartella clinica"),
    ("health_plan", r"health plan|member id|policy|policyholder|insurance (?:id|no|number|policy)|versichertennummer|krankenversicherung\w*|mutuelle|póliza|polizza|subscriber id|beneficiary"),
    ("account", r"account|acct|a/c|konto(?:nummer)?|compte|cuenta|conto|conta|rekening(?:nummer)?|sort code|routing"),
    ("licence", r"(?:driver'?s?|driving)[ -]?licen[cs]e|licen[cs]e|certificate|führerschein(?:nummer)?|permis(?: de conduire)?|carnet de conducir|patente|rijbewijs(?:nummer)?|prawo jazdy|dea"),
    ("passport", r"passport|reisepass|passeport|pasaporte|passaporto|paspoort|paszport|identity card|id card|ausweis(?:nummer)?|personalausweis\w*"),
    ("plate", r"(?:number|licen[cs]e|registration) plate|plate|registration|reg|kennzeichen|plaque|immatriculation|matrícula|targa|kenteken"),
    ("device", r"serial|s/n|device(?: id)?|seriennummer|gerätenummer|numéro de série|pacemaker|implant"),
    ("customer", r"customer|client|member|membership|employee|student|case|loyalty|kunden?(?:nummer)?|mitglied(?:s)?(?:nummer)?|personalnummer|client n|cliente|klant(?:nummer)?|klient"),
)  # fmt: skip
_COMPILED = tuple(
    (kind, re.compile(r"(?<!\w)(?i:" + words + r")(?!\w)" + f"(?i:{_NUMBER})" + _CODE + r"(?![\w])"))
    for kind, words in _LABELS
)
_PLATE = re.compile(
    r"(?<!\w)(?i:plate|registration|reg|kennzeichen|immatriculation|matrícula|targa|kenteken)(?!\w)"
    + f"(?i:{_NUMBER})"
    + r"(?P<code>[A-ZÄÖÜ]{1,3}[ -][A-Z0-9]{1,4}(?:[ -][A-Z0-9]{1,4})?|[A-Z]{2}\d{2} ?[A-Z]{3})(?!\w)"
)
_USER = re.compile(
    r"(?<!\w)(?i:user ?name|login|user id|user|handle|benutzername|identifiant|usuario)\s*(?:is|ist)?\s*[:=]?\s*(?P<code>[a-z][\w.-]*[\d_.][\w.-]*\w)"
)

_MONTHS = (
    r"jan\w*|feb\w*|mar\w*|mär\w*|apr\w*|may|mai\w*|jun\w*|jul\w*|aug\w*|sep\w*|o[ck]t\w*|nov\w*|de[cz]\w*|janv\w*|févr\w*|avr\w*|juin|juil\w*|août|"
    r"ene\w*|abr\w*|ago\w*|dic\w*|gen\w*|mag\w*|giu\w*|lug\w*|set\w*|ott\w*"
)
DATE = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ]{1,2}\d{1,2}[-/. ]{1,2}\d{4}|\d{1,2}[/.]\d{1,2}[/.]\d{2}|"
    rf"\d{{1,2}}\.? (?:de )?(?:{_MONTHS})\.?,? (?:de )?\d{{4}}|(?:{_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{4}}年\d{{1,2}}月\d{{1,2}}日)"
)
"""A date as it is written in several languages, as a regular expression."""
_DATE = re.compile(r"(?<![0-9A-Za-z_.-])" + DATE + r"(?![0-9A-Za-z_]|[-.]\d)", re.IGNORECASE)
_BORN = re.compile(
    r"(?:\b(?:born|dob|d\.o\.b|date of birth|birth ?(?:date|day)|geb(?:oren|urtsdatum|\.)?|née? le|née?|date de naissance|nacid[oa]|fecha de nacimiento|"
    r"nat[oa]|data di nascita|nascid[oa]|data de nascimento|geboren|geboortedatum|född|födelsedatum|syntynyt|syntymäaika|urodzon[ya]|ur\.|data urodzenia|"
    r"doğum(?: tarihi)?|γεννήθηκε|ημερομηνία γέννησης|народ\w+)|生年月日|生まれ)\W{0,3}(?:\w{1,4}\W{1,2}){0,2}$",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"\b(?:aged?|age of|alter|âgée? de|edad|età|leeftijd)\W{1,2}(?P<code>9\d|1[0-2]\d)\b|\b(?P<more>9\d|1[0-2]\d)[- ](?:years?[- ]old|y/?o\b|jahre alt|ans\b|años|anni\b|jaar oud)",
    re.IGNORECASE,
)


def find_labelled(text: str) -> Iterator[Span]:
    """Pieces that a word before them tells."""
    if not any(c.isdecimal() for c in text):
        return
    for kind, pattern in _COMPILED:
        for m in pattern.finditer(text):
            code = m.group("code")
            if sum(c.isdecimal() for c in code) >= 3 and not _DATE.fullmatch(code):
                yield Span(m.start("code"), m.end("code"), kind, 0.92, "the word before it")
    for m in _PLATE.finditer(text):
        if any(c.isdecimal() for c in m.group("code")):
            yield Span(m.start("code"), m.end("code"), "plate", 0.93, "the word before it, and the form")
    for m in _USER.finditer(text):
        yield Span(m.start("code"), m.end("code"), "username", 0.85, "the word before it")
    for m in _DATE.finditer(text):
        if _BORN.search(text[max(0, m.start() - 40) : m.start()]):
            yield Span(m.start(), m.end(), "birth_date", 0.97, "a date, and the word before it")
    for m in _AGE.finditer(text):
        group = "code" if m.group("code") else "more"
        yield Span(m.start(group), m.end(group), "age", 0.95, "an age over 89")


def find_dates(text: str) -> Iterator[Span]:
    """All dates, of birth or not."""
    for m in _DATE.finditer(text):
        yield Span(m.start(), m.end(), "date", 0.6, "the form of a date")
