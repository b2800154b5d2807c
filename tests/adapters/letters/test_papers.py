"""Papers for somebody who waits: tagged, with a QR code that a camera reads, and never many at once."""

from datetime import UTC, datetime

import pytest

from tests.support.pdf import elements, qr_codes, root_of, text_of
from vad.adapters.letters.papers import TypstPapers
from vad.domain.errors import UnavailableError
from vad.services.ports.papers import Facts, Heading, Paper, Paragraph, QrCode, ShownCode

ADDRESS = "https://vad.example/bewijs/" + "aB-_" * 10 + "xyz"
PAPER = Paper(
    "en",
    "Proof #of *it*",
    (
        Paragraph('Of #let x = "a" $ <b> and \\ others'),
        Facts((("Data of", ("Frouke Jansen",)), ("May see", ("GP data", "Documents, with the app [Map]")))),
        ShownCode("K7P4-9QXM-2C"),
        Heading("Still valid?"),
        QrCode(ADDRESS, "QR code of it"),
    ),
    datetime(2026, 11, 21, 23, 30, 15, 123456, tzinfo=UTC),
)


def test_a_paper_says_what_it_was_given() -> None:
    """Every part, no part read as markup; the QR code is the address, which stands there for a person too."""
    pdf = TypstPapers("Zorg & Co").write(PAPER)
    said = text_of(pdf)
    for part in (
        "Zorg & Co",
        "Proof #of *it*",
        'x = "a" $ <b> and \\ others',
        "Documents, with the app [Map]",
        ADDRESS,
    ):
        assert part.replace(" ", "") in said.replace(" ", "").replace("”", '"').replace("“", '"'), part
    assert "K7P4-9QXM-2C" in said
    assert qr_codes(pdf) == [ADDRESS]
    assert pdf == TypstPapers("Zorg & Co").write(PAPER)


def test_a_paper_can_be_read_aloud() -> None:
    """PDF/UA-1: its language, a title that is shown, a list, a heading, and words in the place of the picture."""
    root, title = root_of(TypstPapers("Zorg & Co").write(PAPER))
    assert (root["/MarkInfo"]["/Marked"], root["/Lang"], title) == (True, "en", PAPER.title)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    found = list(elements(root["/StructTreeRoot"]))
    assert {str(each.get("/S")) for each in found} >= {"/P", "/H1", "/L", "/Figure"}
    assert [str(each["/Alt"]) for each in found if "/Alt" in each] == ["QR code of it"]


def test_who_finds_no_turn_hears_so() -> None:
    """A process makes few at a time, and nobody waits long: who can't be served hears that it can be tried again."""
    with pytest.raises(UnavailableError):
        TypstPapers("Zorg & Co", at_once=0, patience=0.0).write(PAPER)


def test_a_turn_is_given_back_after_a_fault() -> None:
    """What can't be set is an error, and the next one gets its turn."""
    papers = TypstPapers("Zorg & Co", at_once=1, patience=0.0)
    assert papers.write(PAPER) == papers.write(PAPER)
    with pytest.raises(Exception, match="lang"):
        papers.write(Paper("not-a-language", "", (), PAPER.at))
    assert papers.write(PAPER).startswith(b"%PDF")
