"""A data source that asks the issuer about every token: it answers only where the issuer stands for that token."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, request
from joserfc import jwt
from joserfc.errors import JoseError

from tests.sandbox.fake_issuer import FakeIssuer, signing_key
from tests.sandbox.test_data_source import KEY, config, read, reasons
from tests.support.relying_party_client import claims_of
from vad.sandbox.data_source import Config, create_app
from vad.sandbox.fields import ConfigError
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve

ASKING = signing_key("asking")


@dataclass
class Desk:
    """The introspection endpoint of an issuer for tests. `changes` are laid over what a good answer says."""

    issuer: FakeIssuer = field(default_factory=FakeIssuer)
    source: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    proofs: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> Flask:
        """Serve it beside the keys; a caller that does not prove itself to be the source gets 401."""
        app = self.issuer.app()

        @app.post("/introspect")
        def introspect() -> tuple[dict[str, Any], int]:
            registry = jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": self.source},
                sub={"essential": True, "value": self.source},
                aud={"essential": True, "value": self.issuer.url},
                iat={"essential": True},
                exp={"essential": True},
                jti={"essential": True},
            )
            try:
                claims = jwt.decode(request.form["client_assertion"], ASKING, algorithms=["ES256"]).claims
                registry.validate(claims)
            except JoseError:
                return {"error": "invalid_client"}, 401
            self.proofs.append(claims)
            token = claims_of(request.form["token"])
            told = {"active": True, "jti": token["jti"], "aud": token["aud"], **self.changes}
            return told, self.status

        return app


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Give an issuer that answers about tokens."""
    made = Desk()
    with serve(made.app()) as url:
        made.issuer.url = url
        yield made


@pytest.fixture
def rivm(desk: Desk) -> Iterator[str]:
    """Give the address of a source that asks."""
    port = free_port()
    desk.source = f"http://localhost:{port}"
    raw = config(desk.issuer.url, desk.source, inquiry_key=dict(ASKING.as_dict(private=True)))
    with serve(create_app(Config.from_json(raw)), port) as url:
        yield url


def test_it_asks_each_time(desk: Desk, rivm: str) -> None:
    """No answer is kept, and each proof is a new one that soon ends (RFC 7523 section 3)."""
    token = desk.issuer.sign(desk.issuer.claims(rivm, KEY))
    assert [read(rivm, token).status_code for _ in range(3)] == [200] * 3
    assert len({proof["jti"] for proof in desk.proofs}) == 3
    assert {proof["sub"] for proof in desk.proofs} == {rivm}
    assert all(0 < proof["exp"] - proof["iat"] <= 60 for proof in desk.proofs)


def test_a_token_that_holds_no_more(desk: Desk, rivm: str) -> None:
    """It is refused from one moment to the next, with its signature as good as before."""
    token = desk.issuer.sign(desk.issuer.claims(rivm, KEY))
    assert read(rivm, token).status_code == 200
    desk.changes = {"active": False}
    answer = read(rivm, token)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert reasons(rivm) == ["inactive"]


@pytest.mark.parametrize(
    "changes",
    [{"active": "true"}, {"active": 1}, {"active": None}, {"jti": "other"}, {"jti": None}, {"aud": "http://other"}],
    ids=str,
)
def test_only_a_yes_about_this_token_is_a_yes(desk: Desk, rivm: str, changes: dict[str, Any]) -> None:
    """Anything but `true`, and an answer about another token, opens nothing."""
    desk.changes = changes
    assert read(rivm, desk.issuer.sign(desk.issuer.claims(rivm, KEY))).status_code == 401


@pytest.mark.parametrize("status", [302, 401, 429, 500, 503])
def test_no_answer_opens_nothing(desk: Desk, rivm: str, status: int) -> None:
    """Fail closed: a passing fault (503), never a reason to believe the signature alone."""
    desk.status = status
    assert read(rivm, desk.issuer.sign(desk.issuer.claims(rivm, KEY))).status_code == 503
    assert reasons(rivm) == ["issuer_unavailable"]


def test_nobody_makes_it_ask_about_a_forged_token(desk: Desk, rivm: str) -> None:
    """What its own check refuses is never sent on."""
    forged = FakeIssuer(desk.issuer.url, {"ec": signing_key("ec")}).sign(desk.issuer.claims(rivm, KEY))
    assert read(rivm, forged).status_code == 401
    assert read(rivm, desk.issuer.sign(desk.issuer.claims("http://localhost:1", KEY))).status_code == 401
    assert desk.proofs == []


def test_a_key_that_cannot_prove_anything() -> None:
    """A source does not start with it."""
    raw = config("http://localhost:1", "http://localhost:2", inquiry_key={"kty": "EC"})
    with pytest.raises(ConfigError, match="inquiry_key"):
        create_app(Config.from_json(raw))
