"""SSO sessions, by a keyed hash of the session cookie."""

from datetime import datetime, timedelta
from typing import cast

from vad.adapters.redis.codec import IDENTIFIER, TEXT, TIME, Codec, choice, collection
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.domain.assurance import LevelOfAssurance
from vad.domain.identifiers import PersonId, Sid
from vad.domain.session import ABSOLUTE_LIFE, Session
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
        return CODEC.load(cast("bytes | None", self._redis.read(lambda client: client.get(key))))

    def keep(self, cookie: str, session: Session) -> None:
        key, value, life = self._key(cookie), CODEC.dump(session), _life(session)
        if life > timedelta():
            self._redis.write(lambda client: client.set(key, value, px=life, xx=True))

    def end(self, cookie: str) -> Session | None:
        return self.end_at(self._key(cookie))

    def end_at(self, place: str) -> Session | None:
        key = place
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

    def _remember(self, key: str, session: Session) -> None:
        """In one key per person, so that no command needs two; places of sessions that are gone find nothing."""
        arguments: list[str | int | float] = [
            session.last_active.timestamp(),
            session.ends_at.timestamp(),
            key,
            _MOST,
            int(ABSOLUTE_LIFE / timedelta(milliseconds=1)),
        ]
        index = self._index(session.person_id)
        self._redis.write(lambda client: client.register_script(_REMEMBER)(keys=[index], args=arguments))

    def _index(self, person_id: PersonId) -> str:
        return self._keys.of("person", person_id.hex)

    def _mark(self, sid: Sid) -> str:
        return self._keys.of("sid", sid)

    def _key(self, cookie: str) -> str:
        return self._keys.of("session", cookie)


def _life(session: Session) -> timedelta:
    """To the absolute end, so that whoever comes back after idle time can still be logged out. Zero or less: over."""
    return session.ends_at - session.last_active
