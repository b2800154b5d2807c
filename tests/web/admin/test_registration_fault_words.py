"""What the checks of the files say is told to staff in their own language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from vad.adapters import configuration
from vad.adapters.jose import encryption
from vad.domain import strict_json
from vad.web.admin.registration_fault_words import said
from vad.web.support import i18n

_RAISED = {"ValueError", "EncryptionKeyError"}
_FILES = [
    *sorted(Path(configuration.__file__).parent.glob("registered_*.py")),
    *(Path(configuration.__file__).parent / f"{name}.py" for name in ("registrations", "registration_fields")),
    Path(encryption.__file__),
    Path(strict_json.__file__),
]


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    """Be in a request of somebody who reads Dutch."""
    app = Flask("words")
    i18n.init_app(app, https=False)
    with app.test_request_context("/?taal=nl"):
        yield


def texts() -> Iterator[str]:
    """Every text of an error in those files, with a word for each value in it."""
    for file in _FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                made = node.exc
                if isinstance(made.func, ast.Name) and made.func.id in _RAISED and made.args:
                    yield from _text(made.args[0])


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)


def test_every_fault_has_words() -> None:
    """A check that is added has its words here too."""
    known = set(texts())
    assert len(known) > 30
    assert sorted(text for text in known if said(text) == text) == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("redirect_uris.0: http only on loopback", "redirect_uris.0: Vul een adres in dat begint met https."),
        ("name: String should have at least 1 character", "name: Dit moet ingevuld zijn."),
        ("client_id: String should match pattern '^[x]{1,128}$'", "client_id: Dit heeft tekens"),
        ("minimum_level: Input should be 'midden' or 'hoog'", "minimum_level: Kies een van deze: 'midden', 'hoog'."),
        ("profile fapi2 has no id_token_signed_response_alg RS256", "RS256."),
        ("this JWK holds private members: register the public key", "Deze sleutel heeft delen die geheim zijn."),
        ("resource_servers https://s: encryption_jwk: a source's encryption key must say `use: enc`", "(use: enc)."),
        ("jwks_uri: keys of app: status 500", "jwks_uri: Wat daar staat, kan nu niet gelezen worden."),
        ("sector_identifier_uri: what is there is no JSON list of addresses", "staat geen lijst"),
        ("no key of its own fits userinfo_encrypted_response_alg ECDH-ES", "ECDH-ES."),
        ("something that nobody knew", "something that nobody knew"),
    ],
)
def test_as_people_read_it(fault: str, words: str) -> None:
    """After the member that it is about, which keeps the name that files give it; what is unknown stays as it is."""
    assert words in said(fault)
