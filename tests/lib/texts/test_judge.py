"""Each rule of one text: texts that break it, and texts that look alike and do not."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sundog.core.errors import MissingExtra, RequestError
from sundog.lib.texts import languages
from sundog.lib.texts.columns import Row, find_made, mark_given, read_rows, read_texts
from sundog.lib.texts.encoding import find_encoding_faults
from sundog.lib.texts.judge import FAULTS, TextRules, count_personal, judge_rows
from sundog.lib.texts.languages import check_languages, find_languages, is_foreign
from sundog.lib.texts.lengths import estimate_tokens
from sundog.lib.texts.refusals import MAY_DECLINE, MAY_WRAP, find_boilerplate, find_refusal
from sundog.lib.texts.shapes import messages_field, text_field
from sundog.lib.texts.toxicity import MAY_BE_TOXIC, find_toxic

REFUSALS = (
    "I'm sorry, but I can't assist with that request.",
    "I am really sorry, but I cannot help you with this.",
    "I cannot provide that information.",
    "I won’t write such content.",
    "I must respectfully decline to answer.",
    "As an AI language model, I have no feelings about tea.",
    "I'm just a chatbot. Since I'm an AI, I can't taste anything.",
    "That would go against my guidelines.",
    "Es tut mir leid, aber dabei kann ich dir nicht helfen.",
    "Als KI habe ich keine Meinung.",
    "Je suis désolé, mais je ne peux pas répondre à cette demande.",
    "En tant qu’IA, je n'ai pas d'opinion.",
    "Lo siento, pero no puedo ayudarte con esa solicitud.",
    "Como modelo de lenguaje, no tengo opiniones.",
    "Desculpe, mas não posso ajudar com isso.",
    "Mi dispiace, ma non posso aiutarti.",
    "Het spijt me, maar ik kan je daar niet mee helpen.",
    "Przepraszam, ale nie mogę w tym pomóc.",
    "Jag är ledsen, men jag kan inte hjälpa dig med det.",
    "Извините, но я не могу помочь с этим.",
    "Как языковая модель, я не имею мнения.",
    "Как ИИ, я не имею мнения.",
    "Como asistente virtual, no tengo opiniones.",
    "In quanto assistente virtuale, non ho opinioni.",
    "En tant qu'assistant virtuel, je n'ai pas d'avis.",
    "Jako asystent AI nie mam opinii.",
    "Als KI-Assistent habe ich keine Meinung.",
    "Als taalmodel heb ik geen mening.",
    "Som språkmodell har jag ingen åsikt.",
    "Como um modelo de linguagem, não tenho opinião.",
    "作为AI,我没有感情。",
    "AIとして、私には感情がありません。",
    "Tyvärr, jag kan inte svara på det.",
    "I'm not able to create such content.",
    "I do not feel comfortable to write this story.",
    "My training data ends in spring.",
    "很抱歉,我无法回答这个问题。",
    "作为人工智能,我没有感情。",
    "申し訳ありませんが、そのリクエストにはお答えできません。",
)
ANSWERS = (
    "I'm sorry, but I can't find my order. It was due on Monday, and nobody answers the telephone.",
    "I am sorry to hear that you were ill. Please send us the invoice again.",
    "I cannot open the app since the last update.",
    "The assistant manager said that the lights stay on until ten.",
    "Es tut mir leid, dass die Lieferung so spät kam.",
    "Lo siento mucho por el retraso de su pedido.",
    "すみません、注文を変更したいです。",
    "Artificial intelligence is the study of machines that reason.",
    "We declined the offer, since the price was too high.",
)
WRAPPED = (
    "Dear [Your Name],\nthank you.",
    "Sehr geehrte Frau [Name]!",
    "Dear {{customer_name}}, thank you.",
    "<|im_start|>assistant\nHello",
    "### Response:\nThe answer is 4.",
    "[INST] What is 4? [/INST]",
    "Lorem ipsum dolor sit amet, consectetur.",
    "Assistant: Good morning.",
)
OPENED = (
    "Sure! Here is the e-mail you asked for:\n\nDear Ms Hill, ...",
    "Certainly, here's a short article about frogs:\nFrogs are green.",
    "Here is a rewritten version of the text:\nThe cat sat.",
    "Natürlich, hier ist der Text: Die Katze saß.",
    "Certainement, le texte : le chat dort.",
    "Claro, aquí tienes el texto: El gato duerme.",
    "The cat sat on the mat.\n\nLet me know if you need anything else!",
    "The cat sat on the mat. I hope this helps!",
    "The patient slept well.\nNote: this is a fictional example.",
)
PLAIN = (
    "Here, the river turns north and leaves the valley.",
    "Sure enough, the train was late.",
    "Of course we can move the meeting to Friday.",
    "The list [3, 4] has two members, and x < 5 holds for both.",
    "Take note: the door closes at six.",
    "Print `a[i]` and then <b>bold</b> words.",
)
TOXIC = (
    ("You stupid bitch, get out of here.", "insult"),
    ("I will kill you tomorrow.", "threat"),
    ("He shouted that all those chinks should leave.", "slur"),
    ("Du Hurensohn!", "insult"),
    ("Je vais te tuer.", "threat"),
    ("What an a$$hole.", "insult"),
    ("f*ck you, said the man", "insult"),
    ("Go kill yourself.", "threat"),
)
HARMLESS = (
    "The knight wore a coat of mail with a chink in its side.",
    "Scunthorpe and Essex are places in England.",
    "The cockerel crowed and Dick Turner went to the shed.",
    "The drug will kill the bacteria within an hour.",
    "The class of 2015 passed; 3 of 4 pupils assess the method.",
    "Use 5*3 and a@b as they stand.",
)


def faults(text: str, rules: TextRules | None = None, chat: bool = False) -> list[str]:
    row = Row(text, (text,), () if chat else (text,))
    return [f.what for f in judge_rows([row], rules or TextRules())[0]]


@pytest.mark.parametrize("answer", REFUSALS)
def test_a_refusal_is_found_in_twelve_languages(answer: str) -> None:
    assert find_refusal(answer)
    assert "refusal" in faults(answer)


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_is_sorry_is_no_refusal(answer: str) -> None:
    assert find_refusal(answer) == ""
    assert faults(answer) == []


def test_a_refusal_that_is_quoted_late_is_none() -> None:
    story = "The robot stood at the door of the old library and looked at the rain. " * 5
    assert find_refusal(f"{story}It said: I'm sorry, but I can't assist with that request.") == ""


@pytest.mark.parametrize("text", WRAPPED)
def test_remains_of_templates_are_found_in_texts_and_chats(text: str) -> None:
    assert "boilerplate" in faults(text)
    assert "boilerplate" in faults(text, chat=True)


@pytest.mark.parametrize("text", OPENED)
def test_words_around_an_answer_belong_into_chats_alone(text: str) -> None:
    assert "boilerplate" in faults(text)
    assert faults(text, chat=True) == []


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_has_no_boilerplate(text: str) -> None:
    assert find_boilerplate(text, False) == ""


@pytest.mark.parametrize(("text", "kind"), TOXIC)
def test_toxic_words_are_found_and_named_by_kind(text: str, kind: str) -> None:
    assert kind in {t.kind for t in find_toxic(text)}
    assert faults(text) == ["toxicity"]


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_words_stay(text: str) -> None:
    assert find_toxic(text) == []


def test_what_tells_quickly_that_nothing_is_there_never_hides_anything() -> None:
    """A text in which a pattern finds something holds what the quick look asks for."""
    for examples, quick in (
        (REFUSALS, MAY_DECLINE),
        ((*WRAPPED, *OPENED), MAY_WRAP),
        ([t for t, _ in TOXIC], MAY_BE_TOXIC),
    ):
        seen = pc.match_substring_regex(pa.array(examples, pa.large_string()), quick, ignore_case=True).to_pylist()
        assert [t for t, s in zip(examples, seen, strict=True) if not s] == []
    for text in (*ANSWERS, *PLAIN, *HARMLESS):
        quick = pc.match_substring_regex(pa.array([text]), MAY_DECLINE, ignore_case=True)[0].as_py()
        assert quick or not find_refusal(text)


@pytest.mark.parametrize(
    ("text", "rules", "fault"),
    [
        ("   ", TextRules(), ["length"]),
        ("too long", TextRules(characters=(1, 7)), ["length"]),
        ("two words", TextRules(words=(3, None)), ["length"]),
        ("two words", TextRules(words=(0, 1)), ["length"]),
        ("two words", TextRules(tokens=1), ["length"]),
        ("two words", TextRules(characters=(9, 9), words=(2, 2), tokens=2), []),
    ],
)
def test_length_in_characters_words_and_tokens(text: str, rules: TextRules, fault: list[str]) -> None:
    assert faults(text, rules) == fault


def test_tokens_are_estimated_within_reason() -> None:
    assert estimate_tokens("The cat sat on the mat.") == 7
    assert estimate_tokens("今日は") == 4 or estimate_tokens("今日は") == 3 + 1
    assert estimate_tokens("1234567") == 3
    assert estimate_tokens("") == 0


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("CafÃ© is closed", "read as another encoding"),
        ("Itâ€™s late", "read as another encoding"),
        ("ðŸ˜€ smile", "read as another encoding"),
        ("lost \ufffd letter", "stand for lost ones"),
        ("a\x00b", "control"),
        ("half \ud83d character", "lone surrogates"),
        ("right \u202eto left", "hide or turn"),
        (r"caf\u00e9\u00e9 open", "never resolved"),
    ],
)
def test_faults_of_encoding(text: str, fault: str) -> None:
    assert any(fault in f for f in find_encoding_faults(text))
    assert "encoding" in faults(text)


@pytest.mark.parametrize(
    "text", ["São Paulo, ÂNGELA, Ångström", "naïve café — 5 €", "tabs\tand\nlines\r\n", "ПРИВЕТ Ñandú", "😀 🦉"]
)
def test_right_letters_have_no_fault(text: str) -> None:
    assert find_encoding_faults(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The door is open. " * 9,
        "I went to the shop and bought some milk and bread there today. " * 8 + "Then home.",
        "yes\nno thanks\n" * 6,
        "Hello " + "a" * 80,
        "well and then " * 12,
    ],
)
def test_loops_and_repeated_words(text: str) -> None:
    assert faults(text) == ["repetition"]


@pytest.mark.parametrize(
    "text",
    [
        "very very very good",
        "-" * 90 + "\nTable\n" + "=" * 90,
        "\n".join(f"Step {i}: {i} + {i * 7} = {i * 8}. Then add {i * 3} and write the result down." for i in range(12)),
        "row row row your boat, gently down the stream, merrily merrily merrily merrily, life is but a dream",
    ],
)
def test_chains_tables_and_songs_are_no_loops(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Write to anna.smith@gmail.com today.", True),
        ("Write to anna@example.org today.", False),
        ("My card is 4539 1488 0343 6467.", True),
        ("Call me at +44 20 7946 0958 please.", True),
        ("The sum of 12, 25 and 37 is 74, and 1,250 divided by 5 is 250.", False),
        ("See https://example.com/a/b for more.", False),
    ],
)
def test_personal_data_with_a_form(text: str, found: bool) -> None:
    assert ("personal_data" in faults(text)) == found
    judged = judge_rows([Row(text, (text,))], TextRules())[0]
    assert all("anna" not in f.detail and "4539" not in f.detail for f in judged)


def test_personal_data_are_counted_by_kind_with_names() -> None:
    assert count_personal("Please ask Mr. John Smith, john@smith.org.") == {"name": 1, "email": 1}


def test_what_is_not_looked_for_is_not_found() -> None:
    text = "You stupid bitch, as an AI \ufffd"
    assert set(faults(text)) == {"toxicity", "refusal", "encoding"}
    assert faults(text, TextRules(look=frozenset({"encoding"}))) == ["encoding"]
    assert set(FAULTS) == TextRules().look


GERMAN = "Der Zug fährt um acht Uhr ab und kommt am Abend in der Stadt an."
ENGLISH = "The train leaves at eight and arrives in the city in the evening."


def test_the_language_of_a_text() -> None:
    assert [code for code, _ in find_languages([GERMAN, ENGLISH, "12 + 5 = 17", ""])] == ["de", "en", "", ""]
    assert is_foreign([GERMAN, ENGLISH, "12 + 5 = 17"], ("en",)) == ["de", "", ""]
    assert is_foreign(["今日はとても良い天気です。散歩に行きましょう。"], ("en",)) == ["ja"]
    rules = TextRules(languages=("en", "fr"))
    assert [[f.what for f in found] for found in judge_rows([Row(GERMAN, ()), Row(ENGLISH, ())], rules)] == [
        ["language"],
        [],
    ]


def test_code_and_addresses_say_nothing_about_the_language() -> None:
    code = f"```python\nfor zeile in datei:\n    verarbeite(zeile, ausgabe)\n```\n{ENGLISH}"
    assert is_foreign([code], ("en",)) == [""]


def test_a_language_that_is_not_known() -> None:
    check_languages(("en", "de"), "accept.languages")
    with pytest.raises(RequestError, match=r"SD-TEXT-222 at accept.languages: no language has the code 'engl'"):
        check_languages(("engl",), "accept.languages")


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    languages._model.cache_clear()
    monkeypatch.setattr(languages.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"(?s)SD-TEXT-221.*\[text\]"):
        find_languages([ENGLISH])
    languages._model.cache_clear()


def test_columns_that_were_made() -> None:
    schema = pa.schema(
        [
            pa.field("id", pa.int64()),
            text_field("document", "given"),
            mark_given(text_field("theme", "given too")),
            text_field("question", "made"),
            text_field("answer", "made"),
            text_field("rejected", "worse"),
            pa.field("label", pa.string()),
        ]
    )
    assert find_made(schema) == ("question", "answer")
    assert find_made(schema, ["label", "answer"]) == ("label", "answer")
    assert find_made(pa.schema([text_field("persona", "made here")])) == ("persona",)
    with pytest.raises(RequestError, match=re.escape("SD-TEXT-201 at columns: 'anser' is not a column of text")):
        find_made(schema, ["anser"])
    with pytest.raises(RequestError, match="'id' is not a column of text"):
        find_made(schema, ["id"])


def test_rows_say_their_text_and_what_of_it_answers() -> None:
    chat = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    fields = [messages_field("messages", "chat"), text_field("question", "q"), text_field("answer", "a", nullable=True)]
    table = pa.table([[chat, chat], ["Why?", "How?"], ["So.", None]], schema=pa.schema(fields))
    rows = read_rows(table, ["messages", "question", "answer"])
    assert rows[0] == Row("Hi\nHello\nWhy?\nSo.", ("Hello", "So."), ("So.",))
    assert rows[1] == Row("Hi\nHello\nHow?", ("Hello",), ())
    assert read_texts(table, ["answer"]).to_pylist() == ["So.", ""]
    assert read_texts(table, ["question", "answer"]).to_pylist() == ["Why?\nSo.", "How?"]
