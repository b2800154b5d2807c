"""What is wrong with a registration, in words of the page's language, by the code of each fault."""

from collections.abc import Iterator, Mapping
from typing import Final

from vad.domain.registration_fault import Fault, FaultKind
from vad.web.support.i18n import _, msgid

WORDS: Final[Mapping[str, str]] = {
    FaultKind.PROFILE_NOT_HERE: msgid("This VAD only has these profiles: %(profiles)s."),
    FaultKind.NOT_IN_PROFILE: msgid("The profile does not have this choice of %(member)s: %(value)s."),
    FaultKind.NO_REQUEST_OBJECTS: msgid("The profile has no such requests."),
    FaultKind.NO_REQUEST_URIS: msgid("The profile has no such requests."),
    FaultKind.NO_PUSHED_REQUESTS: msgid("The profile has no requests that are sent to us first."),
    FaultKind.NO_SUCH_ENCRYPTION: msgid("The profile does not encrypt with %(alg)s and %(enc)s."),
    FaultKind.NO_BOUND_TOKENS: msgid("The profile does not bind tokens to anything."),
    FaultKind.NOBODY_ACTS: msgid("With this profile people act for nobody."),
    FaultKind.API_OF_ACTING: msgid("api_scopes needs an app that knows that people act for others (representation)."),
    FaultKind.NO_CERTIFICATE: msgid("self_signed_tls_client_auth needs a key with a certificate (x5c), or a jwks_uri."),
    FaultKind.ONE_CERTIFICATE_NAME: msgid("tls_client_auth needs exactly one name in the certificate."),
    FaultKind.NO_CERTIFICATE_NAME: msgid("What is filled in for %(member)s is no such name."),
    FaultKind.PROVES_NOTHING: msgid("Organisations admit this app, so it has to prove who it is."),
    FaultKind.NEEDS: msgid("%(member)s needs %(other)s."),
    FaultKind.GOES_WITHOUT: msgid("With %(member)s there is no %(other)s."),
    FaultKind.AT_MOST_ONE: msgid("Fill in %(member)s or %(other)s, not both."),
    FaultKind.EXACTLY_ONE: msgid("Fill in %(member)s or %(other)s: exactly one."),
    FaultKind.NOT_JSON: msgid("This is not a key as JSON, or something in it is there twice."),
    FaultKind.NOT_ASYMMETRIC: msgid("Enter a public key as a JWK."),
    FaultKind.PRIVATE: msgid("This key has private members. Enter the public key."),
    FaultKind.KID: msgid("The kid of a key must be a text."),
    FaultKind.CHECKS_NO_SIGNATURE: msgid("We cannot check a signature with this key: look at kty, crv, use and alg."),
    FaultKind.NO_KEY_FITS: msgid("The app has no key to encrypt to with %(alg)s."),
    FaultKind.NO_PUBLISHED_KEY_FITS: msgid("None of the keys there can be encrypted to with %(alg)s."),
    FaultKind.NO_PUBLISHED_CERTIFICATE: msgid("No key there has a certificate (x5c)."),
    FaultKind.NOT_FOR_ENCRYPTION: msgid("The key must say that it is meant for encryption (use: enc)."),
    FaultKind.UNUSABLE: msgid(
        "We cannot encrypt with this key: it is damaged, too weak, or of a kind that we do not know."
    ),
    FaultKind.OTHER_ALGORITHM: msgid("The key is meant for another algorithm."),
    FaultKind.ANSWERS_NOT_ENCRYPTED: msgid("The key does not fit how answers about tokens are encrypted: %(alg)s."),
    FaultKind.ADDRESS_CHARACTERS: msgid(
        "An address has at most %(most)s characters, and only characters that may be in an address."
    ),
    FaultKind.NOT_HTTPS: msgid("Enter an address that begins with https, without # and *."),
    FaultKind.HTTP_ELSEWHERE: msgid("Enter an address that begins with https."),
    FaultKind.NO_HOST: msgid("Enter an address with a host, without a user name or password."),
    FaultKind.ANOTHERS_HOST: msgid("%(member)s must be at a host where people return to the app."),
    FaultKind.NAMELESS_HOST: msgid(
        "%(member)s must be at a host where people return to the app, or begin with https:// and the name of a host."
    ),
    FaultKind.NOT_READ: msgid(
        "What is there cannot be read now, or is not what it should be. Check the address, or try again later."
    ),
    FaultKind.NO_LIST: msgid("There is no list of addresses there."),
    FaultKind.NOT_LISTED: msgid("The list there does not have all addresses to return to."),
    FaultKind.ANOTHERS_SECTOR: msgid("Another app has this sector."),
    FaultKind.SECTOR_CHARACTERS: msgid("A sector has no characters that cannot be seen."),
    # What Pydantic finds in any field, by its own codes.
    "missing": msgid("This has to be filled in."),
    "string_too_short": msgid("This has to be filled in."),
    "too_short": msgid("This has to be filled in."),
    "string_too_long": msgid("Enter at most %(max_length)s characters."),
    "too_long": msgid("Enter at most %(max_length)s items."),
    "string_pattern_mismatch": msgid("This has characters, or a length, that it may not have."),
    "extra_forbidden": msgid("VAD does not know this."),
    "greater_than_equal": msgid("Enter %(ge)s or more."),
    "less_than_equal": msgid("Enter %(le)s or less."),
    "literal_error": msgid("Choose one of these: %(expected)s."),
}
_OTHER: Final = msgid("This is of another kind than it has to be.")
_ABOUT: Final[Mapping[str, tuple[str, ...]]] = {
    FaultKind.NOT_IN_PROFILE: ("profile",),
    FaultKind.NO_REQUEST_OBJECTS: ("require_signed_request_object", "request_object_encryption_alg", "profile"),
    FaultKind.NO_REQUEST_URIS: ("request_uris", "profile"),
    FaultKind.NO_PUSHED_REQUESTS: ("require_pushed_authorization_requests", "profile"),
    FaultKind.NO_BOUND_TOKENS: ("tls_client_certificate_bound_access_tokens", "profile"),
    FaultKind.NOBODY_ACTS: ("api_scopes", "representation", "profile"),
    FaultKind.API_OF_ACTING: ("api_scopes", "representation"),
    FaultKind.NO_CERTIFICATE: ("jwks_uri", "jwks", "token_endpoint_auth_method"),
    FaultKind.ONE_CERTIFICATE_NAME: ("tls_client_auth_subject_dn",),
    FaultKind.NOT_JSON: ("jwks",),
    FaultKind.ANSWERS_NOT_ENCRYPTED: ("encryption_jwk",),
}
"""Members that a fault is about, and that it does not name itself."""


def said(fault: Fault) -> str:
    """The fault, after the place that it is at."""
    # Pydantic puts an English word between the last two of a list.
    values = {name: value.replace(" or ", ", ") for name, value in fault.values.items()}
    words = _(WORDS.get(fault.code, _OTHER), **values)
    return f"{fault.place}: {words}" if fault.place else words


def members(fault: Fault) -> Iterator[str]:
    """The names of those that it is about, the likeliest first."""
    yield fault.member
    yield from (fault.values[name] for name in ("member", "other") if name in fault.values)
    yield from _ABOUT.get(fault.code, ())
