"""What people are told outside VAD's pages: by mail, or by a letter where mail doesn't reach them (rule 28).

A notice says that something happened, and never what: no name, no health word, no way in. Its words are of few kinds,
so that who sees one over somebody's shoulder learns as little as can be. Two letters alone say who may see what: those
with the codes of a mandate by letter, whose reader has no other way to know (rule 23).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Channel(StrEnum):
    """How a notice travels."""

    MAIL = "mail"
    """To an address, or not at all."""
    MAIL_OR_LETTER = "mail_or_letter"
    """It must arrive: by letter to whoever has no confirmed address, or whose mail is refused for good."""
    LETTER = "letter"
    """Always on paper: whoever reads the person's mail may not be the person."""
    MAIL_AND_LETTER = "mail_and_letter"
    """Both: one of the two ways may have been taken over."""


class Text(StrEnum):
    """The words of a notice. Several notices share one text."""

    MANDATES_CHANGED = "mandates_changed"
    MANDATE_ENDS_SOON = "mandate_ends_soon"
    MANDATE_CODE = "mandate_code"
    MANDATE_STOP_CODE = "mandate_stop_code"
    CHILD_TURNS_12 = "child_turns_12"
    CHILD_TURNS_16 = "child_turns_16"
    YOU_TURN_12 = "you_turn_12"
    YOU_TURN_16 = "you_turn_16"
    OWN_CONSENT = "own_consent"
    CASE_ANSWERED = "case_answered"
    BREAK_GLASS_TAKEN = "break_glass_taken"
    """To the administrators, as is the next one: of no person's notices."""
    STAFF_ACCOUNT_ENDED = "staff_account_ended"
    EMAIL_CHECK = "email_check"
    EMAIL_SET = "email_set"
    EMAIL_CHANGED = "email_changed"


class Notice(StrEnum):
    """Something that a person is told. `about`, beside it, says which one: a mandate, a birthday, an address."""

    MANDATE_REQUESTED = "mandate.requested"
    """To whose data it is about."""
    MANDATE_ACCEPTED = "mandate.accepted"
    """To whose data it is about."""
    MANDATE_AGREED = "mandate.agreed"
    """To the representative: what they asked for, or took up, is in force."""
    MANDATE_DECLINED = "mandate.declined"
    """To either: the other one said no."""
    MANDATE_FIRST_USED = "mandate.first_used"
    MANDATE_CHANGED = "mandate.changed"
    """To either."""
    MANDATE_ENDS_SOON = "mandate.ends_soon"
    """Thirty days ahead, to whose data it is about."""
    MANDATE_ENDED = "mandate.ended"
    """To either: it was stopped, or its time was over."""
    MANDATE_CODE = "mandate.code"
    """A letter with a code, to somebody without a DigiD."""
    MANDATE_STOP_CODE = "mandate.stop_code"
    """A second letter, with the code that stops it."""

    CHILD_TURNS_12 = "child.turns_12"
    """To a parent."""
    CHILD_TURNS_16 = "child.turns_16"
    """To a parent."""
    YOU_TURN_12 = "you.turn_12"
    """To the child."""
    YOU_TURN_16 = "you.turn_16"
    """To the child."""
    OWN_CONSENT_GIVEN = "own_consent.given"
    """To a child of 12 to 15 whose DigiD let a parent see something: that DigiD may be in the parent's hands."""

    CASE_ANSWERED = "case.answered"
    """To who said that something is not right. `about` is the case."""

    EMAIL_CHECK = "email.check"
    """To an address that somebody entered: the code that proves it theirs. `about` is that contact."""
    EMAIL_SET = "email.set"
    """By letter: from now on notices go to an address. It is the first one, so no other can be told."""
    EMAIL_CHANGED = "email.changed"
    """To the former address and by letter: another one was set, or none. `about` is the former contact."""

    @property
    def channel(self) -> Channel:
        """How it travels."""
        return _PLANS[self][1]

    @property
    def text(self) -> Text:
        """What it says."""
        return _PLANS[self][0]

    @property
    def to_named_contact(self) -> bool:
        """Whether its mail goes to the contact that `about` names, and not to the confirmed address."""
        return self in {Notice.EMAIL_CHECK, Notice.EMAIL_CHANGED}


_PLANS: Final[Mapping[Notice, tuple[Text, Channel]]] = {
    Notice.MANDATE_REQUESTED: (Text.MANDATES_CHANGED, Channel.MAIL_OR_LETTER),
    Notice.MANDATE_ACCEPTED: (Text.MANDATES_CHANGED, Channel.MAIL_OR_LETTER),
    Notice.MANDATE_AGREED: (Text.MANDATES_CHANGED, Channel.MAIL_OR_LETTER),
    Notice.MANDATE_DECLINED: (Text.MANDATES_CHANGED, Channel.MAIL_OR_LETTER),
    Notice.MANDATE_FIRST_USED: (Text.MANDATES_CHANGED, Channel.MAIL_OR_LETTER),
    Notice.MANDATE_CHANGED: (Text.MANDATES_CHANGED, Channel.MAIL_OR_LETTER),
    Notice.MANDATE_ENDS_SOON: (Text.MANDATE_ENDS_SOON, Channel.MAIL_OR_LETTER),
    Notice.MANDATE_ENDED: (Text.MANDATES_CHANGED, Channel.MAIL_OR_LETTER),
    Notice.MANDATE_CODE: (Text.MANDATE_CODE, Channel.LETTER),
    Notice.MANDATE_STOP_CODE: (Text.MANDATE_STOP_CODE, Channel.LETTER),
    Notice.CHILD_TURNS_12: (Text.CHILD_TURNS_12, Channel.MAIL_OR_LETTER),
    Notice.CHILD_TURNS_16: (Text.CHILD_TURNS_16, Channel.MAIL_OR_LETTER),
    Notice.YOU_TURN_12: (Text.YOU_TURN_12, Channel.MAIL_OR_LETTER),
    Notice.YOU_TURN_16: (Text.YOU_TURN_16, Channel.MAIL_OR_LETTER),
    Notice.OWN_CONSENT_GIVEN: (Text.OWN_CONSENT, Channel.LETTER),
    Notice.CASE_ANSWERED: (Text.CASE_ANSWERED, Channel.MAIL_OR_LETTER),
    Notice.EMAIL_CHECK: (Text.EMAIL_CHECK, Channel.MAIL),
    Notice.EMAIL_SET: (Text.EMAIL_SET, Channel.LETTER),
    Notice.EMAIL_CHANGED: (Text.EMAIL_CHANGED, Channel.MAIL_AND_LETTER),
}
