"""A data source's side of the pseudonym service (PRS): it swaps a one-time reference (RID) for its own pseudonym.

The RID in an access token works once, the token itself for as long as it lives. So the pseudonym is remembered with the
token's `jti` until the token expires, and two requests with one token at the same moment share one swap.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from joserfc.jwk import Key

from vad.sandbox.fetching import TIMEOUT, FetchError, fetch_json
from vad.sandbox.refusals import Reason, RefusedError
from vad.sandbox.token_check import LEEWAY, Access, decrypt

REMEMBERED = 10_000
"""Tokens whose pseudonym is kept at most. One that falls out is refused at its next use, because its RID is spent."""
PREFIX = "pseudonym:irreversible:"
BAD_REQUEST, SERVER_ERROR = 400, 500


@dataclass(frozen=True)
class PseudonymService:
    """Where the PRS is and who we are to it: OIN, the audience it knows our certificate by, and our scope."""

    url: str
    oin: str
    audience: str
    scope: str


class PseudonymSwap:
    """Gives the pseudonym for a checked token. Safe to share among threads. `clock` tells Unix seconds."""

    def __init__(self, service: PseudonymService, key: Key, clock: Callable[[], float] = time.time) -> None:
        self._service = service
        self._key = key
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[int, Future[str]]] = OrderedDict()

    def pseudonym(self, access: Access) -> str:
        """The source's own pseudonym of the person in `access`. Raises RefusedError."""
        with self._lock:
            known = self._known.get(access.jti)
            if known is None:
                self._make_room()
                result: Future[str] = Future()
                self._known[access.jti] = (access.expires_at, result)
        if known is not None:
            try:
                return known[1].result(timeout=2 * sum(TIMEOUT))
            except TimeoutError as error:
                raise RefusedError(Reason.PSEUDONYM_SERVICE_UNAVAILABLE) from error
        try:
            pseudonym = self._swap(access.identifier)
        except BaseException as error:
            with self._lock:
                self._known.pop(access.jti, None)  # perhaps the PRS was away: a new request may try again
            result.set_exception(error)
            raise
        result.set_result(pseudonym)
        return pseudonym

    def _make_room(self) -> None:
        now = self._clock() - LEEWAY
        for jti in [jti for jti, (expires_at, _) in self._known.items() if expires_at <= now]:
            del self._known[jti]
        while len(self._known) >= REMEMBERED:
            self._known.popitem(last=False)

    def _swap(self, reference: str) -> str:
        return received(self._service, self._rid(reference))

    def _rid(self, reference: str) -> str:
        """The RID inside the JWE that the PRS made for us: it must name us, our scope, and a time not yet past."""
        claims = decrypt(reference, self._key)
        expires, rid = claims.get("exp"), claims.get("subject")
        if claims.get("aud") != f"oin:{self._service.oin}" or claims.get("scope") != self._service.scope:
            raise RefusedError(Reason.RID_REFUSED)
        if type(expires) is not int or expires <= self._clock() - LEEWAY:
            raise RefusedError(Reason.RID_REFUSED)
        if not isinstance(rid, str) or not rid.startswith("rid:"):
            raise RefusedError(Reason.RID_REFUSED)
        return rid


def received(service: PseudonymService, rid: str) -> str:
    """Swap a reference (`rid:…`), once: the pseudonym that this organisation has of the person. Raises RefusedError."""
    ours = f"oin:{service.oin}"
    try:
        answer = fetch_json(
            f"{service.url}/receive",
            method="POST",
            headers={"x-gf-oin": service.oin, "x-gf-audience": service.audience},
            body={
                "rid": rid,
                "recipientOrganization": ours,
                "recipientScope": service.scope,
                "pseudonymType": "irp",
            },
        )
    except FetchError as error:
        refused = error.status is not None and BAD_REQUEST <= error.status < SERVER_ERROR
        raise RefusedError(Reason.RID_REFUSED if refused else Reason.PSEUDONYM_SERVICE_UNAVAILABLE) from error
    pseudonym = answer.get("pseudonym")
    if not isinstance(pseudonym, str) or not pseudonym.removeprefix(PREFIX):
        raise RefusedError(Reason.PSEUDONYM_SERVICE_UNAVAILABLE)
    return pseudonym.removeprefix(PREFIX)
