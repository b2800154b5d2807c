"""What an installation says of itself: what the profiles that it allows say together."""

from dataclasses import dataclass

from vad.domain.profile import (
    BY_CERTIFICATE,
    DPOP_ALGORITHMS,
    GRANT_TYPES,
    ClientAuthentication,
    Demand,
    Profile,
    Rules,
)
from vad.domain.profile_table import NOBODY, RULES


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles that an installation allows. What it says of itself is what they allow together."""

    allowed: tuple[Profile, ...]
    certificates: bool = False
    """Whether there is a proxy that passes certificates of clients on; nobody proves anything by one without."""

    @property
    def client_authentication(self) -> tuple[ClientAuthentication, ...]:
        """By which a client may prove itself; `none` proves nothing."""
        methods = (method for each in self._rules for method in each.client_authentication)
        left_out = {ClientAuthentication.NONE, *(() if self.certificates else BY_CERTIFICATE)}
        return tuple(method for method in dict.fromkeys(methods) if method not in left_out)

    @property
    def certificate_bound_tokens(self) -> bool:
        """Whether tokens may be bound to a certificate (RFC 8705 section 3.3)."""
        return self.certificates and any(each.bound_tokens is not Demand.REFUSED for each in self._rules)

    @property
    def unproved_clients(self) -> bool:
        """Whether there may be clients that prove nothing, and have PKCE alone."""
        return any(ClientAuthentication.NONE in each.client_authentication for each in self._rules)

    @property
    def assertion_algorithms(self) -> tuple[str, ...]:
        """What client assertions may be signed with."""
        return tuple(dict.fromkeys(name for each in self._rules for name in each.assertion_algorithms))

    @property
    def assertion_algorithms_of_callers(self) -> tuple[str, ...]:
        """The same where data sources come as well, who are told of nothing that FAPI forbids for no app's sake."""
        return tuple(dict.fromkeys((*self.assertion_algorithms, *DPOP_ALGORITHMS)))

    @property
    def id_token_algorithms(self) -> frozenset[str]:
        """What ID tokens may be signed with."""
        return frozenset(name for each in self._rules for name in each.id_token_algorithms)

    @property
    def access_token_algorithms(self) -> frozenset[str]:
        """What access tokens may be signed with; a data source that is registered for another is served by nobody."""
        return frozenset(name for each in self._rules for name in each.access_token_algorithms)

    @property
    def grant_types(self) -> tuple[str, ...]:
        """What apps may be registered for."""
        return tuple(name for name in GRANT_TYPES if any(name in each.grant_types for each in self._rules))

    @property
    def pushed_request(self) -> bool:
        """Whether there may be clients that push their requests."""
        return any(each.pushed_request is not Demand.REFUSED for each in self._rules)

    @property
    def request_object_algorithms(self) -> tuple[str, ...]:
        """What request objects may be signed with."""
        return tuple(dict.fromkeys(name for each in self._rules for name in each.request_object_algorithms))

    @property
    def request_uri(self) -> bool:
        """Whether requests may lie at an address of a client."""
        return any(each.request_uri is not Demand.REFUSED for each in self._rules)

    @property
    def standard_claims(self) -> bool:
        """Whether there may be clients that ask for claims about the person."""
        return any(each.standard_claims for each in self._rules)

    @property
    def acting(self) -> bool:
        """Whether people may act for others at some app, and apps may read who acts for whom."""
        return any(each.acting is not Demand.REFUSED for each in self._rules)

    @property
    def renewable_login(self) -> bool:
        """Whether there may be apps that keep people logged in."""
        return any(each.renewable_login for each in self._rules)

    @property
    def client_list(self) -> bool:
        """Whether there may be apps that come from a list of somebody else."""
        return any(each.client_list for each in self._rules)

    @property
    def former_addresses(self) -> bool:
        """Whether the addresses of the proof of concept are answered at."""
        return any(each.former_addresses for each in self._rules)

    @property
    def not_registered(self) -> str:
        """The error for an app that nobody knows, and so no profile of: what some profile reads alone, if any."""
        usual, *others = dict.fromkeys(each.not_registered for each in (NOBODY, *self._rules))
        return others[0] if others else usual

    @property
    def answer_encryption(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What answers may be encrypted with: key management, and content."""
        pairs = [pair for each in self._rules for pair in each.answer_encryption]
        return tuple(dict.fromkeys(alg for alg, _ in pairs)), tuple(dict.fromkeys(enc for _, enc in pairs))

    @property
    def dpop_algorithms(self) -> tuple[str, ...]:
        """What proofs of possession may be signed with: asymmetric, and nothing that FAPI forbids."""
        bind = any(each.bound_tokens is not Demand.REFUSED for each in self._rules)
        return DPOP_ALGORITHMS if bind else ()

    @property
    def pushed_request_required(self) -> bool:
        """Whether every client has to push its request (RFC 9126 section 5)."""
        return all(each.pushed_request is Demand.REQUIRED for each in self._rules)

    @property
    def _rules(self) -> tuple[Rules, ...]:
        return tuple(RULES[each] for each in self.allowed)
