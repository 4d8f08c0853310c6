"""What the lists do not say of a locale: titles, how an address and a telephone number are written, and legal forms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One locale.

    Attributes:
        country: ISO 3166-1 alpha-2.
        dialling: country calling code.
        mimesis: folder of the locale in Mimesis.
        titles: of a woman and of a man.
        houses: masks of house numbers, the more common ones more often.
        number_first: whether the house number stands before the street.
        landline: national number, with {area}; or one by area code, "" for any other.
        mobile: masks of mobile numbers.
        phone_rule: why nobody has such a number.
        legal: legal forms with their separators; a leading ^ puts one before the name.
        joiners: what may stand between two surnames in the name of a company.
        family_first: whether the surname is written first.
        joined: what stands between the two names.
    """

    country: str
    dialling: str
    mimesis: str
    titles: tuple[str, str]
    houses: tuple[str, ...]
    number_first: bool
    landline: dict[str, str]
    mobile: tuple[str, ...]
    phone_rule: str
    legal: tuple[str, ...]
    joiners: tuple[str, ...]
    family_first: bool = False
    joined: str = " "


_SHORT = ("%", "%#", "%#", "1##")
_LONG = ("%", "%#", "%##", "%###")
_NO_NUMBER = "no range is kept for fiction; no number of a subscriber begins with 0 behind the area code"

