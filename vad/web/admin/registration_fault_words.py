"""What is wrong with a registration, in words of the page's language.

The checks are those of the files (`vad.adapters.configuration`), and say it in English, for operators: `member: fault`.
Each has its words here; a fault that has none is shown as it is.
"""

import re
from collections.abc import Iterator

from vad.web.support.i18n import _, msgid

_PLACE = re.compile(r"((?:[\w.]+|resource_servers \S+): )(?=.)")


def said(fault: str) -> str:
    """The same fault, after the members that it is about."""
    place, rest = "", fault
    found = _PLACE.match(rest)
    # A fault about a member of a member names both.
    while found is not None and _words(rest) is None:
        place, rest = place + found[1], rest[found.end() :]
        found = _PLACE.match(rest)
    return place + (_words(rest) or rest)


def _words(fault: str) -> str | None:
    for pattern, words in _faults():
        found = re.fullmatch(pattern, fault)
        if found is not None:
            # Pydantic puts an English word between the last two of a list.
            return _(words, **{name: value.replace(" or ", ", ") for name, value in found.groupdict().items()})
    return None


def _faults() -> Iterator[tuple[str, str]]:
    """What the checks say, and how a page says it."""
    yield from _of_profiles()
    yield from _of_proof()
    yield from _of_keys()
    yield from _of_addresses()
    yield from _of_fields()


def _of_profiles() -> Iterator[tuple[str, str]]:
    """What depends on the profile."""
    yield r"(?:its profile|profile \S+) has no request(?: object|_uri)s", msgid("The profile has no such requests.")
    yield (
        r"profile \S+ has no pushed requests \(require_pushed_authorization_requests\)",
        msgid("The profile has no requests that are sent to us first."),
    )
    yield (
        r"(?:its profile|profile \S+) has no (?P<member>\w+) (?P<value>\S+)",
        msgid("The profile does not have this choice of %(member)s: %(value)s."),
    )
    yield (
        r"its profile does not encrypt \S+ with (?P<alg>\S+) and (?P<enc>\S+)",
        msgid("The profile does not encrypt with %(alg)s and %(enc)s."),
    )
    yield "its profile binds no tokens", msgid("The profile does not bind tokens to anything.")
    yield r"acts for nobody and asks for no api_scopes, .*", msgid("With this profile people act for nobody.")
    yield r"this installation has (?P<profiles>.*) alone", msgid("This VAD only has these profiles: %(profiles)s.")
    yield (
        r"api_scopes needs representation = true, .*",
        msgid("api_scopes needs an app that knows that people act for others (representation)."),
    )


def _of_proof() -> Iterator[tuple[str, str]]:
    """How it proves who it is."""
    yield (
        r"self_signed_tls_client_auth needs a certificate in jwks \(x5c\), or a jwks_uri",
        msgid("self_signed_tls_client_auth needs a key with a certificate (x5c), or a jwks_uri."),
    )
    yield "tls_client_auth needs exactly one of .*", msgid("tls_client_auth needs exactly one name in the certificate.")
    yield r"(?P<one>\w+) needs (?P<other>\w+)", msgid("%(one)s needs %(other)s.")
    yield r"(?P<one>\w+) goes without (?P<other>\w+)", msgid("With %(one)s there is no %(other)s.")
    yield r"set at most one of (?P<one>\w+) and (?P<other>\w+)", msgid("Fill in %(one)s or %(other)s, not both.")
    yield r"set exactly one of (?P<one>\w+) and (?P<other>\w+)", msgid("Fill in %(one)s or %(other)s: exactly one.")
    yield r"(?P<name>\w+) is no such name", msgid("What is filled in for %(name)s is no such name.")
    yield (
        "organisations admit it, so it proves itself",
        msgid("Organisations admit this app, so it has to prove who it is."),
    )


