"""The mock pseudonym service (PRS): one-time references to persons (RIDs), and what their recipient gets for them.

A caller exchanges a BSN for a RID that is meant for one organisation and scope, sealed to that organisation's key, so
that the caller itself cannot read it. The recipient opens it and receives a pseudonym of its own. `ridUsage` says what
a RID may at most become: `irp` (an irreversible pseudonym), `rp` (one that the PRS can reverse) or `bsn`.
A RID works once here: stricter than the service it stands in for, where it is a sealed text without memory.
"""

import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, jsonify, request
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey
from werkzeug.exceptions import HTTPException

from vad.sandbox import faults, prs_requests
from vad.sandbox.memory import ShortLived
from vad.sandbox.prs_config import Config, Organization
from vad.sandbox.prs_pseudonyms import Pseudonyms
from vad.sandbox.prs_requests import RANKS, Exchange, InvalidRequestError

__all__ = ["Config", "Organization", "create_app"]

_JWE_SECONDS = 300
_LARGEST_BODY = 16 * 1024


def create_app(config: Config, now: Callable[[], float] = time.time) -> Flask:
    """Build the mock PRS. `now` is its clock, in seconds since 1970."""
    app = Flask("vad.sandbox.prs", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=_LARGEST_BODY)
    faults.install(app)
    service = _Service(config, now)

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.post("/exchange/rid")
    def exchange_rid() -> Response:
        caller = service.caller()
        if not caller.may_provide_personal_id:
            raise _RefusedError(403, "This organization is not allowed to provide a personal ID")
        return Response(service.exchange(_body()), status=201, content_type="application/jwe")

    @app.post("/receive")
    def receive() -> Response:
        return jsonify(service.receive(_body(), service.caller()))

    @app.errorhandler(_RefusedError)
    def refused(error: _RefusedError) -> tuple[Response, int]:
        return jsonify(detail=error.detail), error.status

    @app.errorhandler(InvalidRequestError)
    def invalid(error: InvalidRequestError) -> tuple[Response, int]:
        problem = {"type": "value_error", "loc": ["body", error.field], "msg": error.message}
        return jsonify(detail=[problem]), 422

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> tuple[Response, int]:
        return jsonify(detail=error.name), error.code or 500

    return app


class _RefusedError(Exception):
    """A request is refused; the detail holds nothing that the caller sent."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class _Service:
    """RIDs that are out, and what they may become."""

    def __init__(self, config: Config, now: Callable[[], float]) -> None:
        self._config = config
        self._now = now
        self._organizations = {organization.oin: organization for organization in config.organizations}
        self._rids: ShortLived[Exchange] = ShortLived(now)
        self._pseudonyms = Pseudonyms(config.secret)

    def caller(self) -> Organization:
        """Return the organisation that the verifying proxy in front of a real PRS names in its headers."""
        organization = self._organizations.get(request.headers.get("x-gf-oin", ""))
        audience = request.headers.get("x-gf-audience", "")
        if organization is None or not any(
            hmac.compare_digest(audience.encode(), expected.encode()) for expected in self._config.audiences
        ):
            raise _RefusedError(403, "Unauthorized request")
        return organization

    def exchange(self, body: Any) -> str:
        """Return a JWE, for the recipient's eyes only, that holds a new RID."""
        asked = prs_requests.exchange(body)
        recipient = self._organizations.get(asked.recipient)
        if recipient is None:
            raise _RefusedError(404, "No such organization")
        key = recipient.key_for(asked.scope)
        if key is None:
            raise _RefusedError(404, "No public key found for this organization and/or scope")
        rid = secrets.token_hex(32)
        if not self._rids.add(rid, asked, seconds=self._config.rid_seconds):
            raise _RefusedError(503, "Too many RIDs are outstanding")
        issued = int(self._now())
        claims = {
            "subject": f"rid:{rid}",
            "aud": f"oin:{asked.recipient}",
            "scope": asked.scope,
            "version": "1.1",
            "iat": issued,
            "exp": issued + _JWE_SECONDS,
            "ridUsage": asked.usage,
        }
        return _sealed(claims, key)

    def receive(self, body: Any, caller: Organization) -> dict[str, str]:
        """Return the pseudonym (or BSN) that a RID stands for, once, to its recipient alone."""
        asked = prs_requests.receive(body)
        rid = self._rids.get(asked.rid)
        if rid is None:
            raise _RefusedError(400, "Unknown, expired or already used RID")
        if (rid.recipient, rid.scope) != (asked.recipient, asked.scope) or caller.oin != rid.recipient:
            raise _RefusedError(400, "RID not intended for this organization and/or scope")
        if RANKS[asked.pseudonym_type] > RANKS[rid.usage]:
            raise _RefusedError(400, "Requested pseudonym type not allowed for this RID")
        if RANKS[asked.pseudonym_type] > RANKS[caller.max_rid_usage]:
            raise _RefusedError(400, "Organization / scope is not allowed to exchange this type")
        if self._rids.pop(asked.rid) is None:
            raise _RefusedError(400, "Unknown, expired or already used RID")
        value = self._pseudonyms.value(asked.pseudonym_type, rid.bsn, f"oin:{rid.recipient}", rid.scope)
        return {"pseudonym": value, "type": asked.pseudonym_type}


def _body() -> Any:
    if request.mimetype != "application/json":
        raise InvalidRequestError("body", "send JSON")
    return request.get_json(silent=True)


def _sealed(claims: Mapping[str, Any], key: ECKey | RSAKey) -> str:
    algorithm = "ECDH-ES" if isinstance(key, ECKey) else "RSA-OAEP-256"
    header = {"alg": algorithm, "enc": "A256GCM", "cty": "application/json", "kid": key.kid}
    return jwe.encrypt_compact(header, json.dumps(claims), key, algorithms=[algorithm, "A256GCM"])
