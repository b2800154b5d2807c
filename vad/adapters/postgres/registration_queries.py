"""Reading the registrations as one consistent whole, of one version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.registration_rows import (
    AdmissionRow,
    ClientRegistrationRow,
    ClientRow,
    ConfigurationVersionRow,
    DataServiceRow,
    ResourceServerRow,
)
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.assurance import LevelOfAssurance
from vad.domain.certificate import CertificateName, NameKind
from vad.domain.client import Client, DataService, IdentifierType, ResourceServer
from vad.domain.identifiers import ClientId, ResourceId
from vad.domain.profile import ClientAuthentication, Profile

CLIENTS = table(ClientRow)
RESOURCE_SERVERS = table(ResourceServerRow)
DATA_SERVICES = table(DataServiceRow)
ADMISSIONS = table(AdmissionRow)
VERSION = table(ConfigurationVersionRow)
OF_FILE, OF_PAGES, OF_LIST, OF_ITSELF = "file", "pages", "list", "itself"

_CLIENT_COLUMNS = tuple(column.name for column in CLIENTS.c if column.name not in {"updated_at", "owner"})
_REGISTRATIONS = table(ClientRegistrationRow)
_CLIENTS = Query(
    select(
        *(CLIENTS.c[name] for name in _CLIENT_COLUMNS),
        select(_REGISTRATIONS.c.client_id).where(_REGISTRATIONS.c.client_id == CLIENTS.c.client_id).exists(),
        CLIENTS.c.owner,
    )
)
_RESOURCE_SERVERS = Query(select(*(column for column in RESOURCE_SERVERS.c if column.name != "updated_at")))
_DATA_SERVICES = Query(
    select(DATA_SERVICES.c.data_service_id, DATA_SERVICES.c.name_nl, DATA_SERVICES.c.name_en, DATA_SERVICES.c.active)
)
_ADMISSIONS = Query(select(ADMISSIONS.c.resource, ADMISSIONS.c.client_id, ADMISSIONS.c.data_service_id))
_VERSION = Query(select(VERSION.c.version))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All registrations at one version. Never changed: a newer one takes its place."""

    version: int
    clients: Mapping[str, Client]
    """By `client_id`, those that are not active any more included."""
    resource_servers: Mapping[str, ResourceServer]
    """By identifier, those that are not active any more included."""
    data_services: Mapping[str, DataService]
    """By id; those that are offered."""
    of_list: frozenset[str] = frozenset()
    """Names of clients that come from the ministry's list: the files leave them alone as well."""
    of_themselves: frozenset[str] = frozenset()
    """The same of clients that registered themselves."""
    of_pages: frozenset[str] = frozenset()
    """Names of clients and data sources that the pages for staff changed last: the files leave them alone."""


def current_version(transaction: Transaction) -> int:
    """Return the version the registrations are at."""
    rows = transaction.read(_VERSION)
    if not rows:
        raise StoreFaultError("PostgreSQL: configuration_version is empty")
    return int(rows[0][0])


def read_snapshot(transaction: Transaction) -> Snapshot:
    """Return the registrations, all of the same version.

    Every statement sees its own moment. The version changes in the same transaction as what it counts: if it is the
    same before and after, nothing changed in between.
    """
    while True:
        before = current_version(transaction)
        snapshot = _read(transaction, before)
        if current_version(transaction) == before:
            return snapshot


def _read(transaction: Transaction, version: int) -> Snapshot:
    clients, owners = [], {}
    for row in transaction.read(_CLIENTS):
        owners[row[0]] = row[-1]
        clients.append(_client(row))
    admitted: dict[str, dict[ClientId, set[str]]] = {}
    for resource, client_id, service in transaction.read(_ADMISSIONS):
        admitted.setdefault(resource, {}).setdefault(client_id, set()).add(service)
    sources = []
    for row in transaction.read(_RESOURCE_SERVERS):
        owners[row[0]] = row[-1]
        sources.append(_resource_server(row[:-1], admitted.get(row[0], {})))
    services = sorted(transaction.read(_DATA_SERVICES), key=lambda row: (len(row[0]), row[0]))  # 9 before 48
    return Snapshot(
        version=version,
        clients={client.client_id: client for client in clients},
        resource_servers={source.identifier: source for source in sources},
        data_services={row[0]: DataService(*row[:3]) for row in services if row[3]},
        of_list=frozenset(name for name, owner in owners.items() if owner == OF_LIST),
        of_themselves=frozenset(name for name, owner in owners.items() if owner == OF_ITSELF),
        of_pages=frozenset(name for name, owner in owners.items() if owner == OF_PAGES),
    )


