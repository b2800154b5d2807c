"""Apps that register themselves by a token of an operator (RFC 7591), and look after that (RFC 7592).

An app says how it speaks. What it is allowed is not its to say: profile and organisation come from the token, data
sources admit it once staff agree, and it acts for nobody.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from vad.domain.client import Client
from vad.domain.errors import ProtocolError
from vad.domain.identifiers import ClientId
from vad.domain.profile import BY_SECRET
from vad.domain.profile_table import RULES
from vad.domain.profiles_allowed import Profiles
from vad.domain.registration_events import ClientChangedItself, ClientEndedItself, ClientRegisteredItself
from vad.domain.registration_fault import FaultKind
from vad.services.client_metadata import changed_identity, changed_members, entry_of, metadata_of, told_of
from vad.services.client_outside import ClientOutside
from vad.services.client_stop import ClientStop
from vad.services.ports.client_registration import Managed, Offered
from vad.services.ports.records import Registrations, UnitOfWorkFactory
from vad.services.ports.registering import RegistrationFaultError, RegistrationReader
from vad.services.ports.tokens import Randomness

_UNPROVED = "invalid_token"
_LONGEST_TOKEN = 512
_HTTPS = 443


@dataclass(frozen=True, slots=True)
class RegisteredClientAnswer:
    """What the app is told of its registration (RFC 7591 section 3.2.1)."""

    client: Client
    metadata: Mapping[str, object]
    registered_at: datetime
    management: str = field(repr=False)
    """Its registration access token; only its hash is kept."""
    secret: str = field(default="", repr=False)
    """Its secret, told once; empty where it has none, or keeps the one that it has."""


@dataclass(frozen=True, slots=True)
class ClientRegistration:
    """The use case. Every method raises `ProtocolError` `invalid_token` for a token that proves nothing."""

    work: UnitOfWorkFactory
    registrations: Registrations
    reader: RegistrationReader
    profiles: Profiles
    outside: ClientOutside
    random: Randomness
    stop: ClientStop
    noticed: Callable[[], None]
    """Has this process read the registrations anew; the others do within a second, or when a new name comes to them."""
    any_port: bool = False
    """Whether what an app publishes may be at another port than that of https: for a sandbox."""

    def register(self, initial: str, metadata: Mapping[str, object], at: datetime) -> RegisteredClientAnswer:
        """Add an app; its initial access token counts for one use. Raises `ProtocolError` (section 3.2.2)."""
        initial_hash = _hash(initial)
        with self.work() as tx:
            offered = tx.client_registrations.offered(initial_hash)
        if offered is None:
            raise _unproved()
        client_id, secret = ClientId(str(self.random.uuid())), self.random.token()
        client, secret = self._client(client_id, offered, metadata, secret)
        management = self.random.token()
        with self.work() as tx:
            registered_at = tx.client_registrations.register(initial_hash, _hash(management), client, at)
            if registered_at is None:
                raise _unproved()
            evidence = {"members": sorted(metadata_of(client)), "token": _named(initial_hash)}
            tx.audit.append(ClientRegisteredItself(client_id=client_id, evidence=evidence), at=at)
            tx.commit()
        self.noticed()
        return RegisteredClientAnswer(client, told_of(client), registered_at, management, secret)

    def read(self, client_id: str, management: str) -> RegisteredClientAnswer:
        """What is registered of the app that proves itself."""
        client, managed = self._managed(client_id, management)
        return RegisteredClientAnswer(client, told_of(client), managed.registered_at, management)

    def change(
        self, client_id: str, management: str, metadata: Mapping[str, object], at: datetime
    ) -> RegisteredClientAnswer:
        """Replace what is registered (RFC 7592 section 2.2); what is left out is as if it never stood there.

        Not who the app is, once staff agreed to it: people and sources would go on trusting what is another's now.
        """
        client, managed = self._managed(client_id, management)
        _check_own(client, metadata)
        offered = Offered(client.profile, client.organisation)
        wanted, secret = self._client(client.client_id, offered, metadata, self.random.token(), client)
        if wanted.sector != client.sector:
            raise ProtocolError("invalid_client_metadata", "another sector would make strangers of its people")
        if managed.identity_fixed and (names := changed_identity(client, wanted)):
            words = "staff agreed to this app as it is; ask them for another: "
            raise ProtocolError("invalid_client_metadata", words + ", ".join(names))
        with self.work() as tx:
            if not tx.client_registrations.change(wanted, _hash(management), at):
                raise _unproved()
            evidence = {"members": changed_members(client, wanted)}
            tx.audit.append(ClientChangedItself(client_id=client.client_id, evidence=evidence), at=at)
            tx.commit()
        self.noticed()
        return RegisteredClientAnswer(wanted, told_of(wanted), managed.registered_at, management, secret)

    def end(self, client_id: str, management: str, at: datetime) -> None:
        """Serve the app no more, and end all that it was given (RFC 7592 section 2.3)."""
        client, _ = self._managed(client_id, management)
        with self.work() as tx:
            if not tx.client_registrations.end(client.client_id, _hash(management)):
                raise _unproved()
            evidence = self.stop(tx, client.client_id, tx.registration_changes.known().sources.values(), at)
            tx.audit.append(ClientEndedItself(client_id=client.client_id, evidence=evidence), at=at)
            tx.commit()
        self.noticed()

    def _managed(self, client_id: str, management: str) -> tuple[Client, Managed]:
        """The app of this name, when the token is its own. Nobody learns whether there is one of that name."""
        if not client_id.isprintable():
            # No app has such a name, and PostgreSQL takes none with U+0000.
            raise _unproved()
        with self.work() as tx:
            managed = tx.client_registrations.managed(ClientId(client_id))
            client = tx.registration_changes.known().clients.get(client_id)
        known = managed.token_sha256 if managed is not None else b""
        if not hmac.compare_digest(_hash(management), known) or client is None or managed is None or not client.active:
            raise _unproved()
        return client, managed

    def _client(
        self,
        client_id: ClientId,
        offered: Offered,
        metadata: Mapping[str, object],
        secret: str,
        before: Client | None = None,
    ) -> tuple[Client, str]:
        """The app as it wants to be, checked as what stands in a file is; and its secret, if that is new."""
        entry = entry_of(client_id, offered, metadata)
        hashes = before.client_secret_sha256 if before is not None else ()
        made = "" if hashes else secret
        if _method(entry, offered) in BY_SECRET:
            entry["client_secret_sha256"] = list(hashes or (hashlib.sha256(secret.encode()).hexdigest(),))
        try:
            client = self.reader.client_by_itself(entry)
            self._check_sector(client)
        except RegistrationFaultError as error:
            raise _refused(error) from error
        self._check_served(client)
        self._check_published(client)
        return client, made if client.token_endpoint_auth_method in BY_SECRET else ""

    def _check_served(self, client: Client) -> None:
        """What this installation does not have, whatever the profile has, would never be served."""
        if client.profile not in self.profiles.allowed:
            words = f"the token is for profile {client.profile}, which is not served here"
            raise ProtocolError("invalid_client_metadata", words)
        if client.needs_certificate and not self.profiles.certificates:
            raise ProtocolError("invalid_client_metadata", "nobody is asked for a certificate here")

    def _check_published(self, client: Client) -> None:
        """Look at what the app publishes. Why that fails says what there is in our network: it is for the log alone."""
        addresses = (client.jwks_uri, client.sector_identifier_uri, client.backchannel_logout_uri, *client.request_uris)
        if not self.any_port and any(_port(each) not in {None, _HTTPS} for each in addresses if each):
            raise ProtocolError("invalid_client_metadata", "addresses that VAD calls are at port 443 alone")
        try:
            self.outside.check(client)
        except RegistrationFaultError as error:
            words = "jwks_uri, sector_identifier_uri: what is there can't be read, or does not fit"
            raise ProtocolError("invalid_client_metadata", words, detail=str(error)) from None

    def _check_sector(self, client: Client) -> None:
        """Nobody joins the sector of an app that an operator registered: there is no list that would prove it."""
        others = (each for each in self.registrations.clients() if each.client_id != client.client_id)
        if any(each.sector == client.sector and not each.sector_identifier_uri for each in others):
            raise RegistrationFaultError([FaultKind.ANOTHERS_SECTOR.at("sector_identifier_uri")])


def _method(entry: Mapping[str, object], offered: Offered) -> object:
    """How it proves itself: as it says, or as its profile has it first."""
    return entry.get("token_endpoint_auth_method") or RULES[offered.profile].client_authentication[0].value


def _port(address: str) -> int | None:
    try:
        return urlsplit(address).port
    except ValueError:
        return 0


def _check_own(client: Client, metadata: Mapping[str, object]) -> None:
    """RFC 7592 section 2.2: its own name and secret, and nothing that is VAD's to say."""
    secret = metadata.get("client_secret")
    if metadata.get("client_id") != client.client_id:
        raise ProtocolError("invalid_client_metadata", "client_id is another's, or left out")
    if secret is not None and not (isinstance(secret, str) and client.has_secret(secret)):
        raise ProtocolError("invalid_client_metadata", "client_secret is not the one that was given")
    for name in ("registration_access_token", "registration_client_uri", "client_secret_expires_at"):
        if metadata.get(name) is not None:
            raise ProtocolError("invalid_client_metadata", f"{name} has no place in a change")


def _refused(error: RegistrationFaultError) -> ProtocolError:
    """The first of what is wrong decides the code; all of it is told (RFC 7591 section 3.2.2)."""
    of_redirects = error.faults[0].member == "redirect_uris"
    return ProtocolError("invalid_redirect_uri" if of_redirects else "invalid_client_metadata", str(error))


def _unproved() -> ProtocolError:
    return ProtocolError(_UNPROVED, "the token is not valid, or not any more")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token[:_LONGEST_TOKEN].encode()).digest()


def _named(token_hash: bytes) -> str:
    """How the log names a token: enough to tell two apart, and of no use to anybody."""
    return token_hash.hex()[:16]
