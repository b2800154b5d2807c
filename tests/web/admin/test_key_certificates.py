"""A8: until when the certificate of a key is good."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.signing_certificates import YEAR, Hierarchy, der
from vad.adapters.vault.keyring import Key
from vad.adapters.vault.keys import Purpose

KNOWN = Hierarchy.made()
_TOLD = "UPDATE configuration_version SET version = version + 1"


@pytest.fixture
def store(backroom: Backroom) -> Iterator[Callable[..., None]]:
    """Give a function that stores these bytes as the certificates of the ES256 key; they are taken away again."""

    def stored(*chain: bytes) -> None:
        key = backroom.foundation.keyring.active(Purpose.SIGNING, "ES256")
        backroom.ask("UPDATE keys SET certificates = %s::bytea[] WHERE key_id = %s", list(chain), key.key_id)
        backroom.ask(_TOLD)

    yield stored
    backroom.ask("UPDATE keys SET certificates = '{}'")
    backroom.ask(_TOLD)


def certificate(key: Key, left: timedelta) -> x509.Certificate:
    """One of this key that lasts so long from now."""
    public, begins = key.private.public_key(), datetime.now(UTC) - timedelta(days=10)
    return KNOWN.provider.certify(public, begins=begins, lasts=timedelta(days=10) + left)


@pytest.mark.parametrize("left", [YEAR, -timedelta(days=1)])
def test_staff_see_until_when_it_is_good(
    new_colleague: Callable[[], Colleague], backroom: Backroom, store: Callable[..., None], left: timedelta
) -> None:
    """Of the key that has one, and that it is too late where it is."""
    leaf = certificate(backroom.foundation.keyring.active(Purpose.SIGNING, "ES256"), left)
    store(*der((leaf, *KNOWN.above)))
    ends = leaf.not_valid_after_utc
    iris = new_colleague()
    iris.log_in_as("iris")
    text = iris.go("/sleutels").text
    assert text.count("Certificaat tot") == 1
    told = text.partition("Certificaat tot")[2][:45]
    assert str(ends.year) in told
    assert ("Te laat" in told) is (left < timedelta())


@pytest.mark.parametrize("altered", ["garbage", "another key's"])
@pytest.mark.parametrize(
    ("language", "words"), [("nl", "Het certificaat klopt niet."), ("en", "The certificate is not right.")]
)
def test_staff_see_that_one_is_none(
    new_colleague: Callable[[], Colleague],
    backroom: Backroom,
    store: Callable[..., None],
    altered: str,
    language: str,
    words: str,
) -> None:
    """Somebody altered the database: the page says so, of that key, and shows all the others."""
    other = certificate(backroom.foundation.keyring.active(Purpose.SIGNING, "PS256"), YEAR)
    store(*(der([other]) if altered == "another key's" else [b"garbage"]))
    iris = new_colleague()
    iris.log_in_as("iris")
    text = iris.go(f"/sleutels?taal={language}").text
    assert text.count(words) == 1
    row = text.partition(words)[0].rpartition("<tr")[2]
    assert backroom.foundation.keyring.active(Purpose.SIGNING, "ES256").key_id in row
    assert backroom.foundation.keyring.active(Purpose.SEAL).key_id in text
