"""The Dutch texts are easy to read: Flesch-Douma, and words that people do not use themselves stay away."""

import re

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from vad.web.support.i18n import TRANSLATIONS

EASY = 65
"""Flesch-Douma: 65 and more is plain language, about B1."""

HARD_WORDS = ("gemachtigde", "sessie", "autorisatie", "intrekken", "authenticatie")
FAMILIAR = re.compile(r"\b(je|jij|jou|jouw|jullie)\b", re.IGNORECASE)
ACRONYM = re.compile(r"[A-Z]{2,}")
SPOKEN_AS_A_WORD = {"VAD"}
SYLLABLE = re.compile(r"aai|ooi|oei|eeu|ieu|ij|aa|ee|oo|uu|oe|ie|eu|ui|ei|ai|au|ou|[aeiouyäëïöüéèêáóà]")
WORD = re.compile(r"[\w'-]+")
SENTENCE_END = re.compile(r"[.!?:](?=\s|$)")
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def dutch_texts() -> list[str]:
    """Give every Dutch text with a short name in its blanks."""
    with (TRANSLATIONS / "nl" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        messages = [message for message in read_po(source, locale="nl") if message.id]
    return [PLACEHOLDER.sub("Zorgmap", text) for message in messages for text in forms(message)]


def forms(message: Message) -> list[str]:
    """Give the words of a message: one text, or one for each plural form."""
    words = message.string
    return [words] if isinstance(words, str) else list(words or ())


def syllables(word: str) -> int:
    """Count the syllables of a Dutch word; letters of an acronym and digits are each spoken as one."""
    if ACRONYM.fullmatch(word) and word not in SPOKEN_AS_A_WORD:
        return len(word)
    return max(1, len(SYLLABLE.findall(word.lower())) + sum(letter.isdigit() for letter in word))


def flesch_douma(texts: list[str]) -> float:
    """Compute the reading ease (Douma, 1960): 206.84 - 0.77 syllables per 100 words - 0.93 words per sentence.

    A heading or a button counts as a sentence.
    """
    words = [word for text in texts for word in WORD.findall(text)]
    sentences = sum(max(1, len(SENTENCE_END.findall(text))) for text in texts)
    per_100_words = 100 * sum(map(syllables, words)) / len(words)
    return 206.84 - 0.77 * per_100_words - 0.93 * len(words) / sentences


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("uw", 1),
        ("krijgt", 1),
        ("gegevens", 3),
        ("toestemming", 3),
        ("zorgaanbieder", 4),
        ("nieuwe", 2),
        ("beoordelen", 4),
        ("geïnstalleerd", 4),
        ("draaien", 2),
        ("toegankelijkheid", 5),
        ("zo'n", 1),
        ("BSN", 3),
        ("VAD", 1),
        ("16", 2),
    ],
)
def test_syllables_are_counted_the_dutch_way(word: str, count: int) -> None:
    """Two and three letters that make one sound count once; a diaeresis begins a new syllable."""
    assert syllables(word) == count


def test_the_measure_tells_easy_from_hard() -> None:
    """Plain sentences score far above the language of regulations."""
    easy = ["U logt in met uw eigen DigiD. Dan ziet u uw gegevens."]
    hard = ["Het verlenen van toestemming geschiedt overeenkomstig de toepasselijke gegevensbeschermingsregelgeving."]
    assert flesch_douma(easy) > 80
    assert flesch_douma(hard) < 20


def test_dutch_is_plain_language() -> None:
    """All Dutch texts together score at least 65."""
    assert flesch_douma(dutch_texts()) >= EASY


def test_no_single_text_is_hard() -> None:
    """A text of several sentences or a long one scores at least 45 by itself, so that easy buttons cannot hide it."""
    long_texts = [text for text in dutch_texts() if len(WORD.findall(text)) >= 12]
    assert {text: round(flesch_douma([text])) for text in long_texts if flesch_douma([text]) < 45} == {}


@pytest.mark.parametrize("word", HARD_WORDS)
def test_hard_words_are_not_used(word: str) -> None:
    """Words of lawyers and technicians stay out of the texts."""
    assert [text for text in dutch_texts() if word in text.lower()] == []


def test_people_are_addressed_formally() -> None:
    """VAD says u, never je."""
    assert [text for text in dutch_texts() if FAMILIAR.search(text)] == []
