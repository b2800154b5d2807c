"""VAD from the inside: its keys, its Redis and its tables, to bring about what takes time or a fault otherwise."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
import requests
from redis import Redis

from tests.support.database import ask
from tests.support.relying_party_client import Asked, claims_of, header_of
from tests.support.town import Town
from vad.adapters.jose.handles import SivHandles
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.bootstrap.redis import connection as redis_connection

SOURCE = "https://source.example"
SOUTH = "https://south.example"


@dataclass
class Inside:
    """One look inside, on the keys that VAD itself uses."""

    town: Town
    keyring: KeyRing
    redis: Redis = field(init=False)
    handles: SivHandles = field(init=False)

    def __post_init__(self) -> None:
        self.redis = redis_connection(self.town.settings.redis).client
        self.handles = SivHandles(self.keyring)

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement as superuser."""
        return ask(self.town.database.superuser_url, statement, values)

    def expire(self, kind: str, name: str) -> int:
        """Let the time of a value in Redis run out; returns how many seconds it had left."""
        left = self.seconds_left(kind, name)
        assert self.redis.delete(StoreKeys(self.keyring).of(kind, name)) == 1, "there was no such value"
        return left

    def seconds_left(self, kind: str, name: str) -> int:
        """How long a value in Redis still lives."""
        return int(self.redis.ttl(StoreKeys(self.keyring).of(kind, name)))

    def grant_id(self, token: str) -> str:
        """The grant that a token comes from."""
        found = self.handles.grant_of(claims_of(token)["jti"])
        assert found is not None
        return str(found)

    def grant(self, token: str, columns: str = "state") -> tuple[Any, ...]:
        """Columns of that grant's row."""
        return self.ask(f"SELECT {columns} FROM grants WHERE grant_id = %s", self.grant_id(token))[0]  # noqa: S608

    def events(self, kind: str, jti: str) -> int:
        """How many events of a kind name this token."""
        statement = "SELECT count(*) FROM audit_events WHERE type = %s AND evidence->>'jti' = %s"
        return int(self.ask(statement, kind, jti)[0][0])

    def resigned(self, token: str, *, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """Sign an altered token with VAD's own key. `changes` replace claims; None leaves one out."""
        claims = {name: value for name, value in {**claims_of(token), **changes}.items() if value is not None}
        key = self.keyring.get(header_of(token)["kid"])
        assert key.purpose is Purpose.SIGNING
        return jwt.encode(claims, key.private, key.algorithm, headers={**header_of(token), **(header or {})})


def visit(asked: Asked, *more: tuple[str, str]) -> requests.Response:
    """Send an authorization request in a browser that never was here, with `more` parameters; follow nothing."""
    pairs = [*asked.parameters, *more]
    address = asked.url.partition("?")[0]
    return requests.get(address, params=pairs, allow_redirects=False, timeout=20)


def unsigned(claims: Mapping[str, Any], header: Mapping[str, Any], signature: bytes = b"") -> str:
    """Write a JWS by hand, with whatever signature."""
    return ".".join((_part(header), _part(claims), _encoded(signature)))


def signing_input(claims: Mapping[str, Any], header: Mapping[str, Any]) -> bytes:
    """What a JWS's signature is made over (RFC 7515 section 5.1)."""
    return f"{_part(header)}.{_part(claims)}".encode()


def _part(value: Mapping[str, Any]) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
