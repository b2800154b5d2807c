"""The codes that prove an e-mail address: made from its contact and a key, so that no store holds them."""

import hashlib
import hmac

from vad.adapters.vault.encoding import joined
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.keys import Purpose
from vad.domain.identifiers import ContactId

_DIGITS = 6


class HmacCheckCodes:
    """`vad.services.ports.mail.CheckCodes`. HMAC-SHA-256 over the contact's random id, as six digits.

    Whoever reads the whole database learns no code. Ten to the sixth does not divide 2^256: the difference in how often
    a code comes is less than one in 10^70.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._key = ring.active(Purpose.BINDING).secret

    def code(self, contact_id: ContactId) -> str:
        mac = hmac.digest(self._key, joined("e-mail check", contact_id.bytes), hashlib.sha256)
        return f"{int.from_bytes(mac) % 10**_DIGITS:0{_DIGITS}d}"

    def right(self, contact_id: ContactId, entered: str) -> bool:
        return hmac.compare_digest(self.code(contact_id).encode(), entered.encode("utf-8", "surrogatepass"))
