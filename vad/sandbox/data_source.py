"""A demo data source (MedMij 'DVA'): a FHIR R4 endpoint per data service that opens only for a good token of VAD.

It stands for a hospital, a GP or the RIVM. What it checks is in `token_check`, what it hears of tokens that
are over in `stopped_tokens`; what it answers is in `records`. A
caller learns the status and the RFC 6750 error code, never why; the operator sees the reason at `/` and `/refusals`.
"""

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from jwt import PyJWK, PyJWTError

from vad.sandbox import faults, fields
from vad.sandbox.certified_keys import CertifiedKeys, Trust
from vad.sandbox.holder_check import ALGORITHMS, HolderCheck, Shown
from vad.sandbox.issuer import Issuer, IssuerUnavailableError
from vad.sandbox.pseudonym_swap import PseudonymService, PseudonymSwap
from vad.sandbox.records import LETTER, Records, bundle
from vad.sandbox.refusals import Reason, Refusals, RefusedError
from vad.sandbox.step_up import Demand, StepUpError
from vad.sandbox.stopped_tokens import CONTENT_TYPE, EventRefusedError, StoppedTokens
from vad.sandbox.token_check import TYPE_OF, Access, TokenCheck
from vad.sandbox.token_inquiry import TokenInquiry

TOKEN = re.compile(r"(Bearer|DPoP) +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
FHIR_JSON = "application/fhir+json"
PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class Config:
    """One data source. `identifier` is its base address and, in tokens, `aud`; `data_services` are number → name.

    `private_key` is the JWK whose public half is registered at VAD (and, for an RID, at the PRS), `records` the TOML
    file of its records, and `pseudonym_service` is there exactly when `identifier_type` is `rid`. A source with an
    `inquiry_key` (a private P-256 JWK) asks VAD about every token; its public half is registered in `jwks`. One without
    `representation` takes no tokens of people who act for another, and is registered so.
    """

    issuer: str
    identifier: str
    name: str
    data_services: Mapping[str, str]
    identifier_type: str
    private_key: Mapping[str, Any] = field(repr=False)
    records: str
    pseudonym_service: PseudonymService | None = None
    inquiry_key: Mapping[str, Any] | None = field(default=None, repr=False)
    representation: bool = True
    certificates: bool = False
    """Whether what ends TLS before it passes certificates on (`Client-Cert`, RFC 9440)."""
    letters: Demand | None = None
    """Which login opens its letters (RFC 9470); None: it gives none."""
    certified_keys: Trust | None = None
    """Who vouches for the issuer's keys; None: its address does."""

    @classmethod
    def from_json(cls, raw: Mapping[str, Any], /) -> "Config":
        """The configuration written as JSON. Raises ConfigError (a ValueError)."""
        fields.known_only(raw, set(cls.__dataclass_fields__))
        names = ("issuer", "identifier", "name", "identifier_type", "records")
        texts = {name: fields.text(raw, name) for name in names}
        services = fields.table(raw, "data_services")
        service = None
        if raw.get("pseudonym_service") is not None:
            table = fields.table(raw, "pseudonym_service")
            fields.known_only(table, set(PseudonymService.__dataclass_fields__))
            service = PseudonymService(
                **{name: fields.text(table, name) for name in PseudonymService.__dataclass_fields__}
            )
        if texts["identifier_type"] not in TYPE_OF or (texts["identifier_type"] == "rid") is (service is None):
            raise fields.ConfigError("identifier_type must be one that the source can read")
        return cls(
            **texts,
            data_services={number: fields.text(services, number) for number in services},
            private_key=fields.table(raw, "private_key"),
            pseudonym_service=service,
            inquiry_key=None if raw.get("inquiry_key") is None else fields.table(raw, "inquiry_key"),
            representation=fields.flag(raw, "representation", default=True),
            certificates=fields.flag(raw, "certificates", default=False),
            letters=fields.optional(raw, "letters", Demand.from_json),
            certified_keys=fields.optional(raw, "certified_keys", Trust.from_json),
        )

    def to_json(self) -> dict[str, Any]:
        """The same as JSON; it holds the private key."""
        return asdict(self)


def create_app(config: Config) -> Flask:
    """The data source as a WSGI program. Raises ConfigError when its key or its records cannot be used."""
    try:
        key = import_key(dict(config.private_key))
        asking = None if config.inquiry_key is None else PyJWK(dict(config.inquiry_key), "ES256")
        records = Records.read(Path(config.records))
        source = _Source(config, key, records, asking)
    except (JoseError, PyJWTError, ValueError, KeyError, OSError) as error:
        raise fields.ConfigError("private_key, inquiry_key, records or certified_keys cannot be used") from error
    app = Flask(__name__, static_folder="static/data_source", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.add_url_rule("/healthz", view_func=lambda: {"status": "ok"}, endpoint="healthz")
    app.add_url_rule("/.well-known/jwks.json", view_func=source.key_set)
    app.add_url_rule("/.well-known/oauth-protected-resource", view_func=source.metadata)
    app.add_url_rule("/fhir/<data_service>/Patient/$everything", view_func=source.everything)
    app.add_url_rule("/fhir/<data_service>/DocumentReference", view_func=source.letters)
    app.add_url_rule("/security-events", view_func=source.hear, methods=["POST"])
    app.add_url_rule("/refusals", view_func=source.refused)
    app.add_url_rule("/", view_func=source.home)
    app.register_error_handler(RefusedError, source.refuse)
    app.after_request(_headers)
    faults.install(app)
    return app


class _Source:
    """The routes of one data source."""

    def __init__(self, config: Config, key: Key, records: Records, asking: PyJWK | None) -> None:
        self._config = config
        self._key = key
        self._records = records
        self._issuer = Issuer(config.issuer)
        self._certified = CertifiedKeys(config.certified_keys) if config.certified_keys else None
        self._refusals = Refusals()
        self._check = TokenCheck(
            issuer=config.issuer,
            audience=config.identifier,
            identifier_type=config.identifier_type,
            decryption_key=key,
            signing_key=self._signing_key,
            representation=config.representation,
            holder=HolderCheck(),
        )
        self._inquiry = TokenInquiry(self._issuer, config.identifier, asking) if asking else None
        self._stopped = StoppedTokens(config.issuer, config.identifier, self._signing_key)
        self._swap = PseudonymSwap(config.pseudonym_service, key) if config.pseudonym_service else None

    def key_set(self) -> Response:
        """The public key to which others encrypt for this source."""
        return jsonify(keys=[self._key.as_dict(private=False, use="enc")])

    def metadata(self) -> Response:
        """Where this source's tokens come from (RFC 9728)."""
        return jsonify(
            resource=self._config.identifier,
            resource_name=self._config.name,
            authorization_servers=[self._config.issuer],
            jwks_uri=f"{self._config.identifier}/.well-known/jwks.json",
            scopes_supported=list(self._config.data_services),
            bearer_methods_supported=["header"],
            dpop_signing_alg_values_supported=ALGORITHMS,
            tls_client_certificate_bound_access_tokens=self._config.certificates,
        )

    def everything(self, data_service: str) -> Response | tuple[Response, int]:
        """What this source has in one data service about the person in the token (FHIR R4 `$everything`)."""
        return self._read(data_service, "Patient/$everything", None)

    def letters(self, data_service: str) -> Response | tuple[Response, int]:
        """The letters about that person, which take another login than the rest."""
        if self._config.letters is None:
            return _outcome("not-found"), 404
        return self._read(data_service, LETTER, self._config.letters)

    def _read(self, data_service: str, path: str, demand: Demand | None) -> Response | tuple[Response, int]:
        if data_service not in self._config.data_services:
            return _outcome("not-found"), 404
        scheme, token = _token()
        access = self._check.check(token, data_service, self._shown(scheme), demand)
        self._stopped.check(access)
        if self._inquiry is not None:  # the last thing that can say no: nobody makes VAD answer for a forged token
            self._inquiry.require_active(token, access)
        found = self._resources(access, data_service)
        opened = [resource for resource in found if (resource["resourceType"] == LETTER) is (path == LETTER)]
        answer = jsonify(bundle(opened, f"{self._config.identifier}/fhir/{data_service}", path, datetime.now(UTC)))
        answer.mimetype = FHIR_JSON
        return answer

    def hear(self) -> Response | tuple[Response, int]:
        """Take in what VAD pushes (RFC 8935): 202 without a word, or 400 with a code."""
        if request.mimetype != CONTENT_TYPE:
            return jsonify(err="invalid_request", description="no security event token"), 400
        try:
            self._stopped.hear(request.get_data(as_text=True))
        except EventRefusedError as refused:
            return jsonify(err=refused.code, description="refused"), 400
        return Response(status=202)

    def refused(self) -> Response:
        """What this source refused lately, for its operator."""
        return jsonify(
            refusals=[
                {"at": item.at.isoformat(timespec="milliseconds"), "reason": item.reason}
                for item in self._refusals.latest()
            ]
        )

    def home(self) -> str:
        """A small page about this source."""
        return render_template("data_source/home.html", source=self._config, refusals=self._refusals.latest())

    def refuse(self, refused: RefusedError) -> tuple[Response, int]:
        """The answer to a refused request (RFC 6750, section 3.1): a status and a code, whatever the reason was."""
        self._refusals.note(refused.reason, datetime.now(UTC))
        error = ""
        match refused.reason:
            case Reason.ISSUER_UNAVAILABLE | Reason.PSEUDONYM_SERVICE_UNAVAILABLE:
                answer, status = _outcome("transient"), 503
                answer.headers["Retry-After"] = "5"
                return answer, status
            case Reason.NO_TOKEN:
                answer, status = _outcome("login"), 401
            case Reason.NOT_ONE_BEARER_TOKEN:
                answer, status = _outcome("invalid"), 400
                error = ', error="invalid_request"'
            case Reason.SCOPE:
                answer, status = _outcome("forbidden"), 403
                error = ', error="insufficient_scope"'
            case Reason.PROOF:
                answer, status = _outcome("login"), 401
                error = ', error="invalid_dpop_proof"'
            case _:
                answer, status = _outcome("login"), 401
                error = f", {refused.challenge}" if isinstance(refused, StepUpError) else ', error="invalid_token"'
        for challenge in self._challenges(error, bound=refused.reason is Reason.SENDER_CONSTRAINED):
            answer.headers.add("WWW-Authenticate", challenge)
        return answer, status

    def _challenges(self, error: str, *, bound: bool) -> list[str]:
        """What went wrong, at the scheme that was tried (RFC 9449 section 7.1); `bound`: the token takes another."""
        metadata = f'resource_metadata="{self._config.identifier}/.well-known/oauth-protected-resource"'
        bearer, dpop = f"Bearer {metadata}", f'DPoP algs="{" ".join(ALGORITHMS)}", {metadata}'
        if request.headers.get("Authorization", "").lower().startswith("dpop "):
            return [bearer, f"{dpop}{error}"]
        return [f"{bearer}{error}", *([dpop] if bound else [])]

    def _shown(self, scheme: str) -> Shown:
        """What the request shows of who sends it. A certificate counts where a proxy passes it on, and alone then."""
        passed_on = request.headers.get("Client-Cert") if self._config.certificates else None
        try:
            certificate = b64decode(passed_on.strip(":"), validate=True) if passed_on else None
        except ValueError:
            raise RefusedError(Reason.CERTIFICATE) from None
        url = self._config.identifier + request.path
        return Shown(scheme, request.method, url, request.headers.getlist("DPoP"), certificate)

    def _signing_key(self, kid: str) -> dict[str, Any] | None:
        try:
            key = self._issuer.signing_key(kid)
        except IssuerUnavailableError as error:
            raise RefusedError(Reason.ISSUER_UNAVAILABLE) from error
        if key is not None and self._certified is not None and not self._certified.vouched(key, datetime.now(UTC)):
            raise RefusedError(Reason.UNCERTIFIED_KEY)
        return key

    def _resources(self, access: Access, data_service: str) -> list[dict[str, Any]]:
        if self._config.identifier_type == "bsn_jwe":
            return self._records.of_bsn(data_service, access.identifier)
        pseudonym = self._swap.pseudonym(access) if self._swap else access.identifier
        return self._records.of_pseudonym(data_service, pseudonym)


def _token() -> tuple[str, str]:
    """How the one token of the request came (`bearer` or `dpop`), and the token. Raises RefusedError."""
    header = request.headers.get("Authorization")
    if "access_token" in request.args:  # in a URL it would end up in logs (RFC 9700, section 4.3.2)
        raise RefusedError(Reason.NOT_ONE_BEARER_TOKEN)
    if header is None:
        raise RefusedError(Reason.NO_TOKEN)
    found = TOKEN.fullmatch(header)  # two headers arrive joined by a comma, which no token holds
    if found is None:
        raise RefusedError(Reason.NOT_ONE_BEARER_TOKEN)
    return found[1].lower(), found[2]


def _outcome(code: str) -> Response:
    """A FHIR OperationOutcome that says no more than its code."""
    answer = jsonify(resourceType="OperationOutcome", issue=[{"severity": "error", "code": code}])
    answer.mimetype = FHIR_JSON
    return answer


def _headers(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response
