"""The registers and the apps, as every program of VAD asks them."""

from pathlib import Path

from vad.adapters.brp.persons import BrpPersons
from vad.adapters.configuration.files import ConfigurationFileError
from vad.adapters.digid.oidc import OidcIdentityProvider
from vad.adapters.http.caller import HttpCaller, Limits
from vad.adapters.http.deadline import DeadlineAdapter
from vad.adapters.http.guarded import GuardedCallers
from vad.adapters.jose.reference_keys import ReferenceKeys
from vad.adapters.oidc.relying_party import Registration
from vad.adapters.prs.opened import OpenedReferences
from vad.adapters.prs.pseudonyms import PrsPseudonyms
from vad.adapters.prs.single_use import SingleUse
from vad.adapters.vault.randomness import SystemRandomness
from vad.bootstrap.foundation import Foundation
from vad.services.ports.volatile import ReplayGuard
from vad.settings import Settings

_PER_APP = 2
"""Connections to one app."""


def caller(foundation: Foundation, register: str) -> HttpCaller:
    """Calls one register, within the times that the settings give it."""
    outgoing = foundation.settings.outgoing
    limits = Limits(connect=outgoing.connect_timeout, total=outgoing.total_timeout, rest=outgoing.rest)
    return limited(foundation, register, limits)


def limited(foundation: Foundation, register: str, limits: Limits) -> HttpCaller:
    """The same within other times."""
    adapter = DeadlineAdapter(connections=limits.connections, ca_file=foundation.settings.outgoing.ca_file)
    return HttpCaller(register, limits=limits, adapter=adapter, observer=foundation.metrics, calls=foundation.traces)


def apps(foundation: Foundation, what: str, limits: Limits | None = None) -> GuardedCallers:
    """Calls apps, at addresses that they chose. `what` names it in the log."""
    outgoing = foundation.settings.outgoing
    limits = limits or Limits(connect=outgoing.connect_timeout, total=outgoing.total_timeout, connections=_PER_APP)
    return GuardedCallers(what, limits, loopback=outgoing.loopback, ca_file=outgoing.ca_file, calls=foundation.traces)


def requests(foundation: Foundation) -> GuardedCallers:
    """Reads requests that lie at an address of an app: each is a token, and a browser waits."""
    outgoing = foundation.settings.outgoing
    limits = Limits(outgoing.connect_timeout, outgoing.total_timeout, size=16 * 1024, connections=_PER_APP)
    return apps(foundation, "requests of", limits)


def persons(settings: Settings, brp: HttpCaller) -> BrpPersons:
    """The BRP."""
    return BrpPersons(settings.brp.base_url, settings.brp.api_key.get_secret_value(), brp)


def digid(foundation: Foundation, asking: HttpCaller) -> OidcIdentityProvider:
    """DigiD."""
    settings = foundation.settings
    return OidcIdentityProvider(
        Registration(settings.digid.issuer, settings.digid.client_id, f"{settings.service.issuer}/digid/callback"),
        foundation.keys,
        asking,
        SystemRandomness(),
    )


def references(settings: Settings, prs: HttpCaller, replay: ReplayGuard) -> OpenedReferences | None:
    """The PRS for the scope whose keys are VAD's own, where there is one."""
    known, ours = settings.prs, settings.ministry
    if ours.rid_key_file is None or ours.rid_scope is None:
        return None
    service = PrsPseudonyms(known.base_url, known.oin, known.audience, prs)
    return OpenedReferences(service, reference_keys(ours.rid_key_file), ours.rid_scope, replay)


def reference_keys(file: Path) -> ReferenceKeys:
    """The keys for that scope. Raises `ConfigurationFileError`, without a text of the file."""
    try:
        return ReferenceKeys.read(file)
    except OSError as error:
        raise ConfigurationFileError(f"ministry.rid_key_file: {error.strerror or type(error).__name__}") from error
    except ValueError as error:
        raise ConfigurationFileError(f"ministry.rid_key_file: {error}") from error


def pseudonyms(settings: Settings, prs: HttpCaller, replay: ReplayGuard) -> SingleUse:
    """The PRS, none of whose references leaves twice."""
    known = settings.prs
    return SingleUse(PrsPseudonyms(known.base_url, known.oin, known.audience, prs), replay)