def _client(row: Row) -> Client:
    known: dict[str, Any] = dict(zip((*_CLIENT_COLUMNS, "registered_itself", "owner"), row, strict=True))
    return Client(
        client_id=ClientId(known["client_id"]),
        name=known["name"],
        organisation=known["organisation"],
        redirect_uris=tuple(known["redirect_uris"]),
        jwks=tuple(known["jwks"]),
        sector=known["sector"],
        profile=Profile(known["profile"]),
        grant_types=frozenset(known["grant_types"]),
        id_token_signed_response_alg=known["id_token_signed_response_alg"],
        minimum_level=LevelOfAssurance(known["minimum_level"]),
        active=known["active"],
        post_logout_redirect_uris=tuple(known["post_logout_redirect_uris"]),
        backchannel_logout_uri=known["backchannel_logout_uri"],
        backchannel_logout_session_required=known["backchannel_logout_session_required"],
        representation=known["representation"],
        api_scopes=frozenset(known["api_scopes"]),
        jwks_uri=known["jwks_uri"],
        dpop_bound_access_tokens=known["dpop_bound_access_tokens"],
        require_signed_request_object=known["require_signed_request_object"],
        require_pushed_authorization_requests=known["require_pushed_authorization_requests"],
        token_endpoint_auth_method=ClientAuthentication(known["token_endpoint_auth_method"]),
        token_endpoint_auth_signing_alg=known["token_endpoint_auth_signing_alg"],
        client_secret_sha256=tuple(known["client_secret_sha256"]),
        userinfo_signed_response_alg=known["userinfo_signed_response_alg"],
        userinfo_encrypted_response_alg=known["userinfo_encrypted_response_alg"],
        userinfo_encrypted_response_enc=known["userinfo_encrypted_response_enc"],
        sector_identifier_uri=known["sector_identifier_uri"],
        request_uris=tuple(known["request_uris"]),
        request_object_signing_alg=known["request_object_signing_alg"],
        request_object_encryption_alg=known["request_object_encryption_alg"],
        request_object_encryption_enc=known["request_object_encryption_enc"],
        id_token_encrypted_response_alg=known["id_token_encrypted_response_alg"],
        id_token_encrypted_response_enc=known["id_token_encrypted_response_enc"],
        default_max_age=known["default_max_age"],
        default_acr_values=tuple(known["default_acr_values"]),
        introspection_signed_response_alg=known["introspection_signed_response_alg"],
        policy_uri=known["policy_uri"],
        tos_uri=known["tos_uri"],
        certificate_name=_certificate_name(known["certificate_name"]),
        tls_client_certificate_bound_access_tokens=known["certificate_bound_tokens"],
        former_name=known["former_name"],
        renamed_at=known["renamed_at"],
        registered_itself=known["registered_itself"],
        seen_by_staff=known["owner"] == OF_PAGES,
    )


def _certificate_name(stored: Sequence[str]) -> CertificateName | None:
    return CertificateName(NameKind(stored[0]), stored[1]) if stored else None


def _resource_server(row: Row, admitted: Mapping[ClientId, set[str]]) -> ResourceServer:
    identifier, name, organisation, services, identifier_type, jwk, oin, prs_scope, alg, seconds, *more = row
    level, active, jwks, representation, security_events_uri, answer_alg, answer_enc, answer_signed = more
    return ResourceServer(
        identifier=ResourceId(identifier),
        name=name,
        organisation=organisation,
        data_services=tuple(services),
        identifier_type=IdentifierType(identifier_type),
        encryption_jwk=jwk,
        oin=oin,
        prs_scope=prs_scope,
        access_token_signing_alg=alg,
        access_token_lifetime=timedelta(seconds=seconds),
        minimum_level=LevelOfAssurance(level),
        admitted={client: frozenset(granted) for client, granted in admitted.items()},
        active=active,
        jwks=tuple(jwks),
        representation=representation,
        security_events_uri=security_events_uri,
        introspection_signed_response_alg=answer_signed,
        introspection_encrypted_response_alg=answer_alg,
        introspection_encrypted_response_enc=answer_enc,
    )
