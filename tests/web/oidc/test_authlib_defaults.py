"""What Authlib would do by itself and VAD must not: make tokens, and write them to its log (docs/authlib.md)."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.consent_page import LAB
from tests.support.key_holder import Holder
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town


def test_no_token_is_made_by_the_library(vad_town: Town) -> None:
    """It has no generator, for no grant type; and what would come by there is stored nowhere."""
    server: Any = vad_town.app.extensions["vad.oidc"]
    for grant_type in ("authorization_code", "refresh_token", "client_credentials", "default"):
        with pytest.raises(RuntimeError, match="No configured token generator"):
            server.generate_token(grant_type, object())
    with pytest.raises(TypeError, match="issued by"):
        server.save_token({"access_token": "x"}, object())


class _Heard(logging.Handler):
    """Everything that is said, in full."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.getMessage()}")


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Give the lines of every library, as if nobody had thought of which to let through."""
    handler, root, library = _Heard(), logging.getLogger(), logging.getLogger("authlib")
    before = root.level, library.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    library.setLevel(logging.DEBUG)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(before[0])
    library.setLevel(before[1])


def test_no_secret_is_logged_at_any_level(rp: RelyingParty, person: Person, heard: list[str]) -> None:
    """Neither code nor verifier, assertion, proof or token, given or refused: what would write them is not run."""
    holder, asked = Holder(rp), rp.ask(resources=(LAB,), scope="openid 51")
    code, assertion = person.authorize(asked), rp.assertion()
    held = rp.redeem(asked, code, client_assertion=assertion).json()
    renewed = holder.post("/token", {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}).json()
    exchanged = rp.exchange(held["access_token"], LAB).json()
    assert rp.redeem(asked, code).status_code == 400
    assert rp.redeem(asked, code, client_assertion=assertion).status_code == 401
    told = [answer[name] for answer in (held, renewed, exchanged) for name in answer if name.endswith("token")]
    assert len(told) == 6
    whole = "\n".join(heard)
    # Its own lines are there: nothing was heard of these because nothing was said.
    assert "authlib." in whole
    for secret in (code, asked.code_verifier, assertion, *told):
        assert secret not in whole
        assert secret[-40:] not in whole