def _of_keys() -> Iterator[tuple[str, str]]:
    """Public keys."""
    yield r"no key of its own fits \w+ (?P<alg>\S+)", msgid("The app has no key to encrypt to with %(alg)s.")
    yield r"nothing there fits \w+ (?P<alg>\S+)", msgid("None of the keys there can be encrypted to with %(alg)s.")
    yield r"no key there comes with a certificate \(x5c\)", msgid("No key there has a certificate (x5c).")
    yield "kid must be a text", msgid("The kid of a key must be a text.")
    yield (
        r"no signature can be checked with it \(.*\)",
        msgid("We cannot check a signature with this key: look at kty, crv, use and alg."),
    )
    yield "an asymmetric JWK is needed", msgid("Enter a public key as a JWK.")
    yield (
        "this JWK holds private members: register the public key",
        msgid("This key has private members. Enter the public key."),
    )
    yield (
        r"encryption_jwk does not fit introspection_encrypted_response_alg (?P<alg>\S+)",
        msgid("The key does not fit how answers about tokens are encrypted: %(alg)s."),
    )
    yield (
        "a source's encryption key must say `use: enc`",
        msgid("The key must say that it is meant for encryption (use: enc)."),
    )
    yield (
        "a source's encryption key is malformed, .*|nothing can be encrypted to .*",
        msgid("We cannot encrypt with this key: it is damaged, too weak, or of a kind that we do not know."),
    )
    yield "a source's encryption key is meant for another algorithm", msgid("The key is meant for another algorithm.")
    yield "not a JSON object|not JSON|JSON that is too deep", msgid("This is not a key as JSON.")
    yield "a member stands there twice", msgid("The JSON has the same member twice.")
    yield "not a number of (?:ours|JSON)", msgid("The JSON has a number that we cannot read.")


def _of_addresses() -> Iterator[tuple[str, str]]:
    """Addresses, and what is there."""
    yield (
        r"an address has up to (?P<most>\d+) characters, those of RFC 3986 alone",
        msgid("An address has at most %(most)s characters, and only characters that may be in an address."),
    )
    yield (
        "a redirect URI is an https address without fragment or wildcard",
        msgid("Enter an address that begins with https, without # and *."),
    )
    yield "http only on loopback", msgid("Enter an address that begins with https.")
    yield (
        "an address without credentials, with a host and a port that there is",
        msgid("Enter an address with a host, without a user name or password."),
    )
    yield (
        r"(?P<member>\w+) must be at a host of its redirect_uris",
        msgid("%(member)s must be at a host where people return to the app."),
    )
    yield "what is there is no JSON list of addresses", msgid("There is no list of addresses there.")
    yield (
        "what is there does not list every redirect URI",
        msgid("The list there does not have all addresses to return to."),
    )
    yield "this sector is another's", msgid("Another app has this sector.")
    yield "a sector holds no control characters", msgid("A sector has no characters that cannot be seen.")
    yield (
        r"(?:keys|sector) of .*|somebody else is still reading it|reading it failed a moment ago",
        msgid("What is there cannot be read now. Try again later."),
    )
    yield "not a JWK set|too many keys|no public key", msgid("There is no set of public keys there.")


def _of_fields() -> Iterator[tuple[str, str]]:
    """Any field. Pydantic's own words."""
    yield (
        r"Field required|String should have at least 1 character|List should have at least 1 item.*",
        msgid("This has to be filled in."),
    )
    yield r"String should have at most (?P<most>\d+) characters?", msgid("Enter at most %(most)s characters.")
    yield r"List should have at most (?P<most>\d+) items?.*", msgid("Enter at most %(most)s items.")
    yield r"String should match pattern .*", msgid("This has characters, or a length, that it may not have.")
    yield r"Extra inputs are not permitted", msgid("VAD does not know this.")
    yield r"Input should be a valid .*", msgid("This is of another kind than it has to be.")
    yield r"Input should be (?P<options>'.*)", msgid("Choose one of these: %(options)s.")
