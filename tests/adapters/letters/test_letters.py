"""Letters: a PDF that a screen reader can read, an address as the register writes it, and a service that posts once."""

import io
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
import requests
from pypdf import PdfReader

from tests.adapters.http.wild_server import fixed, wild_server
from tests.support.pdf import elements
from vad.adapters.brp.addresses import BrpAddresses
from vad.adapters.http.caller import HttpCaller
from vad.adapters.letters.post import HttpLetterPost
from vad.adapters.letters.writer import TypstLetters
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import Bsn
from vad.domain.mandate_words import MandateDetails
from vad.domain.notice import Text
from vad.domain.notice_words import CODE, DETAILS, words
from vad.sandbox import post
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve
from vad.services.deliveries import UndeliverableError
from vad.services.ports.letters import Filling, Letter, PostalAddress

AT = datetime(2026, 11, 21, 23, 30, 15, 123456, tzinfo=UTC)
BSN = Bsn("999991772")
TO = PostalAddress("F. #let *Jansen*", ("Lindelaan 12", "1234 ZZ  Voorbeeldstad"))
TOKEN = "a-token"
FILLING = Filling(
    "K7P4-9QXM-2C",
    {
        "nl": MandateDetails("A. *Smit*", ("Huisartsgegevens", "Medicatie, bij De Linde"), None, date(2027, 11, 21)),
        "en": MandateDetails(
            "A. *Smit*",
            ("GP data", "Medication, at De Linde"),
            date(2026, 12, 1),
            date(2027, 11, 21),
            "vad.example/x",
        ),
    },
)
SHOWN = {
    "nl": "Wie A. *Smit* Mag bekijken Huisartsgegevens; Medicatie, bij De Linde Tot en met 21 november 2027",
    "en": "Who A. *Smit* May see GP data; Medication, at De Linde From 1 December 2026 Until 21 November 2027"
    " Stop at vad.example/x",
}
WRITER = TypstLetters("Zorg & Co", "hulp@vad.example, 088 000 00 00")


def read(pdf: bytes) -> tuple[PdfReader, str]:
    """The PDF, and its text on one line."""
    reader = PdfReader(io.BytesIO(pdf))
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize("text", list(Text))
def test_a_letter_says_it_in_both_languages_on_one_sheet(text: Text) -> None:
    """Name, address, date, all the words of both languages, and the code where there is one; nothing is markup."""
    code = FILLING.code
    reader, said = read(WRITER.write(Letter(TO, text, AT, FILLING)))
    assert len(reader.pages) == (2 if DETAILS in words(text, "nl").paragraphs else 1)
    for part in (TO.name, "Lindelaan 12", "1234 ZZ Voorbeeldstad", "22 november 2026", "088 000 00 00"):
        assert part in said
    # A line may break after a hyphen, and two letters may be one sign: letters alone are compared.
    letters = _letters(said)
    for language in ("nl", "en"):
        for paragraph in (words(text, language).subject, *words(text, language).paragraphs):
            assert _letters({CODE: code, DETAILS: SHOWN[language]}.get(paragraph, paragraph)) in letters
    assert (code in said) is (CODE in words(text, "nl").paragraphs)
    assert ("A. *Smit*" in said) is (DETAILS in words(text, "nl").paragraphs)


def _letters(text: str) -> str:
    text = text.replace("ﬁ", "fi").replace("ﬂ", "fl").replace("ﬀ", "ff")
    return "".join(letter for letter in text if letter.isalnum())


def test_a_letter_can_be_read_aloud() -> None:
    """Tagged after PDF/UA-1: structure, language, a title that is shown; the English half says that it is English."""
    reader, _ = read(WRITER.write(Letter(TO, Text.CHILD_TURNS_12, AT)))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "nl"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Uw kind wordt 12"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    found = list(elements(root["/StructTreeRoot"]))
    kinds = [str(element.get("/S")) for element in found]
    assert kinds.count("/P") >= 8
    assert any(kind in {"/Title", "/H1"} for kind in kinds)
    assert {str(element["/Lang"]) for element in found if "/Lang" in element} >= {"en"}


