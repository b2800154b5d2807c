"""Everything that can go wrong, drawn as one tree.

VadError
├── InvalidIdentifierError        something that claims to be a BSN, level … and is not
├── ProtocolError                 an OAuth/OIDC error with its public code and description
├── LoginFailedError              DigiD did not give a person we may let in
├── StaleFlowError                a page of a flow that is over, or of somebody else's browser
├── NotPermittedError             a member of staff whose roles do not hold this right
├── OwnCaseError                  a member of staff who is one of the people it is about
├── LogBrokenError                the log is not what was signed of it
├── LogNotPublishedError          what was signed of it can't be put where others read it
└── UnavailableError              a store or register that does not answer
    ├── StoreUnavailableError
    ├── RegisterUnavailableError
    ├── OutOfTimeError
    └── CodeSpentError

`vad.domain.access` adds AccessDeniedError, a decision that went against the caller.

Two audiences: what may be told to a caller is in attributes made for that; the exception's own text is for the log.
"""

from enum import StrEnum


class VadError(Exception):
    """The root of all errors that VAD raises on purpose."""


class InvalidIdentifierError(VadError, ValueError):
    """An identifier that does not have the form its kind demands."""


class ProtocolError(VadError):
    """An error of OAuth 2.0 or OpenID Connect (RFC 6749 section 4.1.2.1 and 5.2, OIDC Core 3.1.2.6).

    `error`, `description` and `acr_values` are public; `detail` goes to the log alone. `acr_values` says which login
    would do (RFC 9470 section 3).
    """

    def __init__(self, error: str, description: str, *, detail: str = "", acr_values: str = "") -> None:
        super().__init__(f"{error}: {detail or description}")
        self.error = error
        self.description = description
        self.detail = detail
        self.acr_values = acr_values


class LoginFailure(StrEnum):
    """Why a login did not succeed, as far as the person needs to know (page P1)."""

    CANCELLED = "cancelled"
    FAILED = "failed"
    LEVEL = "level"
    REPRESENTING = "representing"
    """The person chose at DigiD to log in for somebody else (DigiD Machtigen)."""


class LoginFailedError(VadError):
    """DigiD did not deliver a person whom we may let in. `detail` goes to the log alone."""

    def __init__(self, failure: LoginFailure, detail: str) -> None:
        super().__init__(f"{failure}: {detail}")
        self.failure = failure
        self.detail = detail


class StaleFlowError(VadError):
    """The flow is over, unknown, or bound to another browser: the person must begin again at the app."""


class NotPermittedError(VadError):
    """None of the roles of this member of staff holds the right. The action is public, the account is for the log."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


class OwnCaseError(VadError):
    """It is about the member of staff, as a citizen: somebody else must do it (rule 44)."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


class LogBrokenError(VadError):
    """The log is not what was signed of it. Nothing more is signed until somebody has looked."""


class LogNotPublishedError(VadError):
    """What was signed of the log can't be put where others read it; the log itself goes on."""


class UnavailableError(VadError):
    """Something that VAD leans on does not answer. Trying again later may help."""


class StoreUnavailableError(UnavailableError):
    """PostgreSQL or Redis is away, read-only or too slow."""


class RegisterUnavailableError(UnavailableError):
    """A register (BRP, PRS) or the identity provider is away, too slow or talks nonsense."""


class OutOfTimeError(UnavailableError):
    """The request has taken as long as it may: nothing more is begun for it."""


class CodeSpentError(UnavailableError):
    """A store or register was away when a code had been spent: only a new authorization request helps."""
