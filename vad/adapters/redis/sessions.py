"""SSO sessions, by a keyed hash of the session cookie."""

from datetime import timedelta
from typing import cast

from vad.adapters.redis.codec import IDENTIFIER, TEXT, TIME, Codec, choice, collection
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.domain.assurance import LevelOfAssurance
from vad.domain.identifiers import Sid
from vad.domain.session import Session

CODEC = Codec(
    Session,
    {
        "sid": TEXT,
        "person_id": IDENTIFIER,
        "level": choice(LevelOfAssurance),
        "auth_time": TIME,
        "last_active": TIME,
        "clients": collection(TEXT),
    },
)


class RedisSessions:
    """`vad.services.ports.volatile.Sessions`. A session disappears at its absolute end."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys) -> None:
        self._redis = redis
        self._keys = keys

    def add(self, cookie: str, session: Session) -> None:
        key, value, life = self._key(cookie), CODEC.dump(session), _life(session)
        if life > timedelta():
            self._redis.write(lambda client: client.set(key, value, px=life))
            # Beside the browser's entry: an app asks for the session without the browser.
            mark = self._mark(session.sid)
            self._redis.write(lambda client: client.set(mark, b"1", px=life))

    def get(self, cookie: str) -> Session | None:
        key = self._key(cookie)
        return CODEC.load(cast("bytes | None", self._redis.read(lambda client: client.get(key))))

    def keep(self, cookie: str, session: Session) -> None:
        key, value, life = self._key(cookie), CODEC.dump(session), _life(session)
        if life > timedelta():
            self._redis.write(lambda client: client.set(key, value, px=life, xx=True))

    def end(self, cookie: str) -> Session | None:
        key = self._key(cookie)
        session = CODEC.load(cast("bytes | None", self._redis.write(lambda client: client.getdel(key))))
        if session is not None:
            mark = self._mark(session.sid)
            self._redis.write(lambda client: client.delete(mark))
        return session

    def forget(self, cookie: str) -> None:
        key = self._key(cookie)
        self._redis.write(lambda client: client.delete(key))

    def ended(self, sid: Sid) -> bool:
        mark = self._mark(sid)
        return not self._redis.read(lambda client: client.exists(mark))

    def _mark(self, sid: Sid) -> str:
        return self._keys.of("sid", sid)

    def _key(self, cookie: str) -> str:
        return self._keys.of("session", cookie)


def _life(session: Session) -> timedelta:
    """To the absolute end, so that whoever comes back after idle time can still be logged out. Zero or less: over."""
    return session.ends_at - session.last_active
