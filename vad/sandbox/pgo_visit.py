"""One visitor of the demo PGO: what VAD sent, the tokens per data source, and the data they open."""

import base64
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Any

import requests

from vad.sandbox.fetching import FetchError, fetch_json
from vad.sandbox.outgoing import Certificate
from vad.sandbox.pgo_acting import Acting, ContradictionError, acting
from vad.sandbox.pgo_config import Source, TokenBy
from vad.sandbox.pgo_oidc import Attempt, OidcError, RelyingParty, Tokens
from vad.sandbox.pgo_step_up import demanded

SPARE = 10
"""Seconds before its end at which a token is no longer used."""
UNAUTHORIZED, FORBIDDEN = 401, 403


class Outcome(StrEnum):
    """How it went with one data source."""

    DATA = "data"
    NOT_ASKED = "not_asked"
    NO_CONSENT = "no_consent"
    NO_TOKEN = "no_token"  # noqa: S105 - a word, not a token
    LOGIN_TOO_WEAK = "login_too_weak"
    LOGIN_TOO_OLD = "login_too_old"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Result:
    """One data source with its outcome; `bundle` is FHIR, unchecked, and empty unless the outcome is DATA.

    `login` is what the source demands of a login (RFC 9470), where it wants another one.
    """

    source: Source
    outcome: Outcome
    bundle: dict[str, Any] = field(default_factory=dict)
    token_until: float | None = None
    login: Mapping[str, str] = field(default_factory=dict)

    @property
    def level(self) -> str:
        """The least level that the source demands, without the rest of its name."""
        return self.login.get("acr_values", "").partition(" ")[0].rpartition("/")[2]


@dataclass
class _Held:
    """The tokens of a logged-in visitor. Times are Unix seconds."""

    subject_token: str
    subject_until: float
    refresh_token: str | None
    granted: frozenset[str]
    per_source: dict[str, tuple[str, float]] = field(default_factory=dict)


