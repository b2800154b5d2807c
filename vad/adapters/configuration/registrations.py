"""Registrations of clients, data sources and data services as they stand in TOML, checked as a whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from vad.adapters.configuration.faults import describe, told
from vad.adapters.configuration.files import ConfigurationFileError
from vad.adapters.configuration.registered_answers import AnswersEntry
from vad.adapters.configuration.registered_certificate import CertificateEntry
from vad.adapters.configuration.registered_keys import faults_of_client_keys, faults_of_source_keys
from vad.adapters.configuration.registered_links import LinksEntry
from vad.adapters.configuration.registered_requests import RequestsEntry
from vad.adapters.configuration.registered_source import SourceEntry
from vad.adapters.configuration.registration_fields import (
    MOST_ADDRESSES,
    Algorithm,
    ClientAlgorithm,
    Entry,
    GrantType,
    Jwks,
    Level,
    Method,
    called_by_us,
    redirect_uri,
)
from vad.domain.assurance import LevelOfAssurance
from vad.domain.client import OWN_SCOPES, Client, DataService, IdentifierType, ResourceServer
from vad.domain.identifiers import ClientId
from vad.domain.profile import BY_SECRET, ClientAuthentication, Demand, Profile, Rules
from vad.domain.profile_table import RULES
from vad.domain.registration_fault import Fault, FaultError, FaultKind
from vad.services.ports.registering import RegistrationFaultError

LONGEST_RID_LIFE = timedelta(seconds=300)
"""A reference of the PRS can be swapped for no longer than this."""
_OWN_SCOPES = OWN_SCOPES | {"openid"}


class _Entry(Entry, BaseModel):
    """Named here as well, so that who reads a default sees that it is a model's."""


