"""What the BRP says of parental authority: every shape it documents, both versions of the names, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vad.adapters.brp import authority
from vad.adapters.brp.persons import BrpPersons
from vad.adapters.http.caller import HttpCaller
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import Bsn
from vad.domain.parental_authority import AuthorityKind, AuthorityRelation, Holding, holding
from vad.sandbox import brp
from vad.sandbox.persons import load_persons
from vad.sandbox.serving import serve

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
PERSONS = Path(__file__).parents[3] / "config" / "demo" / "persons.toml"
IRIS, TOM, SEM, LOTTE, MILAN = map(Bsn, ("999992302", "999992387", "999992454", "999992545", "999992612"))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(SEM.reveal()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "gezag",
                    "minderjarige",
                    "ouders",
                    "ouder",
                    "derde",
                    "derden",
                    "burgerservicenummer",
                    "inOnderzoek",
                ]
            ),
            inner | st.sampled_from([*AuthorityKind, "BekendeDerde"]),
        )
    ),
)


def of(*bsns: Bsn) -> list[dict[str, str]]:
    """People as the register tells them."""
    return [{"burgerservicenummer": bsn.reveal()} for bsn in bsns]


def read(**element: Any) -> AuthorityRelation:
    """What one element about Sem is read as."""
    (relation,) = authority.relations({"gezag": [{"minderjarige": of(SEM)[0], **element}]})
    return relation


@pytest.mark.parametrize(
    ("element", "kind", "holders"),
    [
        ({"type": "GezamenlijkOuderlijkGezag", "ouders": of(IRIS, TOM)}, AuthorityKind.JOINT_PARENTS, {IRIS, TOM}),
        ({"type": "TweehoofdigOuderlijkGezag", "ouders": of(IRIS, TOM)}, AuthorityKind.JOINT_PARENTS, {IRIS, TOM}),
        ({"type": "GezamenlijkOuderlijkGezag", "ouders": [*of(IRIS), {}]}, AuthorityKind.JOINT_PARENTS, {IRIS}),
        ({"type": "EenhoofdigOuderlijkGezag", "ouder": of(IRIS)[0]}, AuthorityKind.ONE_PARENT, {IRIS}),
        ({"type": "EenhoofdigOuderlijkGezag"}, AuthorityKind.ONE_PARENT, set()),
        (
            {"type": "GezamenlijkGezag", "ouder": of(IRIS)[0], "derde": {"type": "BekendeDerde", **of(TOM)[0]}},
            AuthorityKind.PARENT_AND_OTHER,
            {IRIS, TOM},
        ),
        (
            {"type": "GezamenlijkGezag", "ouder": of(IRIS)[0], "derde": {"type": "OnbekendeDerde"}},
            AuthorityKind.PARENT_AND_OTHER,
            {IRIS},
        ),
        ({"type": "GezamenlijkGezag", "derde": of(TOM)[0]}, AuthorityKind.PARENT_AND_OTHER, set()),
        ({"type": "Voogdij", "derden": of(TOM)}, AuthorityKind.GUARDIANSHIP, {TOM}),
        ({"type": "Voogdij", "derden": of(IRIS, TOM)}, AuthorityKind.GUARDIANSHIP, {IRIS, TOM}),
        ({"type": "Voogdij", "derden": []}, AuthorityKind.GUARDIANSHIP, set()),
        ({"type": "Voogdij"}, AuthorityKind.GUARDIANSHIP, set()),
        ({"type": "TijdelijkGeenGezag", "toelichting": "…"}, AuthorityKind.TEMPORARILY_NONE, set()),
        ({"type": "GezagNietTeBepalen"}, AuthorityKind.NOT_DETERMINABLE, set()),
        ({"type": "GezagNietTeBepalen", "ouders": of(IRIS)}, AuthorityKind.NOT_DETERMINABLE, set()),
        ({"type": "EenhoofdigOuderlijkGezag", "ouders": of(IRIS, TOM)}, AuthorityKind.ONE_PARENT, set()),
    ],
)
def test_every_shape(element: dict[str, Any], kind: AuthorityKind, holders: set[Bsn]) -> None:
    """Rule 15: who is named where the shape names somebody, and nobody else."""
    assert read(**element) == AuthorityRelation(kind, SEM, frozenset(holders))
    assert read(**element, inOnderzoek=True).in_doubt


def test_the_minor_may_be_left_out() -> None:
    """Rule 15: in test data the last two shapes may carry their type alone."""
    for kind in ("TijdelijkGeenGezag", "GezagNietTeBepalen"):
        assert authority.relations({"gezag": [{"type": kind}]}) == (AuthorityRelation(AuthorityKind(kind)),)


@pytest.mark.parametrize(
    "person",
    [
        {},
        {"gezag": None},
        {"gezag": {}},
        {"gezag": ["EenhoofdigOuderlijkGezag"]},
        {"gezag": [{}]},
        {"gezag": [{"type": "NieuwGezag", "ouder": of(IRIS)[0]}]},
        {"gezag": [{"type": "EenhoofdigOuderlijkGezag", "ouder": "999992302"}]},
        {"gezag": [{"type": "EenhoofdigOuderlijkGezag", "ouder": {"burgerservicenummer": 999992302}}]},
        {"gezag": [{"type": "EenhoofdigOuderlijkGezag", "ouder": {"burgerservicenummer": "123456789"}}]},
        {"gezag": [{"type": "GezamenlijkOuderlijkGezag", "ouders": {"0": of(IRIS)[0]}}]},
        {"gezag": [{"type": "GezamenlijkGezag", "ouder": of(IRIS)[0], "derde": {"type": "Derde"}}]},
        {"gezag": [{"type": "EenhoofdigOuderlijkGezag", "ouder": of(IRIS)[0], "inOnderzoek": "nee"}]},
        {"gezag": [{"type": "EenhoofdigOuderlijkGezag", "minderjarige": "999992454"}]},
        {"gezag": [{"type": "EenhoofdigOuderlijkGezag", "ouder": of(IRIS)[0]}, {"type": "?"}]},
    ],
)
def test_anything_else_is_refused(person: dict[str, Any]) -> None:
    """Rule 15: an unknown type is no authority, and neither is what stands beside it; no text says who was there."""
    with pytest.raises(RegisterUnavailableError) as refused:
        authority.relations(person)
    assert "99999" not in str(refused.value)


@given(ANYTHING)
def test_nothing_breaks_the_reader(answer: Any) -> None:
    """Whatever stands there is read, or refused as a register that gave no answer."""
    person = answer if isinstance(answer, dict) else {"gezag": answer}
    try:
        found = authority.relations(person)
    except RegisterUnavailableError:
        return
    assert all(isinstance(relation, AuthorityRelation) for relation in found)


@pytest.fixture(scope="module")
def register() -> Iterator[BrpPersons]:
    """Give a connector to the mock BRP with the demo's persons."""
    persons = load_persons([PERSONS], date(2026, 11, 21))
    with serve(brp.create_app(brp.Config("key", persons), AT.timestamp)) as url:
        yield BrpPersons(f"{url}/haalcentraal/api/brp", "key", HttpCaller("brp"))


def test_a_family_of_the_demo(register: BrpPersons) -> None:
    """Rule 13: the parent's own answer lists the children, the child's decides; over HTTP, under the names of today."""
    assert register.minors_of(IRIS) == (SEM, LOTTE, MILAN)
    assert register.minors_of(TOM) == (SEM, MILAN)
    assert register.minors_of(SEM) == ()
    expected = {
        SEM: (Holding.HOLDER, Holding.HOLDER),
        LOTTE: (Holding.HOLDER, Holding.NONE),
        MILAN: (Holding.INDETERMINATE, Holding.INDETERMINATE),
    }
    for child, (of_iris, of_tom) in expected.items():
        found = register.look_up_subject(child, AT)
        assert found is not None
        assert found.authority.child == child
        assert holding(IRIS, found.authority, AT) is of_iris
        assert holding(TOM, found.authority, AT) is of_tom
        assert found.person == register.look_up(child, AT)


def test_somebody_unknown(register: BrpPersons) -> None:
    """The register knowing nobody by this BSN is an answer: nobody's child and nobody's parent."""
    assert register.look_up_subject(Bsn("999993653"), AT) is None
    assert register.minors_of(Bsn("999993653")) == ()
