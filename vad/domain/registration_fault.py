"""What can be wrong with a registration: each kind of fault by its code, and what it says in English.

Operators, apps and the log read these sentences; the pages for staff have words of their own for each code. No sentence
repeats what somebody filled in, for that may be a secret: its blanks are for names, of members and of what there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """What VAD itself checks. The value is the sentence."""

    # What depends on the profile.
    PROFILE_NOT_HERE = "this installation has {profiles} alone"
    NOT_IN_PROFILE = "profile {profile} has no {member} {value}"
    NO_REQUEST_OBJECTS = "profile {profile} has no request objects"
    NO_REQUEST_URIS = "profile {profile} has no request_uris"
    NO_PUSHED_REQUESTS = "profile {profile} has no pushed requests (require_pushed_authorization_requests)"
    NO_SUCH_ENCRYPTION = "profile {profile} does not encrypt {answer} with {alg} and {enc}"
    NO_BOUND_TOKENS = "profile {profile} binds no tokens"
    NOBODY_ACTS = "acts for nobody and asks for no api_scopes, for its profile is {profile}"
    API_OF_ACTING = "api_scopes needs representation = true, for it names people who act for others"
    # How it proves who it is.
    NO_CERTIFICATE = "self_signed_tls_client_auth needs a certificate in jwks (x5c), or a jwks_uri"
    ONE_CERTIFICATE_NAME = "tls_client_auth needs exactly one of {members}"
    NO_CERTIFICATE_NAME = "{member} is no such name"
    PROVES_NOTHING = "organisations admit it, so it proves itself"
    NEEDS = "{member} needs {other}"
    GOES_WITHOUT = "{member} goes without {other}"
    AT_MOST_ONE = "set at most one of {member} and {other}"
    EXACTLY_ONE = "set exactly one of {member} and {other}"
    # Public keys.
    NOT_JSON = "not a JSON object whose members each stand there once"
    NOT_ASYMMETRIC = "an asymmetric JWK is needed"
    PRIVATE = "this JWK holds private members: register the public key"
    KID = "kid must be a text"
    CHECKS_NO_SIGNATURE = "no signature can be checked with it (kind, curve, size, use, alg or a member)"
    NO_KEY_FITS = "no key of its own fits {member} {alg}"
    NO_PUBLISHED_KEY_FITS = "nothing there fits {member} {alg}"
    NO_PUBLISHED_CERTIFICATE = "no key there comes with a certificate (x5c)"
    # The key with which VAD encrypts for a source.
    NOT_FOR_ENCRYPTION = "a source's encryption key must say `use: enc`"
    UNUSABLE = "a source's encryption key is malformed, weak or of an unknown kind"
    OTHER_ALGORITHM = "a source's encryption key is meant for another algorithm"
    ANSWERS_NOT_ENCRYPTED = "encryption_jwk does not fit introspection_encrypted_response_alg {alg}"
    # Addresses, and what is there.
    ADDRESS_CHARACTERS = "an address has up to {most} characters, those of RFC 3986 alone"
    NOT_HTTPS = "a redirect URI is an https address without fragment or wildcard"
    HTTP_ELSEWHERE = "http only on loopback"
    NO_HOST = "an address without credentials, with a host and a port that there is"
    ANOTHERS_HOST = "{member} must be at a host of its redirect_uris"
    NAMELESS_HOST = "{member} must be at a host of its redirect_uris, or by https at one that has a name"
    NOT_READ = "can't be had now: {why}"
    NO_LIST = "what is there is no JSON list of addresses"
    NOT_LISTED = "what is there does not list every redirect URI"
    ANOTHERS_SECTOR = "this sector is another's"
    SECTOR_CHARACTERS = "a sector holds no control characters"

    def at(self, place: str = "", /, **values: str) -> "Fault":
        """This fault, of the member of that name, with what fills the blanks."""
        return Fault(self, self.format(**values), place, values)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    code: str
    """A `FaultKind`, or the `type` of a fault that Pydantic found."""
    sentence: str
    place: str = ""
    """The member that it is about, with what is inside it, such as `redirect_uris.0`; empty: several members."""
    values: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}" if self.place else self.sentence

    @property
    def member(self) -> str:
        """The member itself."""
        return self.place.partition(".")[0]


class FaultError(ValueError):
    """What a check of one member, or of several together, raises; whoever reads the registration knows the place."""

    def __init__(self, kind: FaultKind, **values: str) -> None:
        self.fault = kind.at(**values)
        super().__init__(str(self.fault))
