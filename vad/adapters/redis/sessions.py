"""SSO sessions, by a keyed hash of the session cookie."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

from vad.adapters.redis import scripts
from vad.adapters.redis.codec import IDENTIFIER, TEXT, TIME, Codec, choice, collection
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.domain.assurance import LevelOfAssurance
from vad.domain.errors import StoreUnavailableError
from vad.domain.identifiers import PersonId, Sid
from vad.domain.session import ABSOLUTE_LIFE, IDLE_LIFE, Session
from vad.services.ports.volatile import KeptSession

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
    left_out=frozenset({"through"}),
)

_MOST = 100
"""Sessions of one person that are remembered: those that end last."""
_REMEMBER = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[4]))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
"""
_MOST_TRIES = 100
"""Of one update: each try that fails is one that somebody else won."""
_REPLACE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
"""
"""Only over the very value that was read: two tabs that change one session at once both count."""


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
            mark = mark_of(self._keys, session.sid)
            self._redis.write(lambda client: client.set(mark, b"1", px=life))
            self._remember(key, session)

    def get(self, cookie: str) -> Session | None:
        return self._at(self._key(cookie))

    def place(self, cookie: str) -> str:
        return self._key(cookie)

    def of(self, person_id: PersonId, at: datetime) -> tuple[KeptSession, ...]:
        index, now = self._index(person_id), at.timestamp()
        places = cast("list[bytes]", self._redis.read(lambda client: client.zrangebyscore(index, f"({now}", "+inf")))
        names = [place.decode("ascii", "replace") for place in places]
        found = ((name, self._at(name)) for name in names)
        # The session itself says whose it is: what stands in the index is never believed.
        return tuple(
            KeptSession(place, session)
            for place, session in found
            if session is not None and session.person_id == person_id
        )

    def _at(self, key: str) -> Session | None:
        return CODEC.load(self._stored(key))

    def _stored(self, key: str) -> bytes | None:
        return cast("bytes | None", self._redis.read(lambda client: client.get(key)))

    def _replace(self, key: str, stored: bytes, value: bytes) -> bool:
        return bool(self._redis.write(lambda client: scripts.run(client, _REPLACE, key, stored, value)))

    def touch(self, cookie: str, at: datetime) -> Session | None:
        key, times = self._key(cookie), [_time(each) for each in (at, at - IDLE_LIFE, at - ABSOLUTE_LIFE)]
        # Asking twice for the same is harmless, so it is repeated like whatever only reads.
        found = self._redis.read(lambda client: scripts.run(client, scripts.TOUCH, key, *times))
        session = CODEC.load(cast("bytes | None", found))
        return session.active(at) if session is not None and session.live(at) else None

    def update(self, cookie: str, change: Callable[[Session], Session | None]) -> Session | None:
        key = self._key(cookie)
        for _ in range(_MOST_TRIES):
            stored = self._stored(key)
            session = CODEC.load(stored)
            changed = None if session is None else change(session)
            if stored is None or changed is None:
                return None
            if changed == session or self._replace(key, stored, CODEC.dump(changed)):
                return changed
        raise StoreUnavailableError("Redis: a session did not stop changing")

    def end(self, sid: Sid) -> None:
        mark = mark_of(self._keys, sid)
        self._redis.write(lambda client: client.delete(mark))

    def remove(self, place: str) -> None:
        self._redis.write(lambda client: client.delete(place))

    def forget(self, cookie: str) -> None:
        self.remove(self._key(cookie))

    def ended(self, sid: Sid) -> bool:
        mark = mark_of(self._keys, sid)
        return not self._redis.read(lambda client: client.exists(mark))

    def _remember(self, key: str, session: Session) -> None:
        """In one key per person, so that no command needs two; places of sessions that are gone find nothing."""
        began, ends = session.last_active.timestamp(), session.ends_at.timestamp()
        index, life = self._index(session.person_id), int(ABSOLUTE_LIFE / timedelta(milliseconds=1))
        self._redis.write(lambda client: scripts.run(client, _REMEMBER, index, began, ends, key, _MOST, life))

    def _index(self, person_id: PersonId) -> str:
        return self._keys.of("person", person_id.hex)

    def _key(self, cookie: str) -> str:
        return self._keys.of("session", cookie)


def mark_of(keys: StoreKeys, sid: Sid) -> str:
    """The key of what is there for as long as this session has not ended."""
    return keys.of("sid", sid)


def _time(moment: datetime) -> str:
    return str(TIME.write(moment))


def _life(session: Session) -> timedelta:
    """To the absolute end, so that whoever comes back after idle time can still be logged out. Zero or less: over."""
    return session.ends_at - session.last_active
