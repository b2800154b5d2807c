"""The words of the pages, in Dutch and English."""

from collections.abc import Mapping

TEXTS: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "skip": "Ga direct naar inhoud",
        "name": "Test-inlog voor medewerkers",
        "title": "Inloggen als medewerker",
        "warning_label": "Let op",
        "warning": "Dit is een test. Vul hier nooit uw eigen gegevens in.",
        "persons": "Kies een medewerker",
        "outcome": "Wat gebeurt er?",
        "ok": "Inloggen lukt, met een tweede stap",
        "one_factor": "Inloggen lukt, zonder tweede stap",
        "cancel": "Gebruiker annuleert",
        "failure": "Storing",
        "submit": "Inloggen als medewerker",
        "cancel_button": "Annuleren",
        "wrong": "Kies een medewerker.",
        "message_title": "Dit werkt niet",
        "untrusted": "U kunt niet inloggen, want dit programma of het adres ervan is hier niet bekend.",
        "expired": "Deze pagina werkt niet meer. Ga terug en log opnieuw in.",
    },
    "en": {
        "skip": "Skip to content",
        "name": "Test login for staff",
        "title": "Log in as a member of staff",
        "warning_label": "Warning",
        "warning": "This is a test. Never enter your own details.",
        "persons": "Choose a member of staff",
        "outcome": "Outcome",
        "ok": "Login succeeds, with a second factor",
        "one_factor": "Login succeeds, without a second factor",
        "cancel": "User cancels",
        "failure": "Failure",
        "submit": "Log in as a member of staff",
        "cancel_button": "Cancel",
        "wrong": "Choose a member of staff.",
        "message_title": "This does not work",
        "untrusted": "You cannot log in, because this program or its address is not known here.",
        "expired": "This page no longer works. Go back and log in again.",
    },
}


def language_of(tag: str) -> str:
    """Return the language to speak, Dutch unless English is asked for."""
    return "en" if tag.split(" ", maxsplit=1)[0].partition("-")[0] == "en" else "nl"