SETTINGS = {
    "en_US": Setting(
        "US", "1", "en", ("Ms.", "Mr."), ("%#", "%##", "%##", "%###", "%###", "%####"), True,
        {"": "({area}) 555-01##"}, ("({area}) 555-01##",), "555-0100 to 555-0199 are kept for fiction",
        (" Inc.", " LLC", " Corp.", " Ltd.", " Group", " & Sons"), (" and ", "-", " & "),
    ),
    "en_GB": Setting(
        "GB", "44", "en-gb", ("Ms", "Mr"), _SHORT, True,
        {
            "020": "020 7946 0###", "0113": "0113 496 0###", "0114": "0114 496 0###", "0115": "0115 496 0###",
            "0116": "0116 496 0###", "0117": "0117 496 0###", "0121": "0121 496 0###", "0131": "0131 496 0###",
            "0141": "0141 496 0###", "0151": "0151 496 0###", "0161": "0161 496 0###", "0191": "0191 498 0###",
            "028": "028 9649 6###", "029": "029 2018 0###",
        },
        ("07700 900###",), "Ofcom keeps these numbers for drama",
        (" Ltd", " Ltd", " PLC", " LLP", " Group", " & Sons"), (" and ", "-", " & "),
    ),
    "de_DE": Setting(
        "DE", "49", "de", ("Frau", "Herr"), ("%", "%#", "%#", "%#", "1##", "%a", "%#a"), False,
        {
            "030": "030 23125###", "040": "040 66969###", "069": "069 90009###", "0221": "0221 4710###",
            "089": "089 99998###", "": "{area} 0######",
        },
        ("0171 39200##", "0176 040690##"),
        "numbers that the Bundesnetzagentur and the operators keep for media; elsewhere, " + _NO_NUMBER,
        (" GmbH", " GmbH", " GmbH & Co. KG", " AG", " KG", " OHG", " e.K."), (" & ", "-", " und "),
    ),
    "de_AT": Setting(
        "AT", "43", "de-at", ("Frau", "Herr"), ("%", "%#", "%#", "%#/%", "%#/%#"), False,
        {"": "{area} 0######"}, ("0649 #######",), _NO_NUMBER + "; 0649 is not assigned",
        (" GmbH", " GmbH", " KG", " OG", " AG", " e.U."), (" & ", "-", " und "),
    ),
    "fr_FR": Setting(
        "FR", "33", "fr", ("Mme", "M."), ("%", "%#", "%#", "1##", "%# bis"), True,
        {
            "01": "01 99 00 ## ##", "02": "02 61 91 ## ##", "03": "03 53 01 ## ##", "04": "04 65 71 ## ##",
            "05": "05 36 49 ## ##",
        },
        ("06 39 98 ## ##",), "ARCEP keeps these numbers for audiovisual works",
        (" SARL", " SAS", " SA", " et Fils", " SNC"), (" et ", "-", " & "),
    ),
    "es_ES": Setting(
        "ES", "34", "es", ("Sra.", "Sr."), _SHORT, False,
        {"": "970 ### ###"}, ("75# ### ###",), "no range is kept for fiction; the prefixes 970, which is no area's, and 75 are not assigned",
        (" S.L.", " S.L.", " S.A.", " S.L.U.", " S. Coop."), (" y ", "-", " & "),
    ),
    "it_IT": Setting(
        "IT", "39", "it", ("Sig.ra", "Sig."), _SHORT, False,
        {"": "{area} 0######"}, ("30# ### ####",), _NO_NUMBER + "; the prefix 30 is not assigned",
        (" S.r.l.", " S.r.l.", " S.p.A.", " S.n.c.", " e Figli"), (" e ", "-", " & "),
    ),
    "pt_BR": Setting(
        "BR", "55", "pt-br", ("Sra.", "Sr."), ("%#", "%##", "%##", "%###"), False,
        {"": "({area}) 0###-####"}, ("({area}) 1###-####",), _NO_NUMBER + ", nor with 1",
        (" Ltda.", " Ltda.", " S.A.", " ME", " e Filhos"), (" e ", "-", " & "),
    ),
    "nl_NL": Setting(
        "NL", "31", "nl", ("mevr.", "dhr."), _SHORT, False,
        {"": "{area} 0######"}, ("06 0#######",), _NO_NUMBER + "; mobile numbers do not begin with 060",
        (" B.V.", " B.V.", " N.V.", " Groep", " V.O.F."), (" & ", "-", " en "),
    ),
    "pl_PL": Setting(
        "PL", "48", "pl", ("Pani", "Pan"), ("%", "%#", "%#", "1##", "%/%", "%#/%#"), False,
        {"": "{area} 0## ## ##"}, ("40# ### ###",), _NO_NUMBER + "; the prefix 40 is not assigned",
        (" Sp. z o.o.", " Sp. z o.o.", " S.A.", " Sp.j.", " s.c."), (" i ", "-", " & "),
    ),
    "sv_SE": Setting(
        "SE", "46", "sv", ("Fru", "Herr"), ("%", "%#", "%#", "%#A"), False,
        {
            "08": "08-465 004 ##", "031": "031-390 06 ##", "040": "040-628 04 ##", "0980": "0980-31 92 ##",
            "": "{area}-0## ## ##",
        },
        ("070-174 06 %#",), "numbers that PTS keeps for fiction; elsewhere, " + _NO_NUMBER,
        (" AB", " AB", " HB", " KB"), (" & ", "-", " och "),
    ),
    "fi_FI": Setting(
        "FI", "358", "fi", ("Rouva", "Herra"), ("%", "%#", "%#", "%# A %", "%# B %#"), False,
        {"": "{area} 0######"}, ("049 #######",), _NO_NUMBER + "; 049 is not assigned",
        (" Oy", " Oy", " Oyj", " Ky", " Tmi"), (" & ", "-", " ja "),
    ),
    "tr_TR": Setting(
        "TR", "90", "tr", ("Bayan", "Bay"), ("No: %", "No: %#", "No: %#/%", "No: %#/%#"), False,
        {"": "{area} 0## ## ##"}, ("0520 ### ## ##",), _NO_NUMBER + "; 0520 is not assigned",
        (" A.Ş.", " Ltd. Şti.", " Ltd. Şti.", " Tic. A.Ş."), (" ve ", "-", " & "),
    ),
    "ja_JP": Setting(
        "JP", "81", "ja", ("様", "様"), ("%-%-%", "%-%#-%", "%-%#-%#"), False,
        {"03": "03-0###-####", "06": "06-0###-####", "": "{area}-0##-####"}, ("090-0###-####",),
        _NO_NUMBER + "; nor behind 090",
        ("^株式会社", "株式会社", "^有限会社", "^合同会社", "合同会社"), ("・",), family_first=True, joined=" ",
    ),
    "el_GR": Setting(
        "GR", "30", "el", ("Κα", "Κος"), _SHORT, False,
        {"": "{area} 0######"}, ("60# ### ####",), _NO_NUMBER + "; the prefix 60 is not assigned",
        (" Α.Ε.", " Ε.Π.Ε.", " Ο.Ε.", " Ι.Κ.Ε.", " και Υιοί"), (" και ", "-", " & "),
    ),
    "uk_UA": Setting(
        "UA", "380", "uk", ("Пані", "Пан"), ("%", "%#", "%#", "1##"), False,
        {"": "{area} 0## ## ##"}, ("040 ### ## ##",), _NO_NUMBER + "; 040 is not assigned",
        (" ТОВ", " ПП", " ФОП", " та Сини"), (" і ", "-", " та "),
    ),
}  # fmt: skip
