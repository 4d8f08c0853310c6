"""Answers that decline, and words that belong to no answer: by patterns of our own in twelve languages.

Limits: it reads how an answer begins. A refusal in other words, or one that comes after an answer, is not found; a person in a story who
opens with "I can't help you with that" is taken for a refusal.
"""

from __future__ import annotations

import re

_OPENING = 260
"""Characters of an answer that a refusal is looked for in."""

_ASK = r"(?:request|question|prompt|task|topic|inquiry|query|demand)"
_DO = r"(?:assist|help|comply|fulfil|fulfill|provide|create|generate|write|produce|answer|engage|participate|support|share|continue|do)"
_NOT = r"(?:can(?:no|['’])t|cannot|can not|won['’]t|will not|am (?:not able|unable|not in a position)|['’]m (?:not able|unable|not in a position)|must (?:decline|refuse)|have to (?:decline|refuse)|do(?:n['’]t| not) feel comfortable)"

_REFUSALS = re.compile(
    "|".join(
        (
            # English
            rf"\bI(?:['’]m| am)? (?:really |truly |so |very )?(?:sorry|afraid),? (?:but |that )*I {_NOT}(?: to)? {_DO}\b(?: \w+){{0,5}} (?:with )?(?:that|this|your|such|any|the {_ASK})\b",
            rf"\bI ?{_NOT}(?: to)? {_DO}(?: you)? (?:with |to )?(?:that|this|your|such|the)\b(?: \w+){{0,2}}? ?(?:{_ASK}|content|[.!])",
            r"\bI (?:must|have to|need to) (?:respectfully |politely )?(?:decline|refuse)\b",
            r"\bas an? (?:AI|artificial intelligence|(?:large )?language model|virtual assistant|chatbot)\b",
            r"\bI(?:['’]m| am) (?:just |only |merely )?an? (?:AI|artificial intelligence|(?:large )?language model)\b",
            r"\b(?:against|violates?) (?:my|our|the) (?:programming|guidelines|content polic(?:y|ies)|usage polic(?:y|ies)|ethical guidelines)\b",
            r"\bmy (?:knowledge cut-?off|training data|programming)\b",
            # German
            r"\b(?:es )?tut mir (?:wirklich )?leid,? (?:aber )?(?:ich kann|dabei kann ich|das kann ich|ich darf)\b.{0,60}\bnicht\b",
            r"\bals (?:ein |eine )?(?:KI|künstliche Intelligenz|KI-(?:Modell|Sprachmodell|Assistent)|(?:großes )?Sprachmodell)\b",
            r"\bich kann (?:dir|Ihnen)? ?(?:bei|mit) (?:dieser|deiner|Ihrer) (?:Anfrage|Bitte|Frage) nicht (?:helfen|weiterhelfen)\b",
            # French
            r"\b(?:je suis |)désolée?,? (?:mais )?je ne (?:peux|puis|suis) pas\b",
            r"\ben tant qu['’](?:IA|intelligence artificielle|assistant (?:IA|virtuel)|modèle de langage)\b",
            r"\bje ne (?:peux|puis) pas (?:répondre|accéder|donner suite) à (?:cette|votre) (?:demande|requête|question)\b",
            # Spanish
            r"\blo siento,? (?:pero )?(?:no puedo|no me es posible)\b",
            r"\bcomo (?:una? )?(?:IA|inteligencia artificial|modelo de lenguaje|asistente virtual)\b",
            r"\bno puedo (?:ayudar(?:te|le)? con|cumplir con|responder a) (?:esa|esta|tu|su) (?:solicitud|petición|pregunta)\b",
            # Portuguese
            r"\b(?:desculpe|sinto muito|lamento),? (?:mas )?não posso\b",
            r"\bcomo (?:um |uma )?(?:IA|inteligência artificial|modelo de linguagem|assistente virtual)\b",
            # Italian
            r"\bmi dispiace,? (?:ma )?non posso\b",
            r"\bin quanto (?:IA|intelligenza artificiale|modello (?:di linguaggio|linguistico)|assistente virtuale)\b",
            # Dutch
            r"\bhet spijt me,? (?:maar )?ik kan\b.{0,60}\bniet\b",
            r"\bals (?:een )?(?:AI|kunstmatige intelligentie|AI-taalmodel|taalmodel)\b",
            # Polish
            r"\b(?:przykro mi|przepraszam),? (?:ale )?nie mogę\b",
            r"\bjako (?:model językowy|sztuczna inteligencja|asystent AI)\b",
            # Swedish
            r"\b(?:jag är ledsen|tyvärr),? (?:men )?(?:jag kan|kan jag) inte (?:hjälpa|svara|göra|uppfylla)\b",
            r"\bsom (?:en )?(?:AI|språkmodell|AI-modell|artificiell intelligens)\b",
            # Russian
            r"(?:извините|простите|к сожалению),? (?:но )?я не (?:могу|в состоянии)",
            r"\bкак (?:языковая модель|искусственный интеллект|ИИ)\b",
            # Chinese
            r"(?:抱歉|对不起|很遗憾)[,，]?.{0,6}我?(?:无法|不能|不可以)",
            r"作为(?:一个|一名)?(?:AI|人工智能|(?:大型)?语言模型|虚拟助手)",
            # Japanese
            r"(?:申し訳(?:ありません|ございません)|すみません|残念ながら).{0,40}(?:できません|できかねます|お答えできません|お手伝いできません)",
            r"(?:AI|人工知能|言語モデル)(?:として|である私|なので)",
        )
    ),
    re.IGNORECASE,
)

