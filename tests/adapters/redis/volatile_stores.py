"""The stores under test, and values to put into them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self, cast
from uuid import UUID

from vad.adapters.redis.authorization_requests import RedisAuthorizationRequests
from vad.adapters.redis.codes import RedisCodes
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.consent_drafts import RedisConsentDrafts
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.logout_requests import RedisLogoutRequests
from vad.adapters.redis.name_cache import RedisNameCache
from vad.adapters.redis.pending_logins import RedisPendingLogins
from vad.adapters.redis.pushed_requests import RedisPushedRequests
from vad.adapters.redis.renewable_logins import RedisRenewableLogins
from vad.adapters.redis.replay import RedisReplayGuard
from vad.adapters.redis.sessions import RedisSessions
from vad.adapters.redis.subject_cache import RedisSubjectCache
from vad.adapters.vault.generation import create_secret
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose
from vad.adapters.vault.master_key import MasterKey
from vad.domain.assurance import LevelOfAssurance
from vad.domain.authorization import AuthorizationRequest, ResponseMode
from vad.domain.consent import Duration
from vad.domain.errors import LoginFailure
from vad.domain.grant import Grant, GrantState
from vad.domain.identifiers import ClientId, ConsentId, GrantId, PersonId, ResourceId, Sid
from vad.domain.logout import HintState, LogoutRequest
from vad.domain.session import Session
from vad.services.ports.volatile import AuthorizationCode, ConsentDraft, PendingLogin

AT = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
CLIENT = ClientId("pgo-1")
PERSON = PersonId(UUID(int=7))
BROWSER = bytes(range(32))
MINUTE = 60_000
"""Milliseconds."""


class Server(Protocol):
    """The Redis of this test run."""

    @property
    def url(self) -> str:
        """Its address."""


@dataclass(frozen=True)
class Stores:
    """Every store over one connection."""

    redis: RedisConnection
    sessions: RedisSessions
    requests: RedisAuthorizationRequests
    logins: RedisPendingLogins
    codes: RedisCodes
    replay: RedisReplayGuard
    names: RedisNameCache
    drafts: RedisConsentDrafts
    logouts: RedisLogoutRequests
    minors: RedisSubjectCache
    pushed: RedisPushedRequests
    renewable: RedisRenewableLogins

    @classmethod
    def over(cls, redis: RedisConnection, keyring: KeyRing | None = None) -> Self:
        """All of them; new keys by default, so that they start empty."""
        ring = keyring or fresh_keyring()
        keys = StoreKeys(ring)
        return cls(
            redis,
            RedisSessions(redis, keys),
            RedisAuthorizationRequests(redis, keys),
            RedisPendingLogins(redis, keys),
            RedisCodes(redis, keys),
            RedisReplayGuard(redis, keys),
            RedisNameCache(redis, keys, ring),
            RedisConsentDrafts(redis, keys, ring),
            RedisLogoutRequests(redis, keys, ring),
            RedisSubjectCache(redis, keys, ring),
            RedisPushedRequests(redis, keys),
            RedisRenewableLogins(redis, keys),
        )

    def end_session(self, cookie: str) -> None:
        """End the session of this cookie, and remove it."""
        known = self.sessions.get(cookie)
        assert known is not None
        self.sessions.end(known.sid)
        self.sessions.remove(self.sessions.place(cookie))

    def stored(self) -> dict[str, bytes]:
        """Everything that is in this Redis now."""
        names = [str(name, "ascii") for name in self.redis.client.scan_iter()]
        return {name: self._value(name) for name in names}

    def _value(self, name: str) -> bytes:
        client = self.redis.client
        if client.type(name) == b"zset":
            return b"\n".join(cast("list[bytes]", client.zrange(name, 0, -1)))
        return cast("bytes", client.get(name))

    def name_of(self, kind: str) -> str:
        """The key of the one value of this kind."""
        (name,) = (name for name in self.stored() if name.endswith(f":{kind}"))
        return name

    def milliseconds_left(self, kind: str) -> int:
        """How long the one value of this kind still lives."""
        return self.redis.client.pttl(self.name_of(kind))


def fresh_keyring() -> KeyRing:
    """The two keys that these stores use."""
    master = MasterKey(bytes(32))
    return KeyRing(
        master, [create_secret(master, purpose, KeyState.ACTIVE, AT) for purpose in (Purpose.BINDING, Purpose.CACHE)]
    )


def session(**changes: object) -> Session:
    """A session that has just begun."""
    values: dict[str, object] = {
        "sid": Sid("sid-1"),
        "person_id": PERSON,
        "level": LevelOfAssurance.SUBSTANTIEEL,
        "auth_time": AT,
        "last_active": AT,
        "clients": frozenset({CLIENT, ClientId("pgo-2")}),
        **changes,
    }
    return Session(**values)  # type: ignore[arg-type]


def request(**changes: object) -> AuthorizationRequest:
    """An authorization request in which every field holds something."""
    values: dict[str, object] = {
        "flow": "flow-secret",
        "browser": BROWSER,
        "client_id": CLIENT,
        "redirect_uri": "https://app.example/callback?a=é",
        "scope": ("openid", "48"),
        "state": "the-app's-state\ud800",
        "nonce": "nonce-1",
        "code_challenge": "challenge",
        "resources": (ResourceId("https://bron-a.example"),),
        "received_at": AT,
        "prompt": frozenset({"login", "consent"}),
        "max_age": 0,
        "acr_values": (LevelOfAssurance.HOOG, LevelOfAssurance.MIDDEN),
        "ui_locales": ("nl",),
        "response_mode": ResponseMode.FORM_POST,
        "login_failure": LoginFailure.LEVEL,
        "login_answered": True,
        "refused": False,
        "consents": (ConsentId(UUID(int=3)),),
        **changes,
    }
    return AuthorizationRequest(**values)  # type: ignore[arg-type]


def login(**changes: object) -> PendingLogin:
    """A visit to DigiD."""
    values: dict[str, object] = {
        "state": "digid-state-secret",
        "nonce": "nonce-2",
        "code_verifier": "verifier",
        "browser": BROWSER,
        "minimum": LevelOfAssurance.HOOG,
        "began_at": AT,
        "flow": "flow-secret",
        **changes,
    }
    return PendingLogin(**values)  # type: ignore[arg-type]


def logout(**changes: object) -> LogoutRequest:
    """A request to log out in which every field holds something."""
    values: dict[str, object] = {
        "client_id": CLIENT,
        "hint": HintState.KNOWN,
        "hint_sub": "pairwise-secret",
        "hint_sid": "sid-secret",
        "hint_over": True,
        "redirect_uri": "https://app.example/uit?a=é",
        "state": "the-app's-state",
        "ui_locales": "nl",
        **changes,
    }
    return LogoutRequest(**values)  # type: ignore[arg-type]


def draft() -> ConsentDraft:
    """What stood on a consent page."""
    return ConsentDraft(frozenset({"https://bron-a.example"}), Duration.UNTIL_STOPPED, "0" * 64)


def code_value(client: ClientId = CLIENT) -> AuthorizationCode:
    """What a code stands for."""
    grant = Grant(
        grant_id=GrantId(UUID(int=9)),
        code_hash=b"\x00\xff" * 16,
        sid=Sid("sid-1"),
        client_id=client,
        actor=PERSON,
        subject=PERSON,
        level=LevelOfAssurance.HOOG,
        auth_time=AT,
        session_ends_at=AT + timedelta(hours=2),
        data_services=frozenset({"48", "49"}),
        resources=(ResourceId("https://bron-a.example"),),
        consents=(ConsentId(UUID(int=3)),),
        created_at=AT,
        state=GrantState.ACTIVE,
        refresh_generation=0,
        refreshed_at=None,
    )
    return AuthorizationCode(grant, "https://app.example/callback", "challenge", "nonce-1")


def near(milliseconds: int, expected: int) -> bool:
    """Whether a life is what it should be, give or take a slow machine."""
    return expected - 10_000 < milliseconds <= expected
