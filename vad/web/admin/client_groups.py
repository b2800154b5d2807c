"""What is registered of an app, in groups: the one list that its page, its forms and their faults go by."""

from collections.abc import Iterable, Mapping

from vad.domain.assurance import LevelOfAssurance
from vad.domain.certificate import NameKind
from vad.domain.client import API_SCOPES
from vad.domain.profile import GRANT_TYPES, ClientAuthentication, Profile
from vad.domain.profile_table import RULES
from vad.web.admin.client_fields import Field, Group, Kind
from vad.web.support.i18n import msgid

_LINES, _FLAG, _ONE, _MANY = Kind.LINES, Kind.FLAG, Kind.ONE, Kind.MANY
_EACH_LINE = msgid("One address on each line.")


def groups() -> Mapping[str, Group]:
    """By the address of their form, in the order of the page.

    Its keys, its organisation and whether it is served are no fields: these have forms of their own, or none.
    """
    return {each.address: each for each in (_name(), _addresses(), _proof(), _tokens(), _requests())}


def _name() -> Group:
    return Group(
        "naam",
        msgid("Name"),
        (Field("name", msgid("Name that people see"), needed=True),),
        msgid(
            "Who agreed to this app keeps their consent: the organisation stays the same. They see the new name now."
        ),
    )


def _addresses() -> Group:
    return Group(
        "adressen",
        msgid("Addresses"),
        (
            Field("redirect_uris", msgid("Where people return to"), _LINES, hint=_EACH_LINE),
            Field("post_logout_redirect_uris", msgid("Where people go after they log out"), _LINES, hint=_EACH_LINE),
            Field("backchannel_logout_uri", msgid("Where we tell that somebody logged out")),
            Field("backchannel_logout_session_required", msgid("The app needs to hear which login that was"), _FLAG),
            Field("request_uris", msgid("Where the app keeps its requests"), _LINES, hint=_EACH_LINE),
            Field("sector_identifier_uri", msgid("Where the app lists the addresses of its sector")),
            Field("policy_uri", msgid("What the app says of people's data")),
            Field("tos_uri", msgid("The terms of the app")),
        ),
    )


def _proof() -> Group:
    return Group(
        "bewijs",
        msgid("How the app proves who it is"),
        (
            Field(
                "token_endpoint_auth_method",
                msgid("Way of proving"),
                _ONE,
                tuple(each.value for each in ClientAuthentication),
            ),
            Field(
                "token_endpoint_auth_signing_alg",
                msgid("Proof: signed with"),
                _ONE,
                _each(each.assertion_algorithms for each in RULES.values()),
            ),
            Field(
                "certificate",
                msgid("Name in the certificate"),
                Kind.CERTIFICATE,
                tuple(each.value for each in NameKind),
                hint=msgid("Exactly one, and only with tls_client_auth."),
            ),
            Field(
                "client_secret_sha256",
                msgid("Hash of each secret"),
                _LINES,
                hint=msgid("One on each line. The command vad clients secret makes a secret and its hash."),
            ),
        ),
        msgid("Keys and certificates of the app have forms of their own on its page. Add the new key first."),
    )


def _tokens() -> Group:
    rules = RULES.values()
    signed = _each(each.id_token_algorithms for each in rules)
    alg = _each([alg for alg, _ in each.answer_encryption] for each in rules)
    enc = _each([enc for _, enc in each.answer_encryption] for each in rules)
    return Group(
        "tokens",
        msgid("Tokens and answers"),
        (
            Field("grant_types", msgid("What the app may ask for"), _MANY, GRANT_TYPES),
            Field("dpop_bound_access_tokens", msgid("Tokens work with a key of the app alone"), _FLAG),
            Field(
                "tls_client_certificate_bound_access_tokens",
                msgid("Tokens work with the certificate of the app alone"),
                _FLAG,
            ),
            Field("id_token_signed_response_alg", msgid("ID tokens: signed with"), _ONE, signed),
            Field("id_token_encrypted_response_alg", msgid("ID tokens: encrypted with"), _ONE, alg),
            Field("id_token_encrypted_response_enc", msgid("ID tokens: content encrypted with"), _ONE, enc),
            Field("userinfo_signed_response_alg", msgid("Userinfo: signed with"), _ONE, signed),
            Field("userinfo_encrypted_response_alg", msgid("Userinfo: encrypted with"), _ONE, alg),
            Field("userinfo_encrypted_response_enc", msgid("Userinfo: content encrypted with"), _ONE, enc),
            Field("introspection_signed_response_alg", msgid("Answers about tokens: signed with"), _ONE, signed),
        ),
    )


def _requests() -> Group:
    signed = _each(each.request_object_algorithms for each in RULES.values())
    return Group(
        "beveiliging",
        msgid("Security of its requests"),
        (
            Field("profile", msgid("Profile"), _ONE, tuple(each.value for each in Profile), needed=True),
            Field(
                "minimum_level",
                msgid("Lowest level of DigiD"),
                _ONE,
                tuple(each.name.lower() for each in LevelOfAssurance if each > LevelOfAssurance.BASIS),
                needed=True,
            ),
            Field(
                "default_max_age",
                msgid("Log in again after so many seconds"),
                hint=msgid("For requests that do not say it themselves."),
            ),
            Field(
                "default_acr_values",
                msgid("Levels that the app would like"),
                _MANY,
                tuple(each.uri for each in LevelOfAssurance if each > LevelOfAssurance.BASIS),
            ),
            Field("require_pushed_authorization_requests", msgid("The app sends each request to us first"), _FLAG),
            Field("require_signed_request_object", msgid("The app signs each request"), _FLAG),
            Field("request_object_signing_alg", msgid("Requests: signed with"), _ONE, signed),
            Field(
                "request_object_encryption_alg",
                msgid("Requests: encrypted with"),
                _ONE,
                ("ECDH-ES", "RSA-OAEP-256"),
            ),
            Field(
                "request_object_encryption_enc",
                msgid("Requests: content encrypted with"),
                _ONE,
                ("A256GCM", "A128CBC-HS256"),
            ),
            Field("representation", msgid("The app knows that people act for others."), _FLAG),
            Field("api_scopes", msgid("What of our own the app may use"), _MANY, tuple(sorted(API_SCOPES))),
        ),
    )


def _each(names: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for several in names for name in several))
