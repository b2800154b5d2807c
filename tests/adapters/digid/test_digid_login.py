"""Logging in with DigiD over real HTTP: the happy way, every nonsense, and DigiD in trouble."""

import logging
import traceback
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from tests.adapters.digid.digid_visit import AT, BSN, CALLBACK, QUICK, OurSide, pending, visit
from vad.domain.assurance import LevelOfAssurance
from vad.domain.errors import LoginFailedError, LoginFailure, RegisterUnavailableError
from vad.sandbox.digid.tokens import NONSENSE
from vad.sandbox.ports import free_port
from vad.services.ports.outside import Identity


def test_the_request_says_what_it_must(ours: OurSide) -> None:
    """Code flow with state, nonce, S256 and the level that is demanded; nothing secret in the address."""
    login = pending(LevelOfAssurance.HOOG)
    address = ours.connector().begin(login)
    assert address.startswith(f"{ours.issuer}/authorize?")
    assert parse_qs(urlsplit(address).query, strict_parsing=True) == {
        "response_type": ["code"],
        "client_id": ["vad"],
        "redirect_uri": [CALLBACK],
        "scope": ["openid"],
        "state": [login.state],
        "nonce": [login.nonce],
        "code_challenge": [create_s256_code_challenge(login.code_verifier)],
        "code_challenge_method": ["S256"],
        "acr_values": ["http://eidas.europa.eu/LoA/high"],
        "prompt": ["login"],
        "ui_locales": ["nl"],
    }
    assert login.code_verifier not in address


@pytest.mark.parametrize(("asked", "used"), [("MIDDEN", "hoog"), ("SUBSTANTIEEL", "substantieel"), ("HOOG", "hoog")])
def test_a_person_logs_in(ours: OurSide, caplog: pytest.LogCaptureFixture, asked: str, used: str) -> None:
    """Who, how strongly (the level that came back, rule 35) and when; nothing of it in any log line or address."""
    login = pending(LevelOfAssurance[asked])
    connector = ours.connector()
    with caplog.at_level(logging.DEBUG):
        address = connector.begin(login)
        response = visit(address, level=used)
        identity = connector.complete(login, response, AT)
    assert isinstance(identity, Identity)
    assert identity.bsn.reveal() == BSN
    assert (identity.level, identity.auth_time) == (LevelOfAssurance[used.upper()], AT)
    assert BSN not in caplog.text + address + str(response)
    for secret in (login.code_verifier, response["code"]):
        assert secret not in caplog.text


def test_another_process_completes(ours: OurSide) -> None:
    """Nothing is kept between the two halves but the pending login itself."""
    login = pending()
    response = visit(ours.connector().begin(login))
    identity = ours.connector().complete(login, response, AT)
    assert isinstance(identity, Identity)
    assert identity.bsn.reveal() == BSN


def failure(ours: OurSide, response: dict[str, str], **changes: object) -> LoginFailedError:
    """Give the failure of a visit, after proving that its text tells nothing about the person."""
    login = changes.get("login") or pending()
    with pytest.raises(LoginFailedError) as caught:
        ours.connector().complete(login, response, AT)  # type: ignore[arg-type]
    assert BSN not in "".join(traceback.format_exception(caught.value))
    return caught.value


REASONS = {
    "wrong_nonce": "id token: nonce",
    "wrong_audience": "id token: aud or azp",
    "wrong_issuer": "id token: iss",
    "expired": "id token: exp",
    "too_low": "id token: MIDDEN where SUBSTANTIEEL is demanded",
    "foreign_key": "id token: signature",
    "unsigned": "id token: algorithm",
    "not_encrypted": "id token: malformed",
}


@pytest.mark.parametrize("mode", NONSENSE)
def test_nonsense_is_refused(ours: OurSide, caplog: pytest.LogCaptureFixture, mode: str) -> None:
    """Whatever is wrong with the ID token, nobody is let in; only too weak a login is told apart."""
    login = pending()
    response = visit(ours.connector().begin(login))
    ours.fault(mode, "/token")
    with caplog.at_level(logging.DEBUG):
        error = failure(ours, response, login=login)
    assert error.failure is (LoginFailure.LEVEL if mode == "too_low" else LoginFailure.FAILED)
    assert error.detail == REASONS[mode]
    assert BSN not in caplog.text


def test_cancel_failure_and_weakness_come_back_as_such(ours: OurSide) -> None:
    """`access_denied` is the person's own choice; any other error is a failure; too weak a level is one of its own."""
    for outcome, expected in [("cancel", "CANCELLED"), ("failure", "FAILED"), ("too_low", "LEVEL")]:
        login = pending()
        response = visit(ours.connector().begin(login), outcome=outcome)
        assert failure(ours, response, login=login).failure is LoginFailure[expected]


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"state": "other"}, "state"),
        ({"state": "\ud800"}, "state"),
        ({"iss": "http://localhost:1"}, "iss"),
        ({"iss": None}, "iss"),
        ({"error": "access_denied", "iss": "http://localhost:1"}, "iss"),
        ({"code": None}, "no code"),
        ({"code": "a\nb"}, "no code"),
        ({"code": "x" * 2049}, "no code"),
        ({"code": "unknown"}, "token endpoint: invalid_grant"),
        ({"error": f"999991772 {'x' * 50}"}, "an unreadable error"),
    ],
)
def test_a_tampered_answer_is_refused(ours: OurSide, changes: dict[str, str | None], detail: str) -> None:
    """State and issuer must be right before anything else counts (RFC 9207); a foreign code gets nothing."""
    login = pending()
    response = {"state": login.state, "code": "x", "iss": ours.issuer} | changes
    error = failure(ours, {name: value for name, value in response.items() if value is not None}, login=login)
    assert error.failure is LoginFailure.FAILED
    assert detail in error.detail


def test_the_code_of_another_visit_is_refused(ours: OurSide) -> None:
    """Code injection: a code belongs to the verifier of the visit it was made for (RFC 9700 section 4.5)."""
    theirs, mine = pending(), pending()
    response = visit(ours.connector().begin(theirs)) | {"state": mine.state}
    assert "invalid_grant" in failure(ours, response, login=mine).detail


def test_a_code_works_once(ours: OurSide) -> None:
    """The same answer a second time is refused."""
    login = pending()
    response = visit(ours.connector().begin(login))
    ours.connector().complete(login, response, AT)
    assert "invalid_grant" in failure(ours, response, login=login).detail


@pytest.mark.parametrize("endpoint", ["/.well-known/openid-configuration", "/token", "/jwks"])
@pytest.mark.parametrize("mode", ["hang", "close", "error500", "garbage"])
def test_trouble_on_the_way_is_trouble(
    ours: OurSide, caplog: pytest.LogCaptureFixture, endpoint: str, mode: str
) -> None:
    """DigiD slow, broken or silent: never a login, and an error that says so without telling anything else."""
    login = pending()
    response = visit(ours.connector().begin(login))
    ours.fault(mode, endpoint)
    with caplog.at_level(logging.DEBUG), pytest.raises(RegisterUnavailableError) as caught:
        ours.connector(limits=QUICK).complete(login, response, AT)
    for secret in (BSN, response["code"], login.code_verifier):
        assert secret not in "".join(traceback.format_exception(caught.value)) + caplog.text


def test_digid_down_is_trouble(ours: OurSide) -> None:
    """Nobody listening: an error at once, and a connector that works as soon as DigiD does."""
    connector = ours.connector(f"http://localhost:{free_port()}")
    with pytest.raises(RegisterUnavailableError):
        connector.begin(pending())
