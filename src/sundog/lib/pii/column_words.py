"""Words in the names of columns that speak for a kind of identifier, or for a special category of personal data.

The only list of such words: what looks into values (``columns``) and what sees names alone (the privacy report) both read it.
Names of columns are taken apart into words in lower case first (``PatientDOB`` is patient, dob) and joined by blanks.
Special categories: Regulation (EU) 2016/679, Article 9(1); criminal convictions and offences: Article 10. A name is a hint, no proof:
whoever reads the inventory decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Words = tuple[tuple[str, re.Pattern[str]], ...]


def _any(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^| )(?:{words})(?: |$)")


KIND_WORDS: Words = (
    ("fax", _any(r"fax|telefax|faxnumber|faxnummer|faks")),
    ("email", _any(r"e ?mails?|email ?address|mail|courriel|correo|posta|sähköposti|epost|e post")),
    ("ip", _any(r"ip|ip ?address|ip ?addr|ipv4|ipv6")),
    ("mac", _any(r"mac|mac ?address|mac ?addr|bssid")),
    ("imei", _any(r"imei|meid")),
    ("vin", _any(r"vin|chassis|fahrgestellnummer|fin")),
    ("iban", _any(r"iban")),
    ("card", _any(r"(?:credit|debit|payment|bank) ?card(?: ?number| ?no)?|card ?(?:number|no|nr|num)|cc(?: ?num(?:ber)?| ?no)?|pan|kreditkarte|kartennummer|tarjeta|carte")),
    ("us_ssn", _any(r"ssn|social ?security(?: ?number| ?no)?")),
    ("de_tax", _any(r"steuer ?id|idnr|steueridentifikationsnummer|steuernummer")),
    ("uk_nino", _any(r"nino|national ?insurance(?: ?number| ?no)?|ni ?number")),
    ("uk_nhs", _any(r"nhs(?: ?number| ?no)?")),
    ("nl_bsn", _any(r"bsn|burgerservicenummer")),
    ("pl_pesel", _any(r"pesel")),
    ("br_cpf", _any(r"cpf")),
    ("it_cf", _any(r"codice ?fiscale|cf")),
    ("es_dni", _any(r"dni|nie|nif")),
    ("fr_nir", _any(r"nir|numero ?secu|securite ?sociale")),
    ("se_pnr", _any(r"personnummer|pnr")),
    ("fi_hetu", _any(r"hetu|henkilotunnus")),
    ("in_aadhaar", _any(r"aadhaar|aadhar")),
    ("medical_record", _any(r"mrn|medical ?record(?: ?(?:number|no|id))?|chart ?(?:no|number)|patient ?(?:id|no|nr|number)|patienten ?(?:id|nr|nummer)|fallnummer|hospital ?(?:no|number)")),
    ("health_plan", _any(r"health ?plan(?: ?(?:id|no|number))?|policy ?(?:id|no|nr|number)|insurance ?(?:id|no|number)|versichertennummer|policennummer|subscriber ?id|beneficiary(?: ?id)?|member ?id")),
    ("licence", _any(r"(?:driver'?s?|driving) ?licen[cs]e(?: ?(?:no|number))?|licen[cs]e ?(?:no|number|id)|certificate ?(?:no|number)|führerschein(?:nummer)?|fuehrerschein|permis|dea(?: ?number)?")),
    ("passport", _any(r"passport(?: ?(?:no|nr|number))?|reisepass(?:nummer)?|passeport|pasaporte|passaporto|paspoort|ausweis(?:nummer)?|id ?card(?: ?(?:no|number))?")),
    ("plate", _any(r"(?:number|licen[cs]e|registration) ?plate|plate|plate ?(?:no|number)|kennzeichen|immatriculation|matricula|targa|kenteken")),
    ("device", _any(r"serial(?: ?(?:no|number))?|device ?(?:id|serial)|seriennummer|udid|idfa|advertising ?id|android ?id")),
    ("account", _any(r"(?:bank ?)?account ?(?:no|nr|num|number|id)|acct ?(?:no|num|number)?|konto(?: ?(?:nr|nummer))?|kontonummer|compte|cuenta|rekening(?:nummer)?")),
    ("username", _any(r"user ?name|login|user|nick ?name|handle|screen ?name|benutzername|usuario|identifiant")),
    ("customer", _any(r"(?:customer|client|member|employee|student|staff|user|person|subject|participant|case)s? ?(?:id|no|nr|num|number|key)|kunden? ?(?:id|nr|nummer)|kundennummer|personalnummer|mitgliedsnummer|matrikelnummer")),
    ("birth_date", _any(r"dob|d o b|(?:date ?of ?)?birth(?: ?(?:date|day|dt))?|birthdate|birthday|geb(?:urts)?(?: ?datum)?|geburtsdatum|geburtstag|naissance|date ?naissance|nacimiento|fecha ?nacimiento|nascita|data ?nascita|nascimento|geboortedatum|födelsedatum|syntymäaika|doğum ?tarihi|urodzenia")),
    ("phone", _any(r"(?:tele)?phone(?: ?(?:no|nr|num|number))?|tel|mobile(?: ?(?:no|number|phone))?|cell(?: ?phone)?|cellphone|handy|telefon(?:nummer)?|msisdn|telefono|teléfono|téléphone|portable|telefone|telefonu|movil|móvil|komórka|puhelin|rufnummer|whatsapp")),
    ("address", _any(r"(?:home|street|postal|mailing|billing|shipping)? ?address(?: ?(?:line)?)?|addr|street|strasse|straße|adresse|adresse|anschrift|direccion|dirección|indirizzo|endereco|endereço|adres|adress|osoite|rue|calle")),
    ("city", _any(r"city|town|village|municipality|ort|stadt|wohnort|gemeinde|ville|commune|ciudad|municipio|comune|citta|cidade|plaats|miasto|kaupunki|county|district|landkreis")),
    ("postcode", _any(r"zip(?: ?code)?|zipcode|post ?code|postal ?code|postcode|plz|postleitzahl|code ?postal|cap|cep|codigo ?postal")),
    ("coordinates", _any(r"lat(?:itude)?|lon|longitude|lng|geo ?lat|geo ?lon|coordinates")),
    ("photo", _any(r"photo|portrait|face|selfie|picture|image|foto|lichtbild|mugshot")),
    ("biometric", _any(r"biometric(?:s)?|fingerprint|finger ?print|iris ?(?:scan|code)|retina|voice ?print|face ?(?:template|embedding)|palm")),
    ("name", _any(r"(?:first|last|given|family|middle|full|maiden|customer|patient|client|contact|user|person|employee|card ?holder|holder|beneficiary|account)? ?names?|surname|forename|firstname|lastname|fullname|vorname|nachname|familienname|nom|prenom|prénom|nombre|apellidos?|nome|cognome|sobrenome|voornaam|achternaam|naam|imie|imię|nazwisko|förnamn|efternamn|etunimi|sukunimi|isim|soyad(?:ı)?")),
    ("national", _any(r"national ?(?:id|no|number)|tax ?(?:id|no|number)|tax ?or ?id|tin|personal ?(?:id|no|number|code)|id ?(?:no|number)|identity ?(?:no|number)|sin|tfn|cpr|fnr|ahv|amka|tckn|tc ?kimlik|rnokpp|inn|my ?number|numéro ?fiscal|número ?fiscal|numer ?dowodu|nip")),
)  # fmt: skip
"""Kind and the words of a name that speak for it, the most telling first."""

WITH_VALUES: Words = (
    ("coordinates", _any(r"long")),
    ("age", _any(r"age|alter|edad|eta|età|idade|leeftijd|wiek|ålder|ikä|yaş|age ?years")),
    ("name", _any(r"first|last|given|contact(?: ?person)?|doctor|physician|agent|cardholder|holder|insured|ansprechpartner(?:in)?|manager|advis[eo]r|clerk|teller|nurse|surgeon|attending|owner|author|signatory|guardian|spouse|berater(?:in)?|betreuer(?:in)?|sachbearbeiter(?:in)?|arzt|ärztin|conseiller|conseillère|médecin|gestor(?:a)?|asesor(?:a)?|médico|opiekun|doradca|lekarz")),
)  # fmt: skip
"""Kind and words that say something only beside values that agree: ages over 89, names that are known."""

WITHOUT_VALUES: Words = (
    ("date", _any(r"admission|admitted|discharged?|death|died|date|datum|fecha|data|joined|hired|visit")),
    ("url", _any(r"url|web ?site|home ?page|link")),
    ("card", _any(r"cards?")),
    ("account", _any(r"accounts?")),
    ("health_plan", _any(r"insurance|policy|beneficiary")),
    ("licence", _any(r"licen[cs]e|certificate")),
    ("plate", _any(r"vehicle")),
    ("device", _any(r"serial|imsi|device")),
    ("coordinates", _any(r"geo")),
    ("biometric", _any(r"iris")),
    ("name", _any(r"initials")),
    ("code", _any(r"id|uuid|guid|identifier|key")),
)  # fmt: skip
"""Kind and words of names that may mean it, where the values cannot be seen: a report says "perhaps"."""

SPECIAL_WORDS: Words = (
    ("racial or ethnic origin", _any(r"race|ethnic(?:ity| ?origin| ?group)?|skin(?: ?colou?r)?|tribe|caste|ethnie|herkunft|etnia|origine ?ethnique|native ?language|nationality|native ?country")),
    ("political opinions", _any(r"politic(?:s|al(?: ?(?:party|view|opinion|affiliation))?)|party ?(?:affiliation|membership)|vote[ds]?(?: ?for)?|partei|voter")),
    ("religious or philosophical beliefs", _any(r"relig(?:ion|ious)(?: ?\w+)?|faith|church|denomination|konfession|belief|kirchensteuer|religión")),
    ("trade union membership", _any(r"(?:trade ?)?union(?: ?(?:member(?:ship)?|name))?|gewerkschaft|syndicat|sindicato")),
    ("genetic data", _any(r"genetic(?:s)?|genes?|genotype|genome|dna|snp|brca\w*|allele|karyotype")),
    ("biometric data", _any(r"biometric(?:s)?|fingerprint|iris ?(?:scan|code)|voice ?print|face ?(?:template|embedding)|retina")),
    ("health", _any(r"health(?:care)?(?: \w+)?|diagnos[ie]s(?: ?code)?|diagnose|disease|illness|icd(?: ?\w+)?|medication|drug|prescription|disab(?:led|ility)|bmi|blood(?: \w+)?|hiv(?: ?\w+)?|cancer|diabet(?:es|ic)|pregnan(?:t|cy)|smok(?:er|ing)|alcohol|allerg(?:y|ies)|symptoms?|therapy|treatment|vaccin\w*|covid\w*|krankheit|cholesterol|glucose|insulin|hospital\w*|mental|depress\w+|stroke|tumou?r|surgery|medical(?: ?\w+)?")),
    ("sex life or sexual orientation", _any(r"sexual(?: ?\w+)?|orientation|lgbt\w*|partner ?(?:sex|gender)|gender ?identity")),
    ("criminal convictions and offences", _any(r"convict(?:ed|ion)s?|offen[cs]es?|arrest(?:ed|s)?|crim(?:e|inal)(?: ?\w+)?|felony|prison|sentence|recidiv\w*|vorstrafen?")),
)  # fmt: skip
"""Special category and the words of a name that suggest it."""

_QUASI = _any(
    r"age|sex|gender|education|school|occupation|job|profession|employer|marital|relationship|nationality|citizenship|country|native|language|income|salary|region|state|height|weight|year|children"
)


def hint_kind(words: Sequence[str], *, values: bool) -> str:
    """Kind of identifier that the name of a column speaks for; empty for none.

    Args:
        words: of the name, in lower case.
        values: they are seen too, and decide; else the name is all there is.
    """
    joined = " ".join(words)
    more = WITH_VALUES if values else WITHOUT_VALUES
    for kind, pattern in KIND_WORDS + more:
        if pattern.search(joined):
            return kind
    return ""


def hint_special(words: Sequence[str]) -> str:
    """Special category that the name of a column suggests; empty for none."""
    joined = " ".join(words)
    return next((category for category, pattern in SPECIAL_WORDS if pattern.search(joined)), "")


def is_quasi(words: Sequence[str]) -> bool:
    """Whether columns of this name are often known to others and so help to single somebody out."""
    return _QUASI.search(" ".join(words)) is not None