def test_the_same_letter_is_the_same_paper() -> None:
    """What is handed over again is byte for byte what was handed over before."""
    letter = Letter(TO, Text.MANDATE_CODE, AT, FILLING)
    assert WRITER.write(letter) == WRITER.write(letter)


def test_a_letter_is_posted_once() -> None:
    """By its key, however often it is handed over; not without the token, and not what is no letter."""
    app = post.create_app(post.Config(free_port(), TOKEN))
    pdf = WRITER.write(Letter(TO, Text.MANDATES_CHANGED, AT))
    with serve(app) as address:
        caller = HttpCaller("post")
        service, key = HttpLetterPost(f"{address}/letters", TOKEN, caller), uuid4()
        for _ in range(2):
            service.hand_over(pdf, key)
        service.hand_over(pdf, uuid4())
        with pytest.raises(UndeliverableError):
            service.hand_over(b"no PDF", uuid4())
        with pytest.raises(RegisterUnavailableError):
            HttpLetterPost(f"{address}/letters", "another", caller).hand_over(pdf, uuid4())
        items = requests.get(f"{address}/items", timeout=10).json()
        page = requests.get(f"{address}/brief/1.pdf", timeout=10)
        assert requests.get(f"{address}/bericht/1", timeout=10).status_code == 200
        caller.close()
    assert [item["kind"] for item in items] == ["letter"] * 2
    assert {item["subject"] for item in items} == {words(Text.MANDATES_CHANGED, "nl").subject}
    assert items[1]["message_id"] == str(key)
    assert page.content == pdf


def answered(**person: Any) -> bytes:
    """An answer of the register about one person, as bytes of HTTP."""
    told = {"burgerservicenummer": BSN.reveal(), "naam": {"volledigeNaam": "Frouke Jansen"}, **person}
    body = json.dumps({"type": "RaadpleegMetBurgerservicenummer", "personen": [told]}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def asked(**person: Any) -> PostalAddress | None:
    """What the adapter makes of such an answer."""
    with wild_server(fixed(answered(**person))) as address:
        return BrpAddresses(address, "key", HttpCaller("brp")).postal_address(BSN)


LINES = {"adresregel1": "Lindelaan 12", "adresregel2": "1234 ZZ  VOORBEELDSTAD"}


@pytest.mark.parametrize(
    ("person", "name", "lines"),
    [
        ({"adressering": LINES | {"aanschrijfwijze": {"naam": "F. Jansen"}}}, "F. Jansen", tuple(LINES.values())),
        ({"adressering": LINES}, "Frouke Jansen", tuple(LINES.values())),
        (
            {"adressering": LINES | {"adresregel3": "Plovdiv", "land": {"omschrijving": "Bulgarije"}}},
            "Frouke Jansen",
            (*LINES.values(), "Plovdiv", "Bulgarije"),
        ),
        ({"adressering": LINES | {"indicatieVastgesteldVerblijftNietOpAdres": True}}, "Frouke Jansen", ()),
        ({"adressering": {"land": {"omschrijving": "Bulgarije"}}}, "Frouke Jansen", ()),
        ({}, "Frouke Jansen", ()),
    ],
)
def test_the_address_is_as_the_register_writes_it(person: dict[str, Any], name: str, lines: tuple[str, ...]) -> None:
    """Its lines in order, the country last; none where nobody lives there."""
    found = asked(**person)
    assert found == PostalAddress(name, lines)
    assert "Jansen" not in repr(found)


def test_nobody_writes_to_the_dead() -> None:
    """Nor to whom the register does not know."""
    assert asked(adressering=LINES, overlijden={"datum": {"type": "JaarDatum", "jaar": 2020}}) is None


@pytest.mark.parametrize("addressing", ["x", {"adresregel1": 3}, {"adresregel1": "a\nb"}, {"aanschrijfwijze": []}])
def test_another_shape_is_no_address(addressing: Any) -> None:
    """It is refused, and what was there is not repeated."""
    with pytest.raises(RegisterUnavailableError, match="an address of another shape"):
        asked(adressering=addressing)
