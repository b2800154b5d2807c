"""What can come next in an authorization request: a page, a code, or a refusal."""

from dataclasses import dataclass, field

from vad.domain.access import Deny, Permit
from vad.domain.assurance import LevelOfAssurance
from vad.domain.client import ResourceServer
from vad.domain.ground import Basis, DenyReason
from vad.domain.mandate import Mandate
from vad.domain.representation import Choices


@dataclass(frozen=True, slots=True)
class LogIn:
    """Next: the login page. `minimum` is the level that DigiD must be asked for."""

    minimum: LevelOfAssurance


@dataclass(frozen=True, slots=True)
class ConfirmLogin:
    """Next: the page that says who is logged in already and which app asks, once per app and session (rule 37)."""


@dataclass(frozen=True, slots=True)
class ChooseRepresented:
    """Next: the page that asks whose data it is about (P3)."""

    choices: Choices


@dataclass(frozen=True, slots=True)
class ConfirmActing:
    """Next: the page that says for whom the person acts, and on what ground (P4)."""

    basis: Basis
    mandate: Mandate | None = None


@dataclass(frozen=True, slots=True)
class AskConsent:
    """Next: the consent page, about these sources. Empty: about the login alone."""

    sources: tuple[ResourceServer, ...]
    optional: bool = False
    """Other sources were agreed to before: the person may leave all of these out."""
    own_scopes: frozenset[str] = frozenset()
    """What is asked of VAD itself: its API, and claims about the person, who may leave any of it out."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Next: a code, resting on these permits; the first is the login's own."""

    permits: tuple[Permit, ...]


@dataclass(frozen=True, slots=True)
class Refuse:
    """Next: back to the app with an error. `reason` None: the person said no."""

    reason: DenyReason | None
    denied: Deny | None = field(default=None, compare=False)
    """What the decision looked at."""


@dataclass(frozen=True, slots=True)
class SomebodyElse:
    """Next: back to the app. The person who logged in for this request is not the one that its hint names."""


@dataclass(frozen=True, slots=True)
class LevelUnmet:
    """Next: back to the app. Nobody can log in at the very level that it demands, or the person did at another."""


NextStep = (
    LogIn | ConfirmLogin | ChooseRepresented | ConfirmActing | AskConsent | Issue | Refuse | SomebodyElse | LevelUnmet
)
