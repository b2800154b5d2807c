"""What is registered of a data source, as a page shows it. Only files change it, but for its key."""

from collections.abc import Sequence

from vad.web.admin.client_fields import Field, Kind
from vad.web.support.i18n import msgid


def source_fields() -> Sequence[Field]:
    """In the order of the page."""
    return (
        Field("organisation", msgid("Organisation")),
        Field("data_services", msgid("Kinds of data"), Kind.LINES),
        Field("identifier_type", msgid("How we say whom it is about")),
        Field("oin", msgid("Number of the organisation at the PRS")),
        Field("prs_scope", msgid("Scope at the PRS")),
        Field("access_token_signing_alg", msgid("Access tokens: signed with")),
        Field("access_token_lifetime", msgid("Access tokens: seconds that they are valid")),
        Field("minimum_level", msgid("Lowest level of DigiD")),
        Field("representation", msgid("It takes tokens of people who act for others"), Kind.FLAG),
        Field("introspection_signed_response_alg", msgid("Answers about tokens: signed with")),
        Field("introspection_encrypted_response_alg", msgid("Answers about tokens: encrypted with")),
        Field("introspection_encrypted_response_enc", msgid("Answers about tokens: content encrypted with")),
        Field("security_events_uri", msgid("Where we tell that what a token rests on has ended")),
        Field("admitted", msgid("Apps that it admits"), Kind.LINES),
    )
