"""Builds src/sundog/data/words/ from packages on PyPI and the lists in tools/words/.

In a throw-away environment:

    pip install faker==40.63.0 mimesis==22.2.0 names==0.3.0 zipcodes==3.0.0 phonenumbers==9.0.43 pyarrow
    python tools/build_words.py            # writes the files
    python tools/build_words.py --check    # looks every area code and telephone number up

Lists are cut to their common part: given names that two lists hold, else the shorter list.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
from words.latin import fold
from words.settings import SETTINGS, Setting

HERE = Path(__file__).parent / "words"
OUT = Path(__file__).parent.parent / "src" / "sundog" / "data" / "words"
Named = dict[str, float]
"""Name to weight."""

SIGNS = "#%Aa*[\\"


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    if "--check" in sys.argv:
        check_phones()
        return
    total = 0
    for locale, setting in SETTINGS.items():
        columns = build_locale(locale, setting)
        total += write_locale(locale, setting, columns)
    write_origins()
    print(f"{len(SETTINGS)} locales, {total:,} bytes")


def write_locale(locale: str, setting: Setting, columns: dict[str, list[object]]) -> int:
    facts = {
        "country": setting.country,
        "phone_rule": setting.phone_rule,
        "family_first": setting.family_first,
        "number_first": setting.number_first,
        "joined": setting.joined,
        "dialling": setting.dialling,
    }
    arrays = {}
    for name, values in columns.items():
        kind = pa.float32() if values and isinstance(values[0], float) else pa.string()
        arrays[name] = pa.array([values], pa.list_(kind))
    table = pa.table(arrays).replace_schema_metadata({"facts": json.dumps(facts, ensure_ascii=False)})
    path = OUT / f"{locale}.arrow"
    options = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=19))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    counts = {
        k: len(v) for k, v in columns.items() if v and k in ("given_f", "given_m", "surname_f", "street", "city", "job")
    }
    print(f"{locale}: {path.stat().st_size:,} bytes, {counts}")
    return path.stat().st_size


def build_locale(locale: str, setting: Setting) -> dict[str, list[object]]:
    latin: dict[str, str] = {}
    female, male = find_given(locale, setting, latin)
    surnames = find_surnames(locale, setting, latin)
    columns: dict[str, list[object]] = {}
    for name, found in (("given_f", female), ("given_m", male)):
        columns[name], columns[f"{name}_weight"] = list(found), list(found.values())
        columns[f"{name}_ascii"] = [latin.get(n) or fold(n, locale) for n in found]
    for k, name in enumerate(("surname_f", "surname_m")):
        columns[name] = [pair[k] for pair in surnames]
        columns[f"{name}_ascii"] = [latin.get(pair[k]) or fold(pair[k], locale) for pair in surnames]
    columns["surname_weight"] = list(surnames.values())
    if columns["surname_f"] == columns["surname_m"]:
        columns["surname_m"] = columns["surname_m_ascii"] = []
    columns["title"] = list(setting.titles)
    streets = find_streets(locale, setting)
    columns["street"], columns["street_weight"] = list(streets), list(streets.values())
    columns["house"] = list(setting.houses)
    columns |= find_places(locale, setting)
    columns["legal"], columns["joiner"] = list(setting.legal), list(setting.joiners)
    columns["job"] = list(find_jobs(locale, setting))
    assert all(columns["given_f_ascii"])
    assert all(columns["surname_f_ascii"])
    return columns


def provider(kind: str, locale: str) -> object:
    return importlib.import_module(f"faker.providers.{kind}.{locale}").Provider


def read_mimesis(setting: Setting, name: str) -> dict[str, object]:
    package = importlib.import_module("mimesis")
    return json.loads(
        (Path(package.__file__).parent / "datasets" / setting.mimesis / f"{name}.json").read_text("utf-8")
    )


def clean(names: object) -> Named:
    """Names of letters, each once, with their weights where there are any."""
    found: Named = {}
    pairs = names.items() if isinstance(names, dict) else ((n, 1.0) for n in names)
    for name, weight in pairs:
        name = str(name).strip()
        if re.fullmatch(r"[^\W\d_][\w'’ -]*\w", name) and len(name) <= 20:
            found[name] = max(found.get(name, 0.0), float(weight))
    return found


PARTICLES = frozenset(
    [
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
        "'t",
        "ten",
        "ter",
        "van",
        "von",
        "y",
        "zu",
        "zum",
        "zur",
    ]
)
"""Words that may stand before the last word of a surname; capitals are not looked at."""


def keep_surnames(names: Named) -> Named:
    """Without what is no surname: several words that are not particles and one name, lower-case words, Roman numerals."""
    return {name: weight for name, weight in names.items() if is_surname(name)}


def is_surname(name: str) -> bool:
    """Whether a name is one word with a capital, behind particles if any: ``van der Berg``, not ``Dussen van`` or ``Koch II``."""
    *before, last = name.split(" ")
    return (
        all(w.lower() in PARTICLES for w in before)
        and not (before and last.lower() in PARTICLES)
        and re.match("[^\\W_a-z]", last) is not None
    )


UNWRITTEN = frozenset({"Jaen", "Oran"})
"""Words without their accents that no other list gives away."""


def keep_spelt(streets: list[str], texts: list[str]) -> list[str]:
    """Without names that lack an accent which one of the texts has (``Sao`` beside ``São``), or have a capital in the middle (``De``)."""
    words = {w for text in (*streets, *texts) for w in re.findall(r"\w+", text)}
    bare = {strip_accents(w) for w in words if strip_accents(w) != w} | UNWRITTEN
    return [
        s for s in streets
        if not any(w in bare for w in re.findall(r"\w+", s)) and not re.search(r" (De|Da|Do|Das|Dos|Del|E|Y) ", s)
    ]  # fmt: skip


def strip_accents(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def cut(found: Named, most: int) -> Named:
    """The heaviest ones; of equally heavy ones some from all over the list."""
    if len(found) <= most:
        return found
    if len(set(found.values())) > 1:
        return dict(sorted(found.items(), key=lambda item: -item[1])[:most])
    step = len(found) / most
    names = list(found)
    return {names[int(i * step)]: 1.0 for i in range(most)}


def share(first: Named, second: Named, least: int) -> Named:
    """What both lists hold, with the weights of the first; the first list where that is too little."""
    both = {name: weight for name, weight in first.items() if name in second}
    return both if len(both) >= least else first


def read_census(name: str, cases: dict[str, str]) -> Named:
    """A frequency file of the United States Census of 1990, in capital letters, with per cent."""
    path = Path(importlib.import_module("names").__file__).parent / name
    found: Named = {}
    for line in path.read_text().splitlines():
        word, weight = line.split()[:2]
        cased = cases.get(word) or re.sub(r"^Mc([a-z])(?=.{2})", lambda m: "Mc" + m[1].upper(), word.capitalize())
        found[cased] = float(weight)
    return found


def find_given(locale: str, setting: Setting, latin: dict[str, str]) -> tuple[Named, Named]:
    if locale == "en_US":
        cases = {re.sub(r"\W", "", n).upper(): n for n in provider("person", "en_US").first_names}
        return tuple(cut(read_census(f"dist.{s}.first", cases), 400) for s in ("female", "male"))  # type: ignore[return-value]
    if locale == "ja_JP":
        return read_japanese("female", latin), read_japanese("male", latin)
    if locale == "tr_TR":
        return read_turkish("female"), read_turkish("male")
    found = []
    for sex in ("female", "male"):
        first = clean(getattr(provider("person", locale), f"first_names_{sex}"))
        second = clean(read_mimesis(setting, "person")["names"][sex])  # type: ignore[index]
        least = 80
        if locale in ("pt_BR", "uk_UA"):  # the two lists hardly meet: Faker's own is taken
            least = 10**6
        if locale == "pl_PL" and sex == "female":
            first = dict.fromkeys(list(first) + list(cut(second, 120)), 1.0)
        found.append(cut(share(first, second, least), 300))
    both = set(found[0]) & set(found[1])
    return tuple({n: w for n, w in f.items() if n not in both or locale == "en_GB"} for f in found)  # type: ignore[return-value]


def read_turkish(key: str) -> Named:
    line = next(x for x in (HERE / "turkish.txt").read_text("utf-8").splitlines() if x.startswith(key + ":"))
    return dict.fromkeys(line.split(": ")[1].split(", "), 1.0)


def read_japanese(key: str, latin: dict[str, str]) -> Named:
    line = next(x for x in (HERE / "japanese.txt").read_text("utf-8").splitlines() if x.startswith(key + ":"))
    found: Named = {}
    for item in line.split(": ")[1].split():
        name, letters = item.split("/")
        found[name], latin[name] = 1.0, letters
    if key == "surname":
        weights = {pair[0]: float(w) for pair, w in provider("person", "ja_JP").last_name_pairs.items()}
        least = min(weights.values())
        found = {name: weights.get(name, least * 0.6) for name in found}
    return found


def find_surnames(locale: str, setting: Setting, latin: dict[str, str]) -> dict[tuple[str, str], float]:
    """Form of a woman and of a man, with weight."""
    if locale == "en_US":
        cases = {re.sub(r"\W", "", n).upper(): n for n in provider("person", "en_US").last_names}
        return {(n, n): w for n, w in cut(read_census("dist.all.last", cases), 1000).items()}
    if locale == "ja_JP":
        return {(n, n): w for n, w in read_japanese("surname", latin).items()}
    if locale in ("pl_PL", "el_GR", "uk_UA"):
        return find_paired(locale, setting)
    if locale == "tr_TR":
        return {(n, n): w for n, w in read_turkish("surname").items()}
    first = keep_surnames(clean(provider("person", locale).last_names))
    second = keep_surnames(clean(read_mimesis(setting, "person")["surnames"]))
    return {(n, n): w for n, w in cut(share(first, second, 150), 400).items()}


def find_paired(locale: str, setting: Setting) -> dict[tuple[str, str], float]:
    """Surnames that a woman writes otherwise than a man."""
    faker = provider("person", locale)
    if locale == "pl_PL":
        male = list(clean(faker.male_last_names))
        pairs = [(m[:-1] + "a" if m.endswith(("ski", "cki", "dzki")) else m, m) for m in male]
        plain = [n for n in clean(faker.unisex_last_names) if not n.endswith(("i", "y", "a", "e"))]
        pairs += [(n, n) for n in list(dict.fromkeys(plain))[:200]]
    elif locale == "el_GR":
        female = set(faker.last_names_female)
        pairs = []
        for m in clean(faker.last_names_male):
            for end, other in (("όπουλος", "οπούλου"), ("ης", "η"), ("ας", "α"), ("ής", "ή"), ("άς", "ά")):
                if m.endswith(end):
                    if m.removesuffix(end) + other in female:
                        pairs.append((m.removesuffix(end) + other, m))
                    break
    else:
        female = set(faker.last_names_female)
        pairs = [(n, n) for n in cut(clean(faker.last_names_common), 300)]
        for m in clean(faker.last_names_male):
            form = m[:-2] + "а" if m.endswith("ий") else m
            if form != m and form in female:
                pairs.append((form, m))
    return dict.fromkeys(dict.fromkeys(pairs), 1.0)


def find_streets(locale: str, setting: Setting) -> Named:
    """Common ones, and some from Mimesis where that list looks like one of streets."""
    line = next(x for x in (HERE / "streets.txt").read_text("utf-8").splitlines() if x.startswith(locale + ":"))
    found = dict.fromkeys(line.split(": ", 1)[1].split(", "), 4.0)
    looks = {
        "de_DE": r"[A-ZÄÖÜ][a-zäöüß]+(straße|weg|gasse|allee|platz|ring)",
        "de_AT": r"[A-ZÄÖÜ][a-zäöüß]+(straße|weg|gasse|allee|platz)",
        "es_ES": r"(Calle|Avenida|Plaza|Paseo) (de |del |de la )?[A-ZÁÉÍÓÚÑ][a-záéíóúñ]+",
        "nl_NL": r"[A-Z][a-z]+(straat|weg|laan|plein|dreef|hof)",
        "sv_SE": r"[A-ZÅÄÖ][a-zåäö]+(gatan|vägen|stigen|gränd)",
        "pl_PL": r"[A-ZŁŚŻĆ][a-złąęóśćńżź]+(owa|ska|cka|na)",
        "pt_BR": r"(Rua|Avenida|Travessa) [A-ZÁÉÍÓÚ][\w ]{3,20}",
    }.get(locale)
    if looks:
        names = [
            n for n in read_mimesis(setting, "address")["street"]["name"] if re.fullmatch(looks, n) and len(n) <= 26
        ]  # type: ignore[index]
        if locale in ("pt_BR", "es_ES"):
            places = [" ".join(map(str, row[:2])) for row in read_places(locale)]
            names = keep_spelt(names, [*found, *places, *clean(provider("person", locale).last_names)])
        found |= {n: 1.0 for n in cut(dict.fromkeys(names, 1.0), 250) if n not in found}
    if locale == "pl_PL":
        found = {f"ul. {n}" if n != "Rynek" else n: w for n, w in found.items()}
    return found


def escape(text: str) -> str:
    return "".join("\\" + c if c in SIGNS else c for c in text)


def find_places(locale: str, setting: Setting) -> dict[str, list[object]]:
    rows = read_zipcodes() if locale == "en_US" else read_places(locale)
    names = ("city", "region", "post", "area", "latitude", "longitude", "place_weight", "phone")
    columns: dict[str, list[object]] = {name: [row[k] for row in rows] for k, name in enumerate(names[:7])}
    landline = setting.landline
    columns["phone"] = [landline.get(a, landline.get("", "")).format(area=a) for a in columns["area"]]
    local = any("{area}" in mask for mask in setting.mobile)
    columns["mobile"] = [setting.mobile[0].format(area=a) for a in columns["area"]] if local else list(setting.mobile)
    for name in ("phone", "mobile"):
        columns[f"{name}_plus"] = [dial_abroad(str(mask), setting) for mask in columns[name]]
    assert all(columns["phone"]), locale
    return columns


def dial_abroad(mask: str, setting: Setting) -> str:
    """E.164: the country code and the national number without its trunk prefix 0, where there is one."""
    digits = re.sub(r"[^0-9#%]", "", mask)
    trunk = setting.country not in ("US", "IT", "ES", "PL", "GR", "BR")
    return f"+{setting.dialling}{digits.removeprefix('0') if trunk else digits}"


def read_places(locale: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for line in (HERE / "places.txt").read_text("utf-8").splitlines():
        if line.startswith(locale + "|"):
            _, city, region, post, area, latitude, longitude, people = line.split("|")
            if locale == "en_GB":
                letters = "[ABDEFGHJLNPQRSTUWXYZ]"
            else:
                letters = "[ABCDEGHJKLMNPRSTVWXZ]"
            mask = re.sub(r"[Aa*]", lambda m: "\\" + m[0], post).replace("@", letters)
            # Letters of a class must not be escaped: none of the classes of post codes holds a sign.
            rows.append((city, region, mask, area, float(latitude), float(longitude), float(people)))
    return rows


def read_zipcodes() -> list[tuple[object, ...]]:
    """ZIP codes of towns with at least three of them: where most people live."""
    states = dict(line.split(" ", 1) for line in (HERE / "states.txt").read_text("utf-8").splitlines())
    rows = [
        z for z in importlib.import_module("zipcodes").list_all()
        if z["zip_code_type"] == "STANDARD" and z["active"] and z["area_codes"] and z["state"] in states and float(z["lat"])
    ]  # fmt: skip
    count = Counter((z["city"], z["state"]) for z in rows)
    kept = [z for z in rows if count[z["city"], z["state"]] >= 3]
    return [
        (z["city"], states[z["state"]], z["zip_code"], z["area_codes"][0], float(z["lat"]), float(z["long"]), 1.0)
        for z in sorted(kept, key=lambda z: z["zip_code"])
    ]


def find_jobs(locale: str, setting: Setting) -> list[str]:
    if locale.startswith("de"):
        faker = provider("job", "de_AT")
        jobs = faker.jobs_male
        looks = r"[A-ZÄÖÜ][a-zäöüß]{3,20}"
    else:
        try:
            jobs = provider("job", locale).jobs
        except ImportError:
            jobs = ()
        english = locale.startswith("en")
        if english or len(jobs) < 60:
            jobs = read_mimesis(SETTINGS["en_US"] if english else setting, "person").get("occupation", jobs)
        looks = r"[^\W\d_][\w' -]{3,30}"
    found = dict.fromkeys((j[0].upper() + j[1:] for j in jobs if re.fullmatch(looks, j) and j.count(" ") <= 2), 1.0)
    return list(cut(found, 200))


def write_origins() -> None:
    """A table of what was used, for NOTICE and for the notes of a run."""
    version = importlib.metadata.version
    rows = [
        ("names", version("names"), "MIT; the lists: United States Census Bureau, 1990, public domain", "en_US given_f given_m surname_f"),
        ("zipcodes", version("zipcodes"), "MIT", "en_US city region post area latitude longitude"),
        ("Faker", version("faker"), "MIT", "given_f given_m surname_f surname_m job"),
        ("mimesis", version("mimesis"), "MIT", "given_f given_m surname_f street job"),
        ("Sundog", "", "Apache-2.0; facts", "ja_JP tr_TR given_f given_m surname_f; street city region post area latitude longitude title house phone mobile legal joiner"),
    ]  # fmt: skip
    text = "package\tversion\tlicence\tlists\n" + "".join("\t".join(row) + "\n" for row in rows)
    (OUT / "ORIGINS.tsv").write_text(text, "utf-8")


def check_phones() -> None:
    """Prints numbers that libphonenumber takes for valid ones (in reserved ranges that is as it should be)."""
    phonenumbers = importlib.import_module("phonenumbers")
    for locale, setting in SETTINGS.items():
        seen = Counter()
        for row in read_zipcodes()[:20] if locale == "en_US" else read_places(locale):
            mask = setting.landline.get(str(row[3]), setting.landline.get("", "")).format(area=row[3])
            for k in range(20):
                number = re.sub(r"[#%]", str(k % 9 + 1), mask)
                seen[mask] += phonenumbers.is_valid_number(phonenumbers.parse(number, setting.country))
        print(locale, setting.phone_rule, "|", {m: n for m, n in seen.items() if n})


if __name__ == "__main__":
    main()