class _Client(AnswersEntry, RequestsEntry, CertificateEntry, LinksEntry):
    client_id: str = Field(pattern=r"^[\x21-\x7e]{1,128}$")
    name: str = Field(min_length=1, max_length=100)
    organisation: str = Field(min_length=1, max_length=100)
    redirect_uris: list[Annotated[str, AfterValidator(redirect_uri)]] = Field(min_length=1, max_length=MOST_ADDRESSES)
    jwks: Jwks | None = None
    jwks_uri: Annotated[str, Field(max_length=2048), AfterValidator(called_by_us)] | None = None
    profile: Literal["nlgov", "fapi2", "basic", "ministry"] = "nlgov"
    token_endpoint_auth_method: Method | None = None
    token_endpoint_auth_signing_alg: ClientAlgorithm | None = None
    client_secret_sha256: list[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = Field(default=[], max_length=2)
    grant_types: list[GrantType] | None = None
    id_token_signed_response_alg: Algorithm | None = None
    dpop_bound_access_tokens: bool = False
    require_signed_request_object: bool = False
    require_pushed_authorization_requests: bool = False
    minimum_level: Level = "substantieel"
    active: bool = True
    post_logout_redirect_uris: list[Annotated[str, AfterValidator(redirect_uri)]] = Field(
        default=[], max_length=MOST_ADDRESSES
    )
    backchannel_logout_uri: Annotated[str, AfterValidator(called_by_us)] | None = None
    backchannel_logout_session_required: bool = False
    representation: bool = False
    api_scopes: list[Literal["mandates"]] = Field(default=[])

    @property
    def _rules(self) -> Rules:
        return RULES[Profile(self.profile)]

    @property
    def _method(self) -> ClientAuthentication:
        chosen = self.token_endpoint_auth_method
        return ClientAuthentication(chosen) if chosen else self._rules.client_authentication[0]

    @property
    def _signed(self) -> str:
        return self.id_token_signed_response_alg or self._rules.id_token_algorithms[0]

    @model_validator(mode="after")
    def _fits_its_profile(self) -> Self:
        """What the profile allows."""
        profile, rules = Profile(self.profile), self._rules
        for member, value, allowed in self._choices(rules):
            if value and value not in allowed:
                raise FaultError(FaultKind.NOT_IN_PROFILE, profile=profile, member=member, value=value)
        if self.require_signed_request_object and rules.request_object is Demand.REFUSED:
            raise FaultError(FaultKind.NO_REQUEST_OBJECTS, profile=profile)
        if self.require_pushed_authorization_requests and rules.pushed_request is Demand.REFUSED:
            raise FaultError(FaultKind.NO_PUSHED_REQUESTS, profile=profile)
        self.check_answers(profile)
        self.check_requests(profile)
        self.check_links(self.redirect_uris)
        self.check_certificate(self._method, profile, None if self.jwks_uri else self.jwks.keys if self.jwks else ())
        return self

    def _choices(self, rules: Rules) -> Iterator[tuple[str, str | None, Sequence[str]]]:
        """What it chose, and what its profile has."""
        yield "token_endpoint_auth_method", self._method, rules.client_authentication
        yield "token_endpoint_auth_signing_alg", self.token_endpoint_auth_signing_alg, rules.assertion_algorithms
        yield "id_token_signed_response_alg", self._signed, rules.id_token_algorithms
        yield "userinfo_signed_response_alg", self.userinfo_signed_response_alg, rules.id_token_algorithms
        introspection = self.introspection_signed_response_alg
        yield "introspection_signed_response_alg", introspection, rules.id_token_algorithms
        yield "request_object_signing_alg", self.request_object_signing_alg, rules.request_object_algorithms
        yield from (("grant_type", each, rules.grant_types) for each in self.grant_types or ())

    @model_validator(mode="after")
    def _proves_itself_in_one_way(self) -> Self:
        """RFC 7591 section 2: keys in one place, and never both keys and secrets to prove itself with."""
        if self._method in BY_SECRET and not self.client_secret_sha256:
            raise FaultError(FaultKind.NEEDS, member=self._method, other="client_secret_sha256")
        if self._method not in BY_SECRET and self.client_secret_sha256:
            raise FaultError(FaultKind.GOES_WITHOUT, member=self._method, other="client_secret_sha256")
        if self._method is not ClientAuthentication.PRIVATE_KEY_JWT:
            if self.jwks is not None and self.jwks_uri is not None:
                raise FaultError(FaultKind.AT_MOST_ONE, member="jwks", other="jwks_uri")
        elif (self.jwks is None) == (self.jwks_uri is None):
            raise FaultError(FaultKind.EXACTLY_ONE, member="jwks", other="jwks_uri")
        return self

    def domain(self) -> Client:
        of_id_token, of_userinfo = self.encryption("id_token"), self.encryption("userinfo")
        return Client(
            client_id=ClientId(self.client_id),
            name=self.name,
            organisation=self.organisation,
            redirect_uris=tuple(self.redirect_uris),
            jwks=tuple(self.jwks.keys) if self.jwks else (),
            jwks_uri=self.jwks_uri or "",
            sector=self.chosen_sector or self.client_id,
            sector_identifier_uri=self.sector_identifier_uri or "",
            request_uris=tuple(self.request_uris),
            request_object_signing_alg=self.request_object_signing_alg or "",
            request_object_encryption_alg=self.request_encryption[0],
            request_object_encryption_enc=self.request_encryption[1],
            profile=Profile(self.profile),
            grant_types=frozenset(self._rules.grant_types if self.grant_types is None else self.grant_types),
            dpop_bound_access_tokens=self.dpop_bound_access_tokens,
            require_signed_request_object=self.require_signed_request_object,
            require_pushed_authorization_requests=self.require_pushed_authorization_requests,
            token_endpoint_auth_method=self._method,
            token_endpoint_auth_signing_alg=self.token_endpoint_auth_signing_alg or "",
            certificate_name=self.certificate_name,
            tls_client_certificate_bound_access_tokens=self.tls_client_certificate_bound_access_tokens,
            client_secret_sha256=tuple(self.client_secret_sha256),
            id_token_signed_response_alg=self._signed,
            minimum_level=LevelOfAssurance[self.minimum_level.upper()],
            active=self.active,
            post_logout_redirect_uris=tuple(self.post_logout_redirect_uris),
            backchannel_logout_uri=self.backchannel_logout_uri or "",
            backchannel_logout_session_required=self.backchannel_logout_session_required,
            representation=self.representation,
            api_scopes=frozenset(self.api_scopes),
            id_token_encrypted_response_alg=of_id_token[0],
            id_token_encrypted_response_enc=of_id_token[1],
            userinfo_signed_response_alg=self.userinfo_signed_response_alg or "",
            introspection_signed_response_alg=self.introspection_signed_response_alg or "",
            userinfo_encrypted_response_alg=of_userinfo[0],
            userinfo_encrypted_response_enc=of_userinfo[1],
            default_max_age=self.default_max_age,
            default_acr_values=tuple(self.default_acr_values),
            policy_uri=self.policy_uri or "",
            tos_uri=self.tos_uri or "",
        )


class _DataService(_Entry):
    id: str = Field(pattern=r"^[0-9A-Za-z._-]{1,32}$")
    name_nl: str = Field(min_length=1)
    name_en: str = Field(min_length=1)


class _File(_Entry):
    clients: list[_Client] = []
    resource_servers: list[SourceEntry] = []
    data_services: list[_DataService] = []


@dataclass(frozen=True, slots=True)
class RegistrationSet:
    """All that is registered, consistent within itself."""

    clients: tuple[Client, ...]
    resource_servers: tuple[ResourceServer, ...]
    data_services: tuple[DataService, ...]


def client_of(entry: Mapping[str, Any]) -> Client:
    """One app by itself. Raises `RegistrationFaultError` with every fault at once."""
    try:
        client = _Client.model_validate(dict(entry)).domain()
    except ValidationError as error:
        raise RegistrationFaultError(told(error)) from None
    faults = [*_faults_of_client(client)]
    if faults:
        raise RegistrationFaultError(faults)
    return client


def parse(content: Mapping[str, Any]) -> RegistrationSet:
    """The registrations among merged configuration. Raises `ConfigurationFileError` naming every fault at once."""
    try:
        known = _File.model_validate({name: content[name] for name in _File.model_fields if name in content})
    except ValidationError as error:
        raise ConfigurationFileError(describe(error)) from error
    registrations = RegistrationSet(
        tuple(entry.domain() for entry in known.clients),
        tuple(entry.domain() for entry in known.resource_servers),
        tuple(DataService(entry.id, entry.name_nl, entry.name_en) for entry in known.data_services),
    )
    faults = _inconsistencies(registrations)
    if faults:
        raise ConfigurationFileError("\n".join(faults))
    return registrations


def _inconsistencies(known: RegistrationSet) -> list[str]:
    services = {service.id for service in known.data_services}
    clients: set[str] = {client.client_id for client in known.clients}
    faults = [f"data_services {each}: the name of a scope of VAD's own" for each in services & _OWN_SCOPES]
    unproved = {each.client_id for each in known.clients if not each.proves_itself}
    for source in known.resource_servers:
        where = f"resource_servers {source.identifier}"
        faults += [f"{where}: admits {each}, which proves nothing" for each in sorted({*source.admitted} & unproved)]
        faults += [
            f"{where}: admits {client.client_id}: "
            f"profile {client.profile} has no access_token_signing_alg {source.access_token_signing_alg}"
            for client in known.clients
            if client.client_id in source.admitted and not source.signs_for(client)
        ]
        if source.identifier in clients:
            faults.append(f"{where}: a client has the same name, and both would prove themselves by it")
        faults += [f"{where}: unknown data service {s}" for s in source.data_services if s not in services]
        for client, admitted in source.admitted.items():
            if client not in clients:
                faults.append(f"{where}: admits the unknown client {client}")
            faults += [f"{where}: admits to {s}, which it does not offer" for s in admitted - {*source.data_services}]
        if source.identifier_type is IdentifierType.RID and not (source.oin and source.prs_scope):
            faults.append(f"{where}: identifier_type rid needs oin and prs_scope")
        if source.identifier_type is IdentifierType.RID and source.access_token_lifetime > LONGEST_RID_LIFE:
            faults.append(f"{where}: identifier_type rid allows an access_token_lifetime of at most 300 s")
        faults += [f"{where}: {fault}" for fault in faults_of_source_keys(source)]
    return faults + [
        f"clients {each.client_id}: {fault}" for each in known.clients for fault in _faults_of_client(each)
    ]


def _faults_of_client(client: Client) -> Iterator[Fault]:
    """What its members have to be together, beside what its profile has."""
    if client.api_scopes and not client.representation:
        yield FaultKind.API_OF_ACTING.at()
    if client.rules.acting is Demand.REFUSED and (client.representation or client.api_scopes):
        yield FaultKind.NOBODY_ACTS.at(profile=client.profile)
    yield from faults_of_client_keys(client)
