"""The schema of what operators set: registrations and keys. The service reads these tables and can't write them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from vad.adapters.postgres.schema import Base

_LEVELS = "minimum_level IN (10, 20, 25, 30)"
_OWNERS = "owner IN ('file', 'pages')"
_OWNER = "who changes it: vad clients apply, or the pages for staff"
_CLIENT_OWNERS = "owner IN ('file', 'pages', 'list', 'itself')"
_CLIENT_OWNER = "who changes it: vad clients apply, the pages for staff, the list of the ministry, or the app itself"


class ClientRow(Base):
    """A relying party. Never deleted: grants, consents and the log go on naming it."""

    __tablename__ = "clients"
    __table_args__ = (CheckConstraint(_LEVELS, "level_known"), CheckConstraint(_CLIENT_OWNERS, "owner_known"))

    client_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    organisation: Mapped[str]
    redirect_uris: Mapped[list[str]] = mapped_column(JSONB())
    jwks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB(), comment="public keys (RFC 7517)")
    sector: Mapped[str] = mapped_column(comment="of its pairwise subjects; never changed once people have logged in")
    profile: Mapped[str]
    grant_types: Mapped[list[str]]
    id_token_signed_response_alg: Mapped[str]
    minimum_level: Mapped[int] = mapped_column(SmallInteger())
    active: Mapped[bool]
    updated_at: Mapped[datetime]
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(JSONB(), server_default=text("'[]'"))
    backchannel_logout_uri: Mapped[str] = mapped_column(server_default=text("''"), comment="empty: it is not told")
    backchannel_logout_session_required: Mapped[bool] = mapped_column(server_default=text("false"))
    representation: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="it understands that people act for others"
    )
    api_scopes: Mapped[list[str]] = mapped_column(
        server_default=text("'{}'"), comment="of VAD's own API, that it may ask for"
    )
    jwks_uri: Mapped[str] = mapped_column(
        server_default=text("''"), comment="where it publishes its keys; empty: they are in jwks"
    )
    token_endpoint_auth_method: Mapped[str] = mapped_column(
        server_default=text("'private_key_jwt'"), comment="how it proves itself (RFC 7591)"
    )
    token_endpoint_auth_signing_alg: Mapped[str] = mapped_column(
        server_default=text("''"), comment="of its assertions; empty: any of its profile"
    )
    client_secret_sha256: Mapped[list[str]] = mapped_column(
        server_default=text("'{}'"), comment="SHA-256 of each of its random secrets, in hexadecimal"
    )
    dpop_bound_access_tokens: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="it takes no tokens but such as are bound to a key (RFC 9449)"
    )
    require_signed_request_object: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="it takes part in no request that it did not sign (RFC 9101)"
    )
    require_pushed_authorization_requests: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="it takes part in no request that was not pushed (RFC 9126)"
    )
    userinfo_signed_response_alg: Mapped[str] = mapped_column(
        server_default=text("''"), comment="of userinfo; empty: not signed"
    )
    userinfo_encrypted_response_alg: Mapped[str] = mapped_column(
        server_default=text("''"), comment="of userinfo; empty: not encrypted"
    )
    userinfo_encrypted_response_enc: Mapped[str] = mapped_column(server_default=text("''"))
    sector_identifier_uri: Mapped[str] = mapped_column(
        server_default=text("''"), comment="lists its redirect URIs, at the host that is its sector"
    )
    request_uris: Mapped[list[str]] = mapped_column(
        JSONB(), server_default=text("'[]'"), comment="where requests of its may lie (OIDC Core 6.2)"
    )
    request_object_signing_alg: Mapped[str] = mapped_column(
        server_default=text("''"), comment="of its requests; empty: any of its profile"
    )
    request_object_encryption_alg: Mapped[str] = mapped_column(server_default=text("''"))
    request_object_encryption_enc: Mapped[str] = mapped_column(server_default=text("''"))
    id_token_encrypted_response_alg: Mapped[str] = mapped_column(
        server_default=text("''"), comment="of ID tokens; empty: not encrypted"
    )
    id_token_encrypted_response_enc: Mapped[str] = mapped_column(server_default=text("''"))
    certificate_name: Mapped[list[str]] = mapped_column(
        server_default=text("'{}'"), comment="what its certificate says, and where (RFC 8705); empty: it has none"
    )
    certificate_bound_tokens: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="its tokens are bound to its certificate (RFC 8705)"
    )
    former_name: Mapped[str] = mapped_column(
        server_default=text("''"), comment="what it was called until renamed_at; written by a trigger alone"
    )
    renamed_at: Mapped[datetime | None]
    owner: Mapped[str] = mapped_column(server_default=text("'file'"), comment=_CLIENT_OWNER)
    policy_uri: Mapped[str] = mapped_column(server_default=text("''"), comment="what it says of people's data")
    tos_uri: Mapped[str] = mapped_column(server_default=text("''"), comment="what it says of its terms")
    default_max_age: Mapped[int | None] = mapped_column(comment="seconds since the login, where a request says nothing")
    default_acr_values: Mapped[list[str]] = mapped_column(
        server_default=text("'{}'"), comment="levels, where a request says nothing"
    )
    introspection_signed_response_alg: Mapped[str] = mapped_column(
        server_default=text("''"), comment="of answers about tokens that are JWTs (RFC 9701); empty: as ID tokens"
    )


class RegistrationTokenRow(Base):
    """An initial access token (RFC 7591): who has it may register apps. The service itself can't read it."""

    __tablename__ = "registration_tokens"
    __table_args__ = (
        CheckConstraint("octet_length(token_sha256) = 32", "hash_whole"),
        CheckConstraint("uses_left >= 0", "uses_counted"),
    )

    token_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    profile: Mapped[str]
    organisation: Mapped[str] = mapped_column(comment="what people read; the app has no say in it")
    admits: Mapped[bool] = mapped_column(comment="its apps are admitted to every source at once: for a sandbox")
    uses_left: Mapped[int]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    label: Mapped[str] = mapped_column(server_default=text("''"), comment="what the operator calls it")


