"""The words of notices about how somebody is told, about what they reported, and to administrators."""

from collections.abc import Mapping
from typing import Final

from vad.domain.notice import Text

ACCOUNT: Final[Mapping[Text, Mapping[str, str]]] = {
    Text.CASE_ANSWERED: {
        "nl": """
Er is een antwoord op uw melding

U meldde bij VAD dat er iets niet klopt. Wij hebben dat bekeken. Wilt u het antwoord lezen? Log zelf in bij VAD en
kies Mijn meldingen.

Heeft u niets gemeld? Bel ons.
""",
        "en": """
There is an answer to your report

You told VAD that something is wrong. We looked into it. Do you want to read the answer? Log in to VAD yourself and
choose My reports.

Did you not report anything? Call us.
""",
    },
    Text.BREAK_GLASS_TAKEN: {
        "nl": """
Iemand nam noodtoegang in VAD

Een collega bekijkt nu iets in VAD dat niet bij zijn of haar rol hoort. Dat mag in nood, een uur lang. In VAD leest
u wie het is en waarom.

Kijk op de pagina Noodtoegang van anderen, en geef daar aan of het nodig was. Doe dat binnen drie dagen.
""",
        "en": """
Somebody took emergency access in VAD

A colleague now looks at something in VAD that is not part of their role. In an emergency they may, for an hour. In VAD
you can read who it is and why.

Look at the page Emergency access of others, and say there whether it was needed. Do so within three days.
""",
    },
    Text.STAFF_ACCOUNT_ENDED: {
        "nl": """
Een account in VAD is beëindigd

Een account van een medewerker in VAD is beëindigd. Er kan niemand meer mee inloggen.

Wist u dat niet? Kijk op de pagina Accounts van medewerkers welk account het is, en vraag aan uw collega waarom.
""",
        "en": """
An account in VAD was ended

An account of one of the staff in VAD was ended. Nobody can log in with it any more.

Did you not know that? Look at the page Accounts of staff which account it is, and ask your colleague why.
""",
    },
    Text.EMAIL_CHECK: {
        "nl": """
Uw code voor berichten van VAD

Iemand heeft dit e-mailadres ingevuld bij VAD. Was u dat? Vul dan deze code in op de pagina Berichten
instellen:

{code}

De code werkt 30 minuten. Was u het niet? Dan hoeft u niets te doen. Geef de code aan niemand.
""",
        "en": """
Your code for messages from VAD

Somebody entered this email address at VAD. Was it you? Then enter this code on the page Notifications:

{code}

The code works for 30 minutes. Was it not you? Then you need not do anything. Give the code to nobody.
""",
    },
    Text.EMAIL_SET: {
        "nl": """
U krijgt berichten nu per e-mail

Bij VAD is voor u een e-mailadres ingesteld. Berichten van VAD gaan voortaan naar dat adres.

Heeft u dat niet zelf gedaan? Log zelf in bij VAD en kies Berichten instellen. U kunt ons ook bellen.
""",
        "en": """
You get messages by email now

An email address was set for you at VAD. Messages from VAD go to that address from now on.

Did you not do that yourself? Log in to VAD yourself and choose Notifications. You can also call us.
""",
    },
    Text.EMAIL_CHANGED: {
        "nl": """
Uw e-mailadres bij VAD is veranderd

Berichten van VAD gaan niet meer naar uw oude e-mailadres. Er is een ander adres ingesteld, of het oude adres
is weggehaald.

Heeft u dat niet zelf gedaan? Log zelf in bij VAD en kies Berichten instellen. U kunt ons ook bellen.
""",
        "en": """
Your email address at VAD changed

Messages from VAD no longer go to your old email address. Another address was set, or the old one was removed.

Did you not do that yourself? Log in to VAD yourself and choose Notifications. You can also call us.
""",
    },
}
