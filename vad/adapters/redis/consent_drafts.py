"""What somebody filled in on the consent page when their login ended: sealed, for themselves alone, once."""

from vad.adapters.redis.codec import TEXT, Codec, choice, collection, optional
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.scripts import BoundValues
from vad.adapters.redis.sealed import SealedValues
from vad.adapters.vault.rings import Rings
from vad.domain.consent import Duration
from vad.services.ports.volatile import ConsentDraft

LIFE_SECONDS = 60 * 60

CODEC = Codec(ConsentDraft, {"chosen": collection(TEXT), "duration": optional(choice(Duration)), "shown_digest": TEXT})


class RedisConsentDrafts:
    """`vad.services.ports.volatile.ConsentDrafts`."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys, rings: Rings) -> None:
        self._values = BoundValues(redis)
        self._keys = keys
        self._sealed = SealedValues(rings, "ConsentDraft")

    def add(self, flow: str, owner: str, draft: ConsentDraft) -> None:
        sealed = self._sealed.seal(CODEC.dump(draft), row=flow)
        self._values.add(self._key(flow), _bytes(owner), sealed, LIFE_SECONDS)

    def take(self, flow: str, owner: str) -> ConsentDraft | None:
        return CODEC.load(self._sealed.open(self._values.take(self._key(flow), _bytes(owner)), row=flow))

    def _key(self, flow: str) -> str:
        return self._keys.of("consent_draft", flow)


def _bytes(owner: str) -> bytes:
    return owner.encode(errors="surrogatepass")
