"""Rule 31: no BSN stands anywhere it must not, in no form that needs no key, after everything that can happen."""

import base64
import json
from collections.abc import Callable

import pytest

from tests.support.backroom import Backroom
from tests.support.bsn_scan import forms, found
from tests.support.bsn_witness import BSNS, NOBODY, Witness, witness
from tests.support.person import (
    CORNELIA_DECEASED,
    DAAN_16,
    FROUKE,
    HENDRIK,
    IRIS,
    NOOR_15,
    PIETER,
    ROBIN_UNCERTAIN_AGE,
    SAMIRA,
    YUSUF_UNKNOWN_AGE,
    Person,
)
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.sandbox.digid.tokens import NONSENSE

__all__ = ["witness"]

LAB = "https://source.example"
NewPerson = Callable[[], Person]


@pytest.mark.slow
def test_no_bsn_stands_where_it_must_not(
    vad_town: Town, rp: RelyingParty, other_rp: RelyingParty, backroom: Backroom, witness: Witness
) -> None:
    """Addresses, log lines, answers, Redis, the database and the app: after every success and every failure."""
    with witness.watching():
        _successes(vad_town, rp, other_rp, witness)
        _refusals(rp, witness.somebody)
        _trouble(vad_town, rp, witness)
        backroom.wait_for_brp()
        received = _through_the_app(vad_town, witness.somebody)
    witness.scan_all(least=100)
    witness.scan_logs("token_refused")
    witness.scan("what the app received", received)
    witness.scan_redis()
    assert any(key.endswith(b":subject") for key in witness.redis)
    witness.scan_tables("persons", "consents", "grants", "audit_events", "clients", "resource_servers", "keys")


def _successes(town: Town, rp: RelyingParty, other_rp: RelyingParty, witness: Witness) -> None:
    """The main job for several people, with every kind of source, every grant and every page."""
    sources = (town.address("hospital"), town.address("gp"), town.address("rivm"), LAB)
    for bsn, party in ((FROUKE, rp), (PIETER, other_rp), (HENDRIK, rp), (DAAN_16, rp)):
        person = witness.somebody()
        asked = party.ask(resources=sources, scope="openid 48 49 51 63")
        own = party.redeem(asked, person.authorize(asked, bsn))
        answers = [own, *(party.exchange(own.json()["access_token"], source) for source in sources)]
        answers += [party.refresh(own.json()["refresh_token"], resource=sources[1])]
        assert {answer.status_code for answer in answers} == {200}
        answers += [party.exchange(answers[1].json()["access_token"], sources[0])]
        answers += [party.redeem(asked, "made-up"), party.refresh("made-up")]
        witness.responses += answers
        for path in ("/mijn/activiteit", "/mijn/toestemmingen", "/hulp", "/nergens", "/authorize?client_id=x"):
            person.open(f"{town.issuer}{path}")
        person.open(f"{town.issuer}/mijn/activiteit")
        person.press("logout")


def _refusals(rp: RelyingParty, somebody: NewPerson) -> None:
    """People who may not, who will not, and who do not get through DigiD."""
    for bsn in (NOOR_15, CORNELIA_DECEASED, YUSUF_UNKNOWN_AGE, ROBIN_UNCERTAIN_AGE, NOBODY):
        person = somebody()
        person.open(rp.ask(resources=(LAB,), scope="openid 51").url)
        assert person.log_in(bsn).status == 403
        person.open(person.page.elements["back"]["href"])
    for outcome in ("cancel", "failure", "too_low"):
        person = somebody()
        person.open(rp.ask(resources=(LAB,), scope="openid 51").url)
        person.log_in(SAMIRA, outcome=outcome)
        person.log_in(SAMIRA)
        person.press("consent-refuse")
        person.open(next(url for url in person.urls if "/digid/callback" in url))


def _trouble(town: Town, rp: RelyingParty, witness: Witness) -> None:
    """DigiD, BRP and PRS failing in every way, each with somebody on the way."""
    for mode in (*NONSENSE, "error500", "garbage", "close"):
        person = witness.somebody()
        person.open(rp.ask(resources=(LAB,), scope="openid 51").url)
        with town.misbehaving("digid", mode, endpoints=["/token"]):
            person.log_in(SAMIRA)
        person.log_in(SAMIRA)
    for mode in ("error500", "garbage", "close"):
        person, gp = witness.somebody(), town.address("gp")
        asked = rp.ask(resources=(gp,), scope="openid 49")
        own = rp.redeem(asked, person.authorize(asked, SAMIRA)).json()
        with town.misbehaving("prs", mode):
            failed = rp.exchange(own["access_token"], gp)
        assert failed.status_code == 503
        mended = rp.exchange(own["access_token"], gp)
        assert mended.status_code == 200
        witness.responses += [failed, mended]
        with town.misbehaving("brp", mode):
            person.open(f"{town.issuer}/inloggen")
            person.log_in(NOBODY)


def _through_the_app(town: Town, somebody: NewPerson) -> str:
    """Journeys through the demo's own app, for oneself and for a child; gives all that it ever received."""
    texts = []
    for bsn in (FROUKE, IRIS):
        person = somebody()
        person.open(town.address("pgo"))
        person.press("login")
        person.log_in(bsn)
        if bsn == IRIS:
            person.act_for("Sem Bos")
        person.consent()
        assert {person.page.elements[f"data-{number}"]["data-outcome"] for number in (1, 2, 3)} == {"data"}
        assert ("acting" in person.page.elements) is (bsn == IRIS)
        texts.append(person.open(f"{town.address('pgo')}/received").text)
        assert len(json.loads(texts[-1])["received"]) >= 3
    return "\n".join(texts)


CONTROL = [(form, number) for form, needles in forms(FROUKE).items() for number in range(len(needles))]


@pytest.mark.parametrize(("form", "number"), CONTROL)
def test_the_scan_finds_what_is_planted(form: str, number: int) -> None:
    """Negative control: in every form it looks for, a BSN in the middle of something else is found."""
    needle = forms(FROUKE)[form][number]
    assert len(needle) >= 9
    assert (FROUKE, form) in found(b"before" + needle + b"after", BSNS)
    assert found(b"before" + needle[1:] + b"after", [PIETER]) == []


@pytest.mark.parametrize("before", ["", "a", "ab", '{"sub":"', '{"iss":"x","sub":"'])
def test_the_scan_sees_through_encodings(before: str) -> None:
    """Negative control: in a JWT, in a JWT within a JWT, in hex, wherever it happens to begin."""
    content = f'{before}{FROUKE}","aud":"x"}}'.encode()
    segment = base64.urlsafe_b64encode(content)
    for written in (content, segment, base64.urlsafe_b64encode(b"e" + segment), content.hex().encode()):
        assert found(written, BSNS) != []


def test_the_scan_leaves_the_innocent_alone() -> None:
    """Keyed or encrypted values, and other numbers, are not taken for a BSN."""
    assert found(json.dumps({"iat": 1795300000, "exp": 1795300300, "oin": "00000099000000001000"}), BSNS) == []
