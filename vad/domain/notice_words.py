"""The words of notices, in Dutch and English. No health word, no name, no link: whoever reads them learns little."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vad.domain.notice import Text
from vad.domain.notice_words_account import ACCOUNT

LANGUAGES: Final = ("nl", "en")
CODE: Final = "{code}"
"""The paragraph of a text that shows a code."""
DETAILS: Final = "{details}"
"""The paragraph of a text that shows who may see what: of letters alone, which nobody else opens."""


@dataclass(frozen=True, slots=True)
class Words:
    """One text in one language."""

    subject: str
    paragraphs: tuple[str, ...]


def words(text: Text, language: str) -> Words:
    """The words of this text; what every notice ends with is part of them."""
    ending = _ENDING_WITHOUT_DIGID if text in _WITHOUT_DIGID else _ENDING_TO_STAFF if text in TO_STAFF else _ENDING
    written = f"{(_WORDS.get(text) or ACCOUNT[text])[language].strip()}\n\n{ending[language].strip()}"
    subject, *paragraphs = (" ".join(paragraph.split()) for paragraph in written.split("\n\n"))
    return Words(subject, tuple(paragraphs))


_ENDING: Final[Mapping[str, str]] = {
    "nl": """
In dit bericht staat geen link om in te loggen. Dat is met opzet. Ga zelf naar de website die u kent, en log
daar in met uw eigen DigiD. Geef uw DigiD nooit aan een ander.
""",
    "en": """
This message holds no link to log in with. That is on purpose. Go to the website that you know yourself, and
log in there with your own DigiD. Never give your DigiD to anybody else.
""",
}

TO_STAFF: Final = frozenset({Text.BREAK_GLASS_TAKEN, Text.STAFF_ACCOUNT_ENDED})
"""What administrators are told."""
_ENDING_TO_STAFF: Final[Mapping[str, str]] = {
    "nl": """
In dit bericht staat geen link om in te loggen. Dat is met opzet. Ga zelf naar de website voor medewerkers, en log
daar in met uw account van het werk. Geef uw DigiD nooit aan een ander.
""",
    "en": """
This message holds no link to log in with. That is on purpose. Go to the website for staff yourself, and log in
there with your work account. Never give your DigiD to anybody else.
""",
}

_WITHOUT_DIGID: Final = frozenset({Text.MANDATE_CODE, Text.MANDATE_STOP_CODE})
_ENDING_WITHOUT_DIGID: Final[Mapping[str, str]] = {
    "nl": """
In deze brief staat geen link om in te loggen. U heeft geen DigiD nodig. Geef uw DigiD nooit aan een ander. Kent u de
persoon in deze brief niet? Bel ons.
""",
    "en": """
This letter holds no link to log in with. You need no DigiD. Do you not know the person in this letter? Call us.
""",
}

_WORDS: Final[Mapping[Text, Mapping[str, str]]] = {
    Text.MANDATES_CHANGED: {
        "nl": """
Er is iets veranderd in uw machtigingen

Er is iets veranderd in wie gegevens van wie mag bekijken. Wilt u weten wat? Log zelf in bij VAD en kies Mijn
machtigingen.

Klopt het niet? Dan kunt u daar stoppen met een machtiging. Heeft u geen DigiD? Bel ons, of gebruik de stopcode uit
onze brief.
""",
        "en": """
Your authorisations changed

Something changed in who may see whose data. Do you want to know what? Log in to VAD, choose My authorisations.

Is it not right? You can stop an authorisation there. Do you have no DigiD? Call us, or use the stop code in our
letter.
""",
    },
    Text.MANDATE_ENDS_SOON: {
        "nl": """
Een machtiging stopt over 30 dagen

Een van uw machtigingen stopt over 30 dagen. Wilt u dat? Dan hoeft u niets te doen.

Mag het langer? Log zelf in bij VAD, kies Mijn machtigingen en geef een nieuwe datum op. Heeft u geen DigiD? De
ander kan om een nieuwe brief vragen zodra deze machtiging is gestopt.
""",
        "en": """
An authorisation ends in 30 days

One of your authorisations ends in 30 days. Is that what you want? Then you need not do anything.

May it last longer? Log in to VAD yourself, choose My authorisations and give a new date. Do you have no DigiD?
The other can ask for a new letter as soon as this authorisation has ended.
""",
    },
    Text.MANDATE_CODE: {
        "nl": """
Iemand vraagt u om een machtiging

Iemand wil via VAD uw gegevens bekijken:

{details}

Vindt u dat goed? Geef dan deze code aan die persoon. Met de code geeft u toestemming:

{code}

