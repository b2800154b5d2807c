"""The flows: one app with one browser and one connection that stays open, at any of the servers."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc.jwk import ECKey

from tests.benchmarks.proving import NONCE, Proving
from tests.support.relying_party_client import ACCESS_TOKEN, TOKEN_EXCHANGE, s256

_REDIRECTS = 4


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes
    cookies: tuple[str, ...] = ()
    """Every Set-Cookie."""


class Wire(Protocol):
    """How a request reaches the server."""

    def send(self, method: str, target: str, body: str | None, headers: Mapping[str, str]) -> Answer: ...
    def close(self) -> None: ...


class Http:
    """A connection to an address; after `close` the next request dials again."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(str(urlsplit(address).hostname), urlsplit(address).port, timeout=20)

    def send(self, method: str, target: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        self._connection.request(method, target, body, dict(headers))
        answer = self._connection.getresponse()
        read = answer.read()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, names, read, tuple(answer.headers.get_all("Set-Cookie", ())))

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True)
class App:
    """A registered client, the source whose tokens it wants, and what it asks for."""

    client_id: str
    key: Mapping[str, Any] = field(repr=False)
    redirect_uri: str
    source: str
    scope: str = "openid 51"
    pushes: bool = False
    """Whether it pushes its requests (RFC 9126)."""
    bound: bool = False
    """Whether it proves a key with each call (DPoP, RFC 9449)."""
    certificate: str = field(default="", repr=False)
    """What its proxy passes on of its certificate, where it proves itself by that (RFC 8705)."""


class Caller:
    """One browser with a session, and its app."""

    def __init__(self, wire: Wire, issuer: str, app: App, cookies: Mapping[str, str]) -> None:
        self._wire, self._issuer, self._app = wire, issuer, app
        self._cookies = dict(cookies)
        key = ECKey.import_key(dict(app.key))
        self._proving = Proving(issuer, app.client_id, key, certificate=app.certificate, bound=app.bound)
        self._refresh_token = self._access_token = ""
        self.given: Mapping[str, Any] = {}
        """What the app was answered last, in JSON."""

    def documents(self) -> None:
        """W1: discovery and keys."""
        self._json("GET", "/.well-known/openid-configuration")
        self._json("GET", "/jwks")

    def authorize(self) -> None:
        """W3: a code by a session that lives and a consent that stands, and its tokens."""
        app, verifier, state = self._app, secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        asked = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uri,
            "scope": app.scope,
            "state": state,
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": s256(verifier),
            "code_challenge_method": "S256",
            "resource": app.source,
        }
        if app.pushes:
            request_uri = self._post("/par", {name: asked[name] for name in asked if name != "client_id"}, 201)[
                "request_uri"
            ]
            asked = {"client_id": app.client_id, "request_uri": request_uri}
        answer = self._followed(f"/authorize?{urlencode(asked)}")
        if answer.get("state") != [state] or "code" not in answer:
            raise RuntimeError(f"no code came back, but {sorted(answer)}")
        form = {"grant_type": "authorization_code", "code": answer["code"][0], "redirect_uri": app.redirect_uri}
        given = self._post("/token", {**form, "code_verifier": verifier})
        if not given["id_token"]:
            raise RuntimeError("no ID token came back")
        self._refresh_token, self._access_token = given["refresh_token"], given["access_token"]

    def refresh(self) -> None:
        """W4."""
        answer = self._post("/token", {"grant_type": "refresh_token", "refresh_token": self._refresh_token})
        self._refresh_token, self._access_token = answer["refresh_token"], answer["access_token"]

    def introspect(self) -> None:
        """W5: of its own token."""
        if not self._post("/introspect", {"token": self._access_token})["active"]:
            raise RuntimeError("a living token was called dead")

    def userinfo(self) -> None:
        """W6."""
        self._json("GET", "/userinfo", None, self._proving.headers("GET", "/userinfo", self._access_token))

    def exchange(self) -> None:
        """WX."""
        form = {"grant_type": TOKEN_EXCHANGE, "subject_token": self._access_token, "resource": self._app.source}
        self._post("/token", {**form, "subject_token_type": ACCESS_TOKEN})

    def close(self) -> None:
        """Hang up; the next request dials again."""
        self._wire.close()

    def _followed(self, target: str) -> dict[str, list[str]]:
        """What the app is told once the browser, sent from one address to the next, is back at its door."""
        for _ in range(_REDIRECTS):
            cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
            answer = self._wire.send("GET", target, None, {"Cookie": cookies})
            if answer.status not in {302, 303}:
                raise RuntimeError(f"GET {target.partition('?')[0]} was answered {answer.status}, without a redirect")
            self._cookies |= dict(each.partition(";")[0].split("=", 1) for each in answer.cookies)
            target = answer.headers["location"]
            if target.startswith(self._app.redirect_uri):
                return parse_qs(urlsplit(target).query)
        raise RuntimeError("the browser was sent on and on")

    def _post(self, path: str, form: Mapping[str, str], status: int = 200) -> Mapping[str, Any]:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        while True:
            body = urlencode([*form.items(), *self._proving.form().items()])
            answer = self._wire.send("POST", path, body, {**kind, **self._proving.headers("POST", path)})
            known, self._proving.nonce = self._proving.nonce, answer.headers.get(NONCE, "")
            if answer.status != 400 or known or not self._proving.nonce:
                break  # the first proof of all is sent to hear a nonce
        self.given = dict(_read("POST", path, answer, status))
        return self.given

    def _json(self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> Any:
        return _read(method, path, self._wire.send(method, path, body, headers or {}))


def _read(method: str, path: str, answer: Answer, status: int = 200) -> Any:
    if answer.status != status:
        raise RuntimeError(f"{method} {path} was answered {answer.status}: {answer.body[:200]!r}")
    return json.loads(answer.body)


FLOWS: Mapping[str, Callable[[Caller], None]] = {
    "W1": Caller.documents,
    "W3": Caller.authorize,
    "W4": Caller.refresh,
    "W5": Caller.introspect,
    "W6": Caller.userinfo,
    "WX": Caller.exchange,
}
TITLES: Mapping[str, str] = {
    "W1": "discovery and keys (2 requests)",
    "W3": "authorize in a session, then token",
    "W4": "refresh",
    "W5": "introspection",
    "W6": "userinfo",
    "WX": "token exchange",
}
