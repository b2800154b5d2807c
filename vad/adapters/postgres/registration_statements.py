"""Writing one registration. `registration_writer` decides which."""

from datetime import datetime
from typing import Any

from psycopg2.extras import Json
from sqlalchemy import Table, bindparam, delete, insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from vad.adapters.postgres.query import Query
from vad.adapters.postgres.registration_queries import ADMISSIONS, CLIENTS, DATA_SERVICES, OF_FILE, RESOURCE_SERVERS
from vad.adapters.postgres.transaction import Transaction
from vad.domain.client import Client, DataService, ResourceServer

_REMEMBERED = frozenset({"former_name", "renamed_at"})
"""What the database writes by itself."""


def _upsert(of: Table) -> Query:
    names = [column.name for column in of.c if column.name not in _REMEMBERED]
    statement = upsert(of).values({name: bindparam(name) for name in names})
    keys = [column.name for column in of.primary_key]
    return Query(
        statement.on_conflict_do_update(
            index_elements=keys, set_={name: statement.excluded[name] for name in names if name not in keys}
        )
    )


_JSON = frozenset(column.name for column in CLIENTS.c if isinstance(column.type, JSONB))
_PUT_CLIENT = _upsert(CLIENTS)
_PUT_RESOURCE_SERVER = _upsert(RESOURCE_SERVERS)
_PUT_DATA_SERVICE = _upsert(DATA_SERVICES)
_CLEAR_ADMISSIONS = Query(delete(ADMISSIONS).where(ADMISSIONS.c.resource == bindparam("of_resource")))
_ADMIT = Query(insert(ADMISSIONS).values({column.name: bindparam(column.name) for column in ADMISSIONS.c}))


def put_data_service(transaction: Transaction, service: DataService, *, active: bool, at: datetime) -> None:
    """Add or replace it; not `active`: it is offered no more."""
    transaction.change(
        _PUT_DATA_SERVICE,
        data_service_id=service.id,
        name_nl=service.name_nl,
        name_en=service.name_en,
        active=active,
        updated_at=at,
    )


def values_of_client(client: Client) -> dict[str, Any]:
    """Its columns as JSON has them, but for who changes it and since when."""
    name = client.certificate_name
    return {
        "client_id": client.client_id,
        "name": client.name,
        "organisation": client.organisation,
        "redirect_uris": list(client.redirect_uris),
        "jwks": [dict(jwk) for jwk in client.jwks],
        "sector": client.sector,
        "profile": client.profile.value,
        "grant_types": sorted(client.grant_types),
        "id_token_signed_response_alg": client.id_token_signed_response_alg,
        "minimum_level": client.minimum_level.value,
        "active": client.active,
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "backchannel_logout_uri": client.backchannel_logout_uri,
        "backchannel_logout_session_required": client.backchannel_logout_session_required,
        "representation": client.representation,
        "api_scopes": sorted(client.api_scopes),
        "jwks_uri": client.jwks_uri,
        "dpop_bound_access_tokens": client.dpop_bound_access_tokens,
        "require_signed_request_object": client.require_signed_request_object,
        "require_pushed_authorization_requests": client.require_pushed_authorization_requests,
        "token_endpoint_auth_method": client.token_endpoint_auth_method.value,
        "token_endpoint_auth_signing_alg": client.token_endpoint_auth_signing_alg,
        "client_secret_sha256": list(client.client_secret_sha256),
        "certificate_name": [name.kind.value, name.value] if name else [],
        "certificate_bound_tokens": client.tls_client_certificate_bound_access_tokens,
        "userinfo_signed_response_alg": client.userinfo_signed_response_alg,
        "userinfo_encrypted_response_alg": client.userinfo_encrypted_response_alg,
        "userinfo_encrypted_response_enc": client.userinfo_encrypted_response_enc,
        "sector_identifier_uri": client.sector_identifier_uri,
        "default_max_age": client.default_max_age,
        "default_acr_values": list(client.default_acr_values),
        "introspection_signed_response_alg": client.introspection_signed_response_alg,
        "policy_uri": client.policy_uri,
        "tos_uri": client.tos_uri,
        "request_uris": list(client.request_uris),
        "request_object_signing_alg": client.request_object_signing_alg,
        "request_object_encryption_alg": client.request_object_encryption_alg,
        "request_object_encryption_enc": client.request_object_encryption_enc,
        "id_token_encrypted_response_alg": client.id_token_encrypted_response_alg,
        "id_token_encrypted_response_enc": client.id_token_encrypted_response_enc,
    }


def put_client(transaction: Transaction, client: Client, at: datetime, owner: str = OF_FILE) -> None:
    """Add or replace it. `owner`: who changes it from now on."""
    values = values_of_client(client)
    whole = {name: Json(value) if name in _JSON else value for name, value in values.items()}
    transaction.change(_PUT_CLIENT, **whole, owner=owner, updated_at=at)


def put_resource_server(transaction: Transaction, source: ResourceServer, at: datetime, owner: str = OF_FILE) -> None:
    """Add or replace it, and whom it admits. `owner`: who changes it from now on."""
    transaction.change(
        _PUT_RESOURCE_SERVER,
        identifier=source.identifier,
        name=source.name,
        organisation=source.organisation,
        data_services=list(source.data_services),
        identifier_type=source.identifier_type.value,
        encryption_jwk=Json(dict(source.encryption_jwk)),
        oin=source.oin,
        prs_scope=source.prs_scope,
        access_token_signing_alg=source.access_token_signing_alg,
        access_token_seconds=int(source.access_token_lifetime.total_seconds()),
        minimum_level=source.minimum_level.value,
        active=source.active,
        jwks=Json([dict(jwk) for jwk in source.jwks]),
        representation=source.representation,
        security_events_uri=source.security_events_uri,
        introspection_signed_response_alg=source.introspection_signed_response_alg,
        introspection_encrypted_response_alg=source.introspection_encrypted_response_alg,
        introspection_encrypted_response_enc=source.introspection_encrypted_response_enc,
        owner=owner,
        updated_at=at,
    )
    transaction.change(_CLEAR_ADMISSIONS, of_resource=source.identifier)
    for client_id, services in source.admitted.items():
        for service in sorted(services):
            transaction.change(_ADMIT, client_id=client_id, resource=source.identifier, data_service_id=service)
