"""The words of the demo PGO, in Dutch and in English."""

from typing import Literal

Language = Literal["nl", "en"]

TEXTS: dict[str, tuple[str, str]] = {
    "service_48": ("Basisgegevens zorg", "Basic care data"),
    "service_49": ("Huisartsgegevens", "GP data"),
    "service_51": ("Documenten", "Documents"),
    "service_63": ("Vaccinaties", "Vaccinations"),
    "since": ("sinds {date}", "since {date}"),
    "skip": ("Ga direct naar inhoud", "Skip to content"),
    "other_language": ("English", "Nederlands"),
    "tagline": ("Uw gezondheid op één plek", "Your health in one place"),
    "demo": (
        "Dit is een demo. De mensen en hun gegevens zijn verzonnen.",
        "This is a demo. The people and their data are made up.",
    ),
    "home": ("Bekijk uw medische gegevens", "See your medical data"),
    "home_lead": (
        "Kies welke gegevens u wilt zien. Daarna logt u in via VAD, met uw DigiD.",
        "Choose which data you want to see. Then log in through VAD, with your DigiD.",
    ),
    "home_bsn": (
        "{name} krijgt uw burgerservicenummer (BSN) nooit te zien.",
        "{name} never gets to see your citizen service number (BSN).",
    ),
    "which": ("Waar wilt u gegevens ophalen?", "Where do you want to get data from?"),
    "nothing_chosen": ("Kies minstens 1 bron", "Choose at least 1 source"),
    "problem": ("Fout", "Error"),
    "log_in": ("Inloggen via VAD", "Log in through VAD"),
    "log_out": ("Uitloggen", "Log out"),
    "to_data": ("Naar mijn gegevens", "Go to my data"),
    "to_data_of": ("Naar de gegevens van {name}", "Go to the data of {name}"),
    "data": ("Mijn gegevens", "My data"),
    "data_of": ("Gegevens van {name}", "Data of {name}"),
    "somebody_else": ("iemand anders", "somebody else"),
    "acting_for": ("U kijkt namens: {name}.", "You are acting for {name}."),
    "logged_in_as": ("U bent ingelogd als {name}.", "You are logged in as {name}."),
    "logged_in": (
        "U bent ingelogd via VAD om {time} uur. Betrouwbaarheid: {level}.",
        "You logged in through VAD at {time}. Level of assurance: {level}.",
    ),
    "low": ("midden", "low"),
    "substantial": ("substantieel", "substantial"),
    "high": ("hoog", "high"),
    "unknown": ("onbekend", "unknown"),
    "on_name_of": ("Op naam van {name}", "In the name of {name}"),
    "how": ("Zo kwamen de gegevens hier", "How the data got here"),
    "how_lead": (
        "Voor elke bron gaf VAD een eigen, kort geldig bewijs. Een bewijs voor de ene bron werkt niet bij de andere.",
        "VAD gave a separate short-lived proof for each source. A proof for one source does not work at another.",
    ),
    "source": ("Bron", "Source"),
    "way": ("Bewijs gekregen door", "Proof obtained by"),
    "result": ("Resultaat", "Result"),
    "valid_until": ("Geldig tot", "Valid until"),
    "exchange": ("omwisselen (token exchange, RFC 8693)", "token exchange (RFC 8693)"),
    "refresh": ("verversen voor deze bron (RFC 8707)", "refresh with resource (RFC 8707)"),
    "empty": ("Deze bron heeft geen gegevens over u.", "This source has no data about you."),
    "empty_of": ("Deze bron heeft geen gegevens over deze persoon.", "This source has no data about this person."),
    "outcome_data": ("Gelukt", "Received"),
    "outcome_not_asked": ("U koos deze bron niet.", "You did not choose this source."),
    "outcome_no_consent": (
        "U gaf geen toestemming voor deze bron.",
        "You gave no consent for this source.",
    ),
    "outcome_no_token": (
        "VAD geeft nu geen toegang tot deze bron. Log opnieuw in om het nog eens te proberen.",
        "VAD gives no access to this source now. Log in again to retry.",
    ),
    "outcome_login_too_weak": (
        "Voor deze gegevens moet u sterker inloggen. Deze bron vraagt om betrouwbaarheid {level}.",
        "You need a stronger login for this data. This source asks for level of assurance {level}.",
    ),
    "outcome_login_too_old": (
        "U bent te lang geleden ingelogd voor deze gegevens. Log nog een keer in.",
        "You logged in too long ago for this data. Log in once more.",
    ),
    "again_login_too_weak": ("Sterker inloggen via VAD", "Log in more strongly through VAD"),
    "again_login_too_old": ("Opnieuw inloggen via VAD", "Log in again through VAD"),
    "letters": ("Brieven", "Letters"),
    "letters_see": ("Brieven bekijken", "See letters"),
    "letters_none": ("Deze bron heeft geen brieven.", "This source has no letters."),
    "outcome_refused": (
        "Deze bron weigerde het verzoek. Log opnieuw in om het nog eens te proberen.",
        "This source refused the request. Log in again to retry.",
    ),
    "outcome_unreachable": (
        "Deze bron geeft nu geen antwoord. Probeer het later nog een keer.",
        "This source does not answer now. Try again later.",
    ),
    "AllergyIntolerance": ("Allergieën", "Allergies"),
    "MedicationStatement": ("Medicijnen", "Medication"),
    "Condition": ("Klachten en ziektes", "Conditions"),
    "Encounter": ("Afspraken", "Appointments"),
    "Observation": ("Metingen", "Measurements"),
    "DocumentReference": ("Brieven", "Letters"),
    "Immunization": ("Vaccinaties", "Vaccinations"),
    "logged_out": ("U bent uitgelogd bij {name}", "You are logged out of {name}"),
    "logged_out_lead": (
        "Bij VAD kunt u nog ingelogd zijn. Sluit uw browser als anderen deze computer gebruiken.",
        "You may still be logged in at VAD. Close your browser on a shared computer.",
    ),
    "logged_out_both": (
        "Ook bij VAD bent u uitgelogd. Sluit uw browser als anderen deze computer gebruiken.",
        "You are logged out of VAD too. Close your browser on a shared computer.",
    ),
    "to_home": ("Naar het begin", "Go to start"),
    "again": ("Opnieuw proberen", "Try again"),
    "error": ("Inloggen is niet gelukt", "Logging in did not work"),
    "error_code": ("Code: {code}", "Code: {code}"),
    "error_access_denied": (
        "Inloggen is niet gelukt, of u stopte zelf. Er zijn geen gegevens opgehaald.",
        "Logging in did not work, or you stopped. No data was fetched.",
    ),
    "error_server_error": (
        "Er ging iets mis bij het inloggen. Probeer het later nog een keer.",
        "Something went wrong while logging in. Try again later.",
    ),
    "error_temporarily_unavailable": (
        "Inloggen via VAD kan nu even niet. Probeer het later nog een keer.",
        "Logging in through VAD is not possible now. Try again later.",
    ),
    "error_login_required": ("U moet opnieuw inloggen.", "You need to log in again."),
    "error_state": (
        "Dit antwoord hoort niet bij uw laatste poging om in te loggen. Begin opnieuw.",
        "This answer does not belong to your last attempt to log in. Start again.",
    ),
    "error_technical": (
        "De app en VAD begrepen elkaar niet. Probeer het nog een keer.",
        "The app and VAD did not understand each other. Try again.",
    ),
    "not_found": ("Pagina niet gevonden", "Page not found"),
    "not_found_lead": ("Deze pagina bestaat niet.", "This page does not exist."),
}
SAME_AS = {
    "unavailable": "temporarily_unavailable",
    "interaction_required": "login_required",
    "consent_required": "access_denied",
}
"""Error codes that people need the same words for."""


def text(language: Language, key: str, **values: str) -> str:
    """The words under `key`; raises KeyError for a key that is not there."""
    return TEXTS[key][0 if language == "nl" else 1].format(**values)


def error_key(code: str) -> str:
    """The key of the words for an error code. Unknown codes share one text: nobody puts words in our mouth."""
    key = f"error_{SAME_AS.get(code, code)}"
    return key if key in TEXTS and key != "error_code" else "error_technical"
