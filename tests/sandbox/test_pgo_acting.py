"""The demo PGO where somebody acts for another: whose data it shows, and what it does not believe."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.sandbox.street import Street
from vad.sandbox.pgo_acting import Acting, ContradictionError, acting

IRIS = {"name": "Iris Bos", "age": 38}
SEM = {"name": "Sem Bos", "age": 8}
CHILD = {"sub": "the child", "sub_id_type": "urn:nl-eid-gdi:1.0:id:Pseudonym"}


@pytest.fixture
def street() -> Iterator[Street]:
    """Give a PGO whose VAD lets a parent act for a child."""
    with ExitStack() as stack:
        built = Street(stack)
        built.vad.id_token = {"represents": CHILD | {"iss": built.vad.issuer.url}}
        built.vad.userinfo = {"sub": "pairwise", "person": IRIS, "represented": SEM}
        yield built


def test_the_page_says_whose_data_it_is(street: Street) -> None:
    """Who is represented and who logged in, above the data; nothing says that it is the parent's own."""
    page = street.log_in().text
    assert "<strong>U kijkt namens: Sem Bos.</strong> U bent ingelogd als Iris Bos." in page
    assert "<h1>Gegevens van Sem Bos</h1>" in page
    assert "<title>Gegevens van Sem Bos - Mijn Zorgmap</title>" in page
    assert "Mijn gegevens" not in page
    assert "Naar de gegevens van Sem Bos" in street.get("/").text
    page = street.get("/gegevens?taal=en").text
    assert "<strong>You are acting for Sem Bos.</strong> You are logged in as Iris Bos." in page
    assert "My data" not in page


def test_without_names_it_still_says_that_it_is_somebody_else_s(street: Street) -> None:
    """The ID token says so; a register that is away takes away the names alone."""
    street.vad.userinfo = None
    page = street.log_in().text
    assert "<strong>U kijkt namens: iemand anders.</strong>" in page
    assert "ingelogd als" not in page
    assert "Mijn gegevens" not in page


def test_one_s_own_data_are_one_s_own(street: Street) -> None:
    """No banner, with or without an answer of userinfo."""
    street.vad.id_token = {}
    for told in ({"sub": "pairwise", "person": IRIS}, None):
        street.vad.userinfo = told
        page = street.log_in().text
        assert "<h1>Mijn gegevens</h1>" in page
        assert "namens" not in page


@pytest.mark.parametrize(
    ("represents", "told"),
    [
        (None, {"represented": SEM}),
        (CHILD, {"represented": None} | {"sub": "another"}),
        (CHILD, {}),
        (CHILD | {"iss": "http://localhost:1"}, {"represented": SEM}),
        (CHILD | {"sub": "pairwise"}, {"represented": SEM}),
        (CHILD | {"sub": ""}, {"represented": SEM}),
        ({"sub": None}, {"represented": SEM}),
        ("the child", {"represented": SEM}),
    ],
)
def test_what_contradicts_itself_is_no_login(street: Street, represents: Any, told: dict[str, Any]) -> None:
    """OpenID Connect Core 1.0, section 5.3.2, and the two that must tell of the same people."""
    if isinstance(represents, dict):
        represents = {"iss": street.vad.issuer.url} | represents
    street.vad.id_token = {"represents": represents}
    street.vad.userinfo = {"sub": "pairwise", "person": IRIS} | told
    assert "Code: technical" in street.log_in().text
    assert street.get("/gegevens").url == f"{street.url}/"


def test_an_empty_claim_is_refused() -> None:
    """Whoever says `represents` says whom."""
    with pytest.raises(ContradictionError):
        acting({"iss": "x", "sub": "a", "represents": None}, None)


@pytest.mark.parametrize("told", [{"represented": "Sem"}, {"represented": {"name": 8}, "person": None}])
def test_a_name_that_is_none(told: dict[str, Any]) -> None:
    """What is no text is not shown."""
    claims = {"iss": "x", "sub": "a", "represents": CHILD | {"iss": "x"}}
    assert acting(claims, {"sub": "a"} | told) == Acting("", "")