class ClientRegistrationRow(Base):
    """An app that registered itself: by whose word, and its registration access token (RFC 7592)."""

    __tablename__ = "client_registrations"
    __table_args__ = (CheckConstraint("octet_length(token_sha256) = 32", "hash_whole"),)

    client_id: Mapped[str] = mapped_column(ForeignKey("clients.client_id"), primary_key=True)
    token_sha256: Mapped[bytes | None] = mapped_column(comment="of its own token; none once it ended itself")
    registered_at: Mapped[datetime]
    offer: Mapped[str] = mapped_column(
        server_default=text("''"), comment="how the log names the token by which it registered itself"
    )
    label: Mapped[str] = mapped_column(server_default=text("''"), comment="what the operator called that token")
    admitted: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="the token admitted it to every source at once"
    )


class DataServiceRow(Base):
    """A kind of data; its id is the scope value."""

    __tablename__ = "data_services"

    data_service_id: Mapped[str] = mapped_column(primary_key=True)
    name_nl: Mapped[str]
    name_en: Mapped[str]
    active: Mapped[bool]
    updated_at: Mapped[datetime]


class ResourceServerRow(Base):
    """A data source."""

    __tablename__ = "resource_servers"
    __table_args__ = (
        CheckConstraint(_LEVELS, "level_known"),
        CheckConstraint("identifier_type IN ('pseudonym', 'rid', 'bsn_jwe')", "identifier_type_known"),
        CheckConstraint("identifier_type <> 'rid' OR (oin <> '' AND prs_scope <> '')", "rid_knows_its_recipient"),
        CheckConstraint("access_token_seconds BETWEEN 1 AND 900", "access_token_short_lived"),
        CheckConstraint(_OWNERS, "owner_known"),
    )

    identifier: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    organisation: Mapped[str]
    data_services: Mapped[list[str]]
    identifier_type: Mapped[str]
    encryption_jwk: Mapped[dict[str, Any]] = mapped_column(comment="pinned public key, use enc; never fetched")
    oin: Mapped[str]
    prs_scope: Mapped[str]
    access_token_signing_alg: Mapped[str]
    access_token_seconds: Mapped[int]
    minimum_level: Mapped[int] = mapped_column(SmallInteger())
    active: Mapped[bool]
    updated_at: Mapped[datetime]
    jwks: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB(),
        server_default=text("'[]'"),
        comment="public keys (RFC 7517) that it proves itself with; none: it never asks",
    )
    representation: Mapped[bool] = mapped_column(
        server_default=text("true"), comment="it takes tokens of people who act for others"
    )
    security_events_uri: Mapped[str] = mapped_column(server_default=text("''"), comment="empty: it is not told")
    introspection_encrypted_response_alg: Mapped[str] = mapped_column(
        server_default=text("''"), comment="of answers about tokens that are JWTs (RFC 9701); empty: not encrypted"
    )
    introspection_encrypted_response_enc: Mapped[str] = mapped_column(server_default=text("''"))
    introspection_signed_response_alg: Mapped[str] = mapped_column(
        server_default=text("''"), comment="of such answers; empty: as access tokens"
    )
    owner: Mapped[str] = mapped_column(server_default=text("'file'"), comment=_OWNER)


class AdmissionRow(Base):
    """Which client may ask which source for which kind of data. What is not here is refused."""

    __tablename__ = "admissions"

    client_id: Mapped[str] = mapped_column(ForeignKey("clients.client_id"), primary_key=True)
    resource: Mapped[str] = mapped_column(ForeignKey("resource_servers.identifier"), primary_key=True)
    data_service_id: Mapped[str] = mapped_column(ForeignKey("data_services.data_service_id"), primary_key=True)


class ConfigurationVersionRow(Base):
    """One row. Its number goes up with every change of the registrations."""

    __tablename__ = "configuration_version"
    __table_args__ = (CheckConstraint("single", "one_row"),)

    single: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    version: Mapped[int] = mapped_column(BigInteger())


class KeyRow(Base):
    """A key of the vault, wrapped by the master key, which is not in this database."""

    __tablename__ = "keys"
    __table_args__ = (
        CheckConstraint("state IN ('next', 'active', 'retired')", "state_known"),
        Index(
            "uq_keys_active",
            "purpose",
            "algorithm",
            unique=True,
            postgresql_where=text("state = 'active'"),
        ),
        CheckConstraint("slot IN (1, 2)", "slot_known"),
        Index("uq_keys_lookup_slot", "slot", unique=True, postgresql_where=text("purpose = 'lookup'")),
        Index("uq_keys_next", "purpose", "algorithm", unique=True, postgresql_where=text("state = 'next'")),
        CheckConstraint("certificates = '{}' OR purpose = 'signing'", "certificates_of_signing"),
    )

    key_id: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    algorithm: Mapped[str]
    state: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(comment="wrapped by the master key")
    public_jwk: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    slot: Mapped[int] = mapped_column(
        SmallInteger(), server_default=text("1"), comment="of a look-up key: 1 for bsn_lookup, 2 for bsn_lookup_next"
    )
    certificates: Mapped[list[bytes]] = mapped_column(
        ARRAY(LargeBinary()),
        server_default=text("'{}'"),
        comment="of a signing key: its X.509 certificate as DER, then that of each who signed the one before",
    )
    certified_at: Mapped[datetime | None]