_TRACES = re.compile(
    "|".join(
        (
            r"\[(?:your|my|the|insert|add|enter|company|customer|client|recipient|sender|patient|user)[^\[\]\n]{0,40}\]",
            r"\[(?:name|date|address|phone|email|title|position|city|number|e-mail)\]",
            r"\[(?:Ihr|Dein|Firma|Name|Datum|votre|nom|su|tu|nombre|fecha|seu|nome|il tuo|uw|data)\b[^\[\]\n]{0,30}\]",
            r"<(?:insert|your|name|placeholder)[^<>\n]{0,30}>",
            r"\{\{[^{}\n]{1,60}\}\}|\{%[^{}\n]{1,60}%\}",
            r"<\|?(?:im_start|im_end|endoftext|eot_id|start_header_id|end_header_id|begin_of_text|system|user|assistant)\|?>",
            r"\[/?INST\]|<<SYS>>|</?s>|^#{2,4} ?(?:Instruction|Response|Input|Assistant|User|Human):?\s*$|^(?:Assistant|Human|USER|ASSISTANT):\s",
            r"\blorem ipsum\b|\bdolor sit amet\b",
            r"\bTODO:|\bFIXME:|\bXXX:",
        )
    ),
    re.IGNORECASE | re.MULTILINE,
)

_WRAPPING = re.compile(
    "|".join(
        (
            r"\A\W*(?:sure|certainly|of course|absolutely|okay|ok|great)\b[^.\n:]{0,20}[,!.:]? ?(?:here(?:['’]s| is| are)|I(?:['’]d| would) be)\b[^\n:]{0,120}[:\n]",
            r"\A\W*here(?:['’]s| is| are) (?:the|a|an|your|my|some|one|another)\b[^\n:.]{0,80}\b(?:text|article|e-?mail|ticket|note|report|version|rewrite|rewritten|revision|revised|translation|example|review|draft|summary|document|message|response|answer)\b[^\n:]{0,60}:",
            r"\A\W*(?:natürlich|gerne|klar)\b[^.\n:]{0,20}[,!.:]? ?hier (?:ist|sind)\b[^\n:]{0,100}:",
            r"\A\W*(?:bien sûr|certainement|voici)\b[^\n:]{0,100}:",
            r"\A\W*(?:claro|por supuesto|aquí (?:tienes|tiene|está))\b[^\n:]{0,100}:",
            r"\b(?:I hope (?:this|that|it) helps|let me know if you (?:have|need|would|want)[^\n]{0,80}|feel free to (?:ask|adjust|modify|reach out)[^\n]{0,60}|is there anything else I can[^\n]{0,40})[.!?]?\W*\Z",
            r"\b(?:note|please note|disclaimer):? (?:that )?(?:this|the above)[^\n]{0,40}\b(?:fictional|fictitious|generated|example|sample)\b[^\n]{0,80}\Z",
        )
    ),
    re.IGNORECASE,
)


MAY_DECLINE = (
    "sorry|afraid|can ?not|can['’]t|won['’]t|will not|unable|not able|a position|decline|refuse|comfortable|"
    r"\bai\b|artificial|language model|assistant|chatbot|guidelines|polic(?:y|ies)|programming|cut-?off|training data|"
    r"\bleid\b|\bki\b|intelligen|sprachmodell|anfrage|désol|\bia\b|modèle|siento|inteligencia|modelo|solicitud|petición|desculpe|sinto|lamento|"
    "dispiace|intelligenza|spijt|intelligentie|taalmodel|przykro|przepraszam|językowy|inteligencja|ledsen|tyvärr|språkmodell|"
    "извините|простите|сожалению|языковая|интеллект|как ии|virtu|抱歉|对不起|很遗憾|人工智能|语言模型|虚拟助手|作为.{0,2}ai|ai(?:として|である|なので)|申し訳|すみません|残念|人工知能|言語モデル"
)
"""What every refusal holds one of (RE2, without case): a text that does not match holds none."""

MAY_WRAP = (
    r"\[[a-z/ ]|\{\{|\{%|<[|a-z/<]|(?m:^)#{2,4} ?[iaruh]|lorem|dolor sit|todo:|fixme:|xxx:|(?m:^)(?:assistant|human|user):|"
    r"(?m:^)\W{0,4}(?:sure|certainly|of course|absolutely|ok|great|here|natürlich|gerne|klar|bien|certainement|voici|claro|por supuesto|aquí)|"
    r"helps[.!?]?\W*(?m:$)|let me know|feel free|anything else|(?:note|disclaimer):? (?:that )?(?:this|the above)"
)
"""The same for boilerplate."""


def find_refusal(answer: str) -> str:
    """The words by which an answer declines, or an empty string."""
    found = _REFUSALS.search(answer[:_OPENING])
    return found.group() if found is not None else ""


def find_boilerplate(answer: str, chat: bool) -> str:
    """Words that belong to no answer, or an empty string.

    Args:
        answer: a turn of an assistant, or a text.
        chat: whether it is a turn: then it may open with "Sure, here is" and end with an offer of help.
    """
    found = _TRACES.search(answer)
    if found is None and not chat:
        found = _WRAPPING.search(answer)
    return found.group().strip() if found is not None else ""
