"""The words of notices: complete, plain, and without anything that tells too much."""

import re

import pytest

from tests.architecture.test_readability import EASY, FAMILIAR, HARD_WORDS, flesch_douma
from vad.domain.notice import Notice, Text
from vad.domain.notice_words import CODE, DETAILS, LANGUAGES, TO_STAFF, words

HEALTH = re.compile(
    r"\b(medisch|zorg|arts|ziek|huisarts|vaccin|medicijn|patiënt|dossier|health|medical|care|doctor|patient)",
    re.IGNORECASE,
)
LINK = re.compile(r"https?:|www\.|\.nl\b|@")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", list(Text))
def test_a_notice_tells_that_something_happened_and_not_what(text: Text, language: str) -> None:
    """Rule 28: no health word, no link; it says that it has none, and a code stands where there is one."""
    said = words(text, language)
    whole = "\n".join((said.subject, *said.paragraphs))
    assert HEALTH.search(whole) is None
    assert LINK.search(whole) is None
    assert len(said.subject) <= 60
    assert len(said.paragraphs) >= 3
    assert all(said.paragraphs)
    with_code = {Text.EMAIL_CHECK, Text.MANDATE_CODE, Text.MANDATE_STOP_CODE}
    assert (CODE in said.paragraphs) is (text in with_code)
    by_letter = {Text.MANDATE_CODE, Text.MANDATE_STOP_CODE}
    assert (DETAILS in said.paragraphs) is (text in by_letter)
    assert whole.count("{") == (text in with_code) + (text in by_letter)
    assert "link" in said.paragraphs[-1]
    assert "DigiD" in said.paragraphs[-1]


def test_every_text_is_somebodys() -> None:
    """No words that nobody is told."""
    assert {notice.text for notice in Notice} | TO_STAFF == set(Text)


def test_they_are_in_plain_dutch() -> None:
    """As the pages: easy words, and u."""
    texts = [part for text in Text for part in (words(text, "nl").subject, *words(text, "nl").paragraphs)]
    assert flesch_douma(texts) >= EASY
    for text in texts:
        assert FAMILIAR.search(text) is None
        assert not any(word in text.lower() for word in HARD_WORDS)
