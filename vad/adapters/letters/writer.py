"""The port `LetterWriter` with Typst: a tagged PDF after PDF/UA-1, from a template that takes what it says as data."""

from functools import partial
from importlib.resources import files
from typing import Any

from babel.dates import format_date

from vad.adapters.letters.pdf import compiled
from vad.domain.age import AMSTERDAM
from vad.domain.mandate_words import rows
from vad.domain.notice_words import CODE, DETAILS, LANGUAGES, words
from vad.services.ports.letters import Letter

_DAY = "d MMMM y"
_ASK = {"nl": "Vragen?", "en": "Questions?"}


class TypstLetters:
    """Writes letters in the name of one operator. `questions`: where people can ask."""

    def __init__(self, sender: str, questions: str) -> None:
        self._sender = sender
        self._questions = questions
        self._template = files("vad.adapters.letters").joinpath("letter.typ").read_bytes()

    def write(self, letter: Letter) -> bytes:
        """Both languages, the Dutch one first: nobody knows which the person reads."""
        content = {
            "sender": self._sender,
            "to": [letter.to.name, *letter.to.lines],
            "date": format_date(letter.at.astimezone(AMSTERDAM), _DAY, locale="nl"),
            "said": [self._said(letter, language) for language in LANGUAGES],
        }
        return compiled(self._template, "letter", content, letter.at)

    def _said(self, letter: Letter, language: str) -> dict[str, Any]:
        said = words(letter.text, language)
        return {
            "language": language,
            "subject": said.subject,
            "paragraphs": [_paragraph(letter, language, each) for each in said.paragraphs],
            "questions": f"{_ASK[language]} {self._questions}",
        }


def _paragraph(letter: Letter, language: str, written: str) -> dict[str, Any]:
    if written not in {CODE, DETAILS}:
        return {"kind": "words", "text": written}
    if letter.filling is None:
        raise ValueError("this letter says more than its words")
    if written == CODE:
        return {"kind": "code", "text": letter.filling.code}
    details = letter.filling.details[language]
    return {"kind": "rows", "rows": rows(details, language, partial(format_date, format=_DAY, locale=language))}
