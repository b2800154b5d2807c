"""A8: until when the certificate of a key is good."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.signing_certificates import YEAR, Hierarchy, der
from vad.adapters.vault.keys import Purpose

KNOWN = Hierarchy.made()
_TOLD = "UPDATE configuration_version SET version = version + 1"


@pytest.fixture
def certify(backroom: Backroom) -> Iterator[Callable[[timedelta], x509.Certificate]]:
    """Give a function that stores a certificate which lasts so long from now; it is taken away again."""

    def store(left: timedelta) -> x509.Certificate:
        key = backroom.foundation.keyring.active(Purpose.SIGNING, "ES256")
        begins = datetime.now(UTC) - timedelta(days=10)
        leaf = KNOWN.provider.certify(key.private.public_key(), begins=begins, lasts=timedelta(days=10) + left)
        chain = ", ".join(f"'\\x{each.hex()}'::bytea" for each in der((leaf, *KNOWN.above)))
        backroom.ask(f"UPDATE keys SET certificates = ARRAY[{chain}] WHERE key_id = '{key.key_id}'")  # noqa: S608
        backroom.ask(_TOLD)
        return leaf

    yield store
    backroom.ask("UPDATE keys SET certificates = '{}'")
    backroom.ask(_TOLD)


@pytest.mark.parametrize("left", [YEAR, -timedelta(days=1)])
def test_staff_see_until_when_it_is_good(
    new_colleague: Callable[[], Colleague], certify: Callable[[timedelta], x509.Certificate], left: timedelta
) -> None:
    """Of the key that has one, and that it is too late where it is."""
    ends = certify(left).not_valid_after_utc
    iris = new_colleague()
    iris.log_in_as("iris")
    text = iris.go("/sleutels").text
    assert text.count("Certificaat tot") == 1
    told = text.partition("Certificaat tot")[2][:45]
    assert str(ends.year) in told
    assert ("Te laat" in told) is (left < timedelta())


@pytest.mark.usefixtures("certify")
def test_what_nobody_can_read_is_no_certificate(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Somebody altered the database: the page of keys is what staff need then."""
    backroom.ask("UPDATE keys SET certificates = ARRAY['x'::bytea] WHERE purpose = 'signing'")
    backroom.ask(_TOLD)
    iris = new_colleague()
    iris.log_in_as("iris")
    text = iris.go("/sleutels").text
    assert ("signing ES256" in text, "Certificaat tot" in text) == (True, False)
