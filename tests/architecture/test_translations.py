"""Both languages are complete: every text in use has its words, nothing is stale, and the blanks to fill in agree."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import normalize, read_po

from vad.web.support.i18n import LANGUAGES, TRANSLATIONS

WEB = Path(__file__).parents[2] / "vad" / "web"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
STRICT = {"templates/**.html": {"silent": "false"}}
KEYWORDS = {**DEFAULT_KEYWORDS, "msgid": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)([a-z])")


@cache
def texts_in_use() -> frozenset[str]:
    """Extract the texts from templates and code, as the keys of the catalogs."""
    found = extract_from_dir(WEB, method_map=METHODS, options_map=STRICT, keywords=KEYWORDS)
    return frozenset(text if isinstance(text, str) else text[0] for _, _, text, _, _ in found)


@cache
def catalog(language: str) -> Catalog:
    """Read the catalog of a language; a malformed file is an error."""
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def forms(texts: str | Iterable[str] | None) -> list[str]:
    """Give a text, or the singular and plural forms of one, as a list."""
    return [texts] if isinstance(texts, str) else list(texts or ())


def test_texts_are_found() -> None:
    """The extraction sees templates, code, and texts marked for later; otherwise the tests below would say nothing."""
    assert {"Log in with DigiD", "Page not found", "Contact %(app)s."} <= texts_in_use()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_its_words(language: str) -> None:
    """A text without words in a language, or with words marked as unsure, fails the build."""
    known = {message.id: message for message in catalog(language)}
    missing = [text for text in sorted(texts_in_use()) if text not in known]
    assert not missing, f"add to {language}:\n\n" + "\n\n".join(
        f'msgid {normalize(text)}\nmsgstr ""' for text in missing
    )
    assert [message.id for message in known.values() if not message.string] == []
    assert [message.id for message in known.values() if message.fuzzy and message.id] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_are_left_over(language: str) -> None:
    """Words for a text that no page shows any more are removed."""
    kept = {message.id for message in catalog(language) if message.id}
    assert sorted(kept - texts_in_use()) == []
    assert list(catalog(language).obsolete) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_blanks_agree(language: str) -> None:
    """Each translation has exactly the placeholders of its text, and no percent sign that would break filling in."""
    for message in catalog(language):
        texts = [*forms(message.id), *forms(message.string)]
        blanks = [sorted(set(PLACEHOLDER.findall(text))) for text in texts]
        assert all(found == blanks[0] for found in blanks), message.id
        assert all("%" not in PLACEHOLDER.sub("", text).replace("%%", "") for text in texts), message.id


def test_english_says_what_its_key_says() -> None:
    """The key is the English text, so a correction in one place cannot be forgotten in the other."""
    assert [message.id for message in catalog("en") if message.id and message.id != message.string] == []