De code werkt 1 keer, tot 30 dagen na de aanvraag. Vindt u het niet goed? Gooi deze brief dan weg. Zonder de code kan
niemand iets zien.
""",
        "en": """
Somebody asks you for an authorisation

Somebody wants to see your data through VAD:

{details}

Do you agree? Then give this code to that person. With the code you give consent:

{code}

The code works once, until 30 days after it was asked for. Do you not agree? Then throw this letter away. Without the
code nobody can see anything.
""",
    },
    Text.MANDATE_STOP_CODE: {
        "nl": """
Iemand mag straks uw gegevens bekijken

U gaf iemand een code. Die persoon mag daarom via VAD uw gegevens bekijken:

{details}

Wilt u dat niet, of wilt u later stoppen? Dat kan altijd met deze stopcode:

{code}

Vul de code in op de website die hierboven staat. Daar heeft u geen DigiD voor nodig. U kunt ons ook bellen of een
brief sturen. Bewaar deze brief goed.
""",
        "en": """
Somebody may see your data soon

You gave somebody a code. So that person may see your data through VAD:

{details}

Do you not want that, or do you want to stop later? You always can, with this stop code:

{code}

Enter the code on the website that stands above. You do not need a DigiD for that. You can also call us or send a
letter. Keep this letter in a safe place.
""",
    },
    Text.CHILD_TURNS_12: {
        "nl": """
Uw kind wordt 12

Uw kind wordt binnenkort 12 jaar. Vanaf die dag beslist uw kind mee. U kunt dan niet meer zomaar gegevens van
uw kind bekijken.

Vanaf welke leeftijd uw kind dat weer goed kan vinden, leest u op de website van VAD bij Ouders en kinderen. Dat doet
uw kind dan zelf, met een eigen DigiD.
""",
        "en": """
Your child turns 12

Your child turns 12 soon. From that day on your child has a say. You can then no longer see your child's data
as a matter of course.

From which age your child can agree to it again, you read on the website of VAD at Parents and children. Your child
then does so alone, with a DigiD of their own.
""",
    },
    Text.CHILD_TURNS_16: {
        "nl": """
Uw kind wordt 16

Uw kind wordt binnenkort 16 jaar. Vanaf die dag beslist uw kind zelf. Wat u nu van uw kind kunt bekijken,
stopt op die dag.

Wilt u daarna nog helpen? Dat kan alleen als uw kind u machtigt. Vanaf welke leeftijd dat kan, leest u op de website
van VAD bij Iemand helpen.
""",
        "en": """
Your child turns 16

Your child turns 16 soon. From that day on your child decides alone. What you can see of your child now, stops
on that day.

Do you want to help after that? You can only if your child authorises you. From which age that is possible, you read
on the website of VAD at Helping somebody.
""",
    },
    Text.YOU_TURN_12: {
        "nl": """
U wordt 12: u beslist mee

U wordt binnenkort 12 jaar. Vanaf die dag beslist u mee. Uw ouders kunnen dan niet meer zomaar uw gegevens
bekijken.

Vanaf welke leeftijd u daar toestemming voor kunt geven, leest u op de website van VAD bij Ouders en kinderen. Dat
doet u met uw eigen DigiD. U kunt er altijd weer mee stoppen.
""",
        "en": """
You turn 12: you have a say

You turn 12 soon. From that day on you have a say. Your parents can then no longer see your data as a matter
of course.

From which age you can give consent for that, you read on the website of VAD at Parents and children. You do that
with your own DigiD. You can stop that at any time.
""",
    },
    Text.YOU_TURN_16: {
        "nl": """
U wordt 16: u beslist zelf

U wordt binnenkort 16 jaar. Vanaf die dag beslist u zelf. Wat uw ouders van u kunnen bekijken, stopt op die dag.

U kunt dan ook zelf inloggen bij apps, met uw eigen DigiD.
""",
        "en": """
You turn 16: you decide

You turn 16 soon. From that day on you decide alone. What your parents can see of you, stops on that day.

You can also log in to apps yourself then, with your own DigiD.
""",
    },
    Text.OWN_CONSENT: {
        "nl": """
Een ouder mag nu uw gegevens bekijken

Met uw DigiD is toestemming gegeven aan een ouder. Die ouder kan nu via VAD uw gegevens bekijken.

Heeft u dat niet zelf gedaan, of wilt u het niet meer? Log zelf in bij VAD en stop de toestemming. U kunt ons
ook bellen.
""",
        "en": """
A parent may see your data now

With your DigiD, consent was given to a parent. That parent can now see your data through VAD.

Did you not do that yourself, or do you no longer want it? Log in to VAD yourself and stop the consent. You
can also call us.
""",
    },
}
