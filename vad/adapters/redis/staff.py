"""Logins of staff, their visits to the identity provider and what they typed, under keys of their own."""

import json
from datetime import datetime, timedelta
from typing import cast

from vad.adapters.redis import scripts
from vad.adapters.redis.codec import IDENTIFIER, TEXT, TIME, Codec, choice, collection, optional
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.scripts import BoundValues
from vad.adapters.redis.sealed import SealedValues
from vad.adapters.vault.rings import Rings
from vad.domain.identifiers import StaffId
from vad.domain.staff import StaffRole
from vad.domain.staff_session import ABSOLUTE_LIFE, IDLE_LIFE, StaffSession
from vad.services.ports.staff import PendingStaffLogin
from vad.services.staff_drafts import KEPT

LIFE_SECONDS = 15 * 60

_SESSION = Codec(
    StaffSession,
    {
        "sid": TEXT,
        "issuer": TEXT,
        "subject": TEXT,
        "roles": collection(choice(StaffRole)),
        "auth_time": TIME,
        "last_active": TIME,
        "ends_at": TIME,
        "account": optional(IDENTIFIER),
        "person": optional(IDENTIFIER),
    },
)
_LOGIN = Codec(
    PendingStaffLogin,
    {"nonce": TEXT, "code_verifier": TEXT, "began_at": TIME, "language": TEXT, "page": TEXT},
    left_out=frozenset({"state", "browser"}),
)


class RedisPendingStaffLogins:
    """`vad.services.ports.staff.PendingStaffLogins`."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys) -> None:
        self._values = BoundValues(redis)
        self._keys = keys

    def add(self, login: PendingStaffLogin) -> None:
        self._values.add(self._key(login.state), login.browser, _LOGIN.dump(login), LIFE_SECONDS)

    def take(self, state: str, browser: bytes) -> PendingStaffLogin | None:
        return _LOGIN.load(self._values.take(self._key(state), browser), state=state, browser=browser)

    def _key(self, state: str) -> str:
        return self._keys.of("staff_pending_login", state)


class RedisStaffSessions:
    """`vad.services.ports.staff.StaffSessions`. An hour after its absolute end a login disappears.

    Until then it lets nobody in, and says whose form it was that came too late.
    """

    def __init__(self, redis: RedisConnection, keys: StoreKeys) -> None:
        self._redis = redis
        self._keys = keys

    def add(self, cookie: str, session: StaffSession) -> None:
        life = session.ends_at - session.last_active
        if life > timedelta():
            key, value = self._key(cookie), _SESSION.dump(session)
            self._redis.write(lambda client: client.set(key, value, px=life + KEPT))

    def get(self, cookie: str) -> StaffSession | None:
        key = self._key(cookie)
        return _SESSION.load(cast("bytes | None", self._redis.read(lambda client: client.get(key))))

    def touch(self, cookie: str, at: datetime) -> StaffSession | None:
        key, times = self._key(cookie), [str(TIME.write(t)) for t in (at, at - IDLE_LIFE, at - ABSOLUTE_LIFE)]
        # Asking twice for the same is harmless, so it is repeated like whatever only reads.
        found = self._redis.read(lambda client: scripts.run(client, scripts.TOUCH, key, *times))
        session = _SESSION.load(cast("bytes | None", found))
        return session.active(at) if session is not None and session.live(at) else None

    def remove(self, cookie: str) -> None:
        key = self._key(cookie)
        self._redis.write(lambda client: client.delete(key))

    def _key(self, cookie: str) -> str:
        return self._keys.of("staff_session", cookie)


class RedisStaffDrafts:
    """`vad.services.ports.staff.StaffDrafts`."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys, rings: Rings) -> None:
        self._values = BoundValues(redis)
        self._keys = keys
        self._sealed = SealedValues(rings, "StaffDraft")

    def add(self, account: StaffId, page: str, fields: tuple[tuple[str, str], ...]) -> None:
        key = self._key(account)
        sealed = self._sealed.seal(json.dumps(fields).encode(), row=key)
        self._values.add(key, _bytes(page), sealed, KEPT // timedelta(seconds=1))

    def take(self, account: StaffId, page: str) -> tuple[tuple[str, str], ...]:
        key = self._key(account)
        opened = self._sealed.open(self._values.take(key, _bytes(page)), row=key)
        return () if opened is None else tuple((name, value) for name, value in json.loads(opened))

    def _key(self, account: StaffId) -> str:
        return self._keys.of("staff_draft", account.hex)


def _bytes(page: str) -> bytes:
    return page.encode(errors="surrogatepass")