class Visit:
    """What the app remembers of one visitor. `clock` tells Unix seconds."""

    def __init__(self, asked: tuple[Source, ...], attempt: Attempt, clock: Callable[[], float] = time.time) -> None:
        self.claims: dict[str, Any] | None = None
        self.acting: Acting | None = None
        """For whom the visitor acts; None for themself. A login never changes that: for another, people log in anew."""
        self.id_token = ""
        self._asked = asked
        self._attempt: Attempt | None = attempt
        self._demands: dict[str, Mapping[str, str]] = {}
        self.then = ""
        """Where in the app the visitor goes on after logging in again."""
        self._clock = clock
        self._held: _Held | None = None
        self._received: deque[dict[str, Any]] = deque(maxlen=200)
        self._lock = Lock()

    def finish(self, party: RelyingParty, answer: dict[str, str]) -> None:
        """Take VAD's answer at the callback: logged in, or OidcError. An attempt can be finished once."""
        with self._lock:
            attempt, self._attempt = self._attempt, None
            self._received.append({"callback": answer})
            tokens, claims = party.finish(attempt, answer, self.record)
            if self.claims is not None and claims["sub"] != self.claims["sub"]:
                raise OidcError("login_required")  # logged in again, and as somebody else
            try:
                self.acting = acting(claims, party.userinfo(tokens["access_token"], self.record))
            except ContradictionError as error:
                raise OidcError("invalid_response") from error
            self.claims = claims
            self._demands.clear()
            self.id_token = str(tokens["id_token"])
            self._held = _Held(
                tokens["access_token"],
                self._until(tokens),
                tokens.get("refresh_token"),
                frozenset(str(tokens.get("scope", "")).split()),
            )

    def results(self, party: RelyingParty, sources: tuple[Source, ...], *, anew: bool = False) -> list[Result]:
        """The data of every source, each failing on its own. Tokens are asked one by one, data all at once.

        `anew`: with no token that the app holds already.
        """
        with self._lock:
            if anew and self._held is not None:
                self._held.per_source.clear()
            tokens = [(source, *self._token(party, source)) for source in sources]
        with ThreadPoolExecutor(max_workers=max(len(tokens), 1)) as pool:
            return list(pool.map(lambda known: self._read(party.certificate, known[0].url, *known), tokens))

    def letters(self, party: RelyingParty, source: Source) -> Result:
        """The letters of one source."""
        with self._lock:
            known = self._token(party, source)
        return self._read(party.certificate, source.letters_url, source, *known)

    def again(self, party: RelyingParty, url: str, language: str, then: str) -> str | None:
        """The address for a login that opens `url`, for the same sources; None where no source demanded one.

        The tokens that the app has stay good, and stay the app's if the visitor thinks better of it. Raises OidcError.
        """
        with self._lock:
            if not (demand := self._demands.get(url)):
                return None
            # The hint: it has to be the same person (OpenID Connect Core 1.0, section 3.1.2.1).
            address, self._attempt = begin(party, self._asked, language, **demand, id_token_hint=self.id_token)
            self.then = then
            return address

    def received(self) -> list[dict[str, Any]]:
        """All that came from VAD in this session, oldest first, with the tokens opened."""
        return list(self._received)

    def record(self, response: requests.Response) -> None:
        """Keep an answer of VAD, for `received`."""
        try:
            body = response.json()
        except ValueError:
            body = response.text
        opened = {name: _opened(value) for name, value in body.items()} if isinstance(body, dict) else {}
        self._received.append(
            {
                "url": response.url,
                "status": response.status_code,
                "headers": dict(response.headers),
                "body": body,
                "opened": {name: value for name, value in opened.items() if value},
            }
        )

    def _token(self, party: RelyingParty, source: Source) -> tuple[Outcome, str, float]:
        held = self._held
        if held is None or source not in self._asked:
            return Outcome.NOT_ASKED, "", 0
        if source.data_service not in held.granted:
            return Outcome.NO_CONSENT, "", 0
        token, until = held.per_source.get(source.resource, ("", 0.0))
        if until - SPARE <= self._clock():
            try:
                tokens = self._new_token(party, source, held)
            except OidcError:
                return Outcome.NO_TOKEN, "", 0
            token, until = tokens["access_token"], self._until(tokens)
            held.per_source[source.resource] = token, until
        return Outcome.DATA, token, until

    def _new_token(self, party: RelyingParty, source: Source, held: _Held) -> Tokens:
        if source.token_by is TokenBy.REFRESH:
            return self._refresh(party, held, source.resource)
        if held.subject_until - SPARE <= self._clock():
            renewed = self._refresh(party, held, None)
            held.subject_token, held.subject_until = renewed["access_token"], self._until(renewed)
        return party.exchange(held.subject_token, source.resource, self.record)

    def _refresh(self, party: RelyingParty, held: _Held, resource: str | None) -> Tokens:
        if held.refresh_token is None:
            raise OidcError("invalid_grant")
        tokens = party.refresh(held.refresh_token, resource, self.record)
        held.refresh_token = tokens.get("refresh_token", held.refresh_token)
        return tokens

    def _read(
        self, certificate: Certificate | None, url: str, source: Source, outcome: Outcome, token: str, until: float
    ) -> Result:
        if outcome is not Outcome.DATA:
            return Result(source, outcome)
        try:
            headers = {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json"}
            return Result(source, outcome, fetch_json(url, headers=headers, certificate=certificate), until)
        except FetchError as error:
            if login := demanded(error.status, error.challenge):
                self._demands[url] = login
                strong = self._level() in login.get("acr_values", self._level()).split(" ")
                return Result(source, Outcome.LOGIN_TOO_OLD if strong else Outcome.LOGIN_TOO_WEAK, {}, until, login)
            refused = error.status in (UNAUTHORIZED, FORBIDDEN)
            return Result(source, Outcome.REFUSED if refused else Outcome.UNREACHABLE, {}, until)

    def _level(self) -> str:
        return str(self.claims.get("acr")) if self.claims else ""

    def _until(self, tokens: Tokens) -> float:
        life = tokens.get("expires_in")
        return self._clock() + (life if type(life) is int else 0)


def begin(party: RelyingParty, asked: tuple[Source, ...], language: str, **more: str) -> tuple[str, Attempt]:
    """The address of VAD for these sources, and what to remember. Raises OidcError."""
    services = list(dict.fromkeys(source.data_service for source in asked))
    return party.begin(services, [source.resource for source in asked], language, **more)


def _opened(value: Any) -> dict[str, Any] | None:
    """Header and claims of a JWT, unverified: to look at, not to trust. None for anything else."""
    parts = value.split(".") if isinstance(value, str) else []
    if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
        return None
    try:
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in parts[:2])
    except ValueError:
        return None
    return {"header": header, "claims": claims}
