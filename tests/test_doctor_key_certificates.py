"""`vad doctor` on certificates of signing keys: who lacks one, and when one ends."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from tests.support.signing_certificates import YEAR, Hierarchy, der, pem
from tests.test_cli import Operator, empty_database, operator, ready
from tests.test_cli_key_certificates import demands, installed, key_id, request_for
from tests.test_doctor_keys import Look, look
from vad.cli.findings import Level

__all__ = ["empty_database", "installed", "look", "operator", "ready"]

CHECK = "signing certificates"
DAY = timedelta(days=1)
KNOWN = Hierarchy.made()
Given = Callable[[str, timedelta], datetime]


@pytest.fixture
def given(installed: Operator) -> Given:
    """Give a function that stores a certificate for the PS256 key in this state, which lasts so long; tells its end."""

    def store(state: str, left: timedelta) -> datetime:
        key = key_id(installed, state)
        asked, begins = x509.load_pem_x509_csr(request_for(installed, key).encode()), datetime.now(UTC) - DAY
        leaf = KNOWN.provider.certify(asked.public_key(), begins=begins, lasts=DAY + left)  # type: ignore[arg-type]
        chain = ", ".join(f"'\\x{each.hex()}'::bytea" for each in der((leaf, *KNOWN.above, KNOWN.root.certificate)))
        installed.rows(f"UPDATE keys SET certificates = ARRAY[{chain}] WHERE key_id = '{key}' RETURNING 1")  # noqa: S608
        return leaf.not_valid_after_utc

    return store


def test_where_none_is_demanded_only_an_end_is_told(look: Look, given: Given) -> None:
    """Nothing to do, then one that is good, one that ends soon, and one that did."""
    assert look()[CHECK] == (Level.OK, "none, and none is demanded (keys.certified)")
    ends = given("active", YEAR)
    assert look()[CHECK] == (Level.OK, f"active PS256 until {ends:%Y-%m-%d}")
    ends = given("active", 29 * DAY)
    level, text = look()[CHECK]
    assert level is Level.WARN
    assert f"has one that ends on {ends:%Y-%m-%d}" in text
    given("active", -DAY / 2)
    level, text = look()[CHECK]
    assert level is Level.WARN
    assert "ended on" in text
    assert text.endswith("`vad keys csr` asks for one, `vad keys certify` publishes it")


def test_a_key_that_signs_without_one_is_a_fault(installed: Operator, look: Look, given: Given) -> None:
    """Where one is demanded; the next key has time, so that is a warning."""
    demands(installed)
    level, text = look()[CHECK]
    assert level is Level.FAIL
    assert f"active PS256 {key_id(installed, 'active')} has no certificate" in text
    assert f"next PS256 {key_id(installed)} has no certificate" in text
    assert "ES256" not in text
    given("active", YEAR)
    assert look()[CHECK][0] is Level.WARN
    given("next", YEAR)
    assert look()[CHECK][0] is Level.OK
    given("active", -DAY / 2)
    assert look()[CHECK][0] is Level.FAIL


def test_one_that_leads_elsewhere_is_a_fault(installed: Operator, look: Look, given: Given) -> None:
    """The settings name other authorities by now."""
    given("active", YEAR)
    given("next", YEAR)
    demands(installed)
    assert look()[CHECK][0] is Level.OK
    (installed.folder / "root.pem").write_text(pem(Hierarchy.made("Elders").root.certificate))
    level, text = look()[CHECK]
    assert level is Level.FAIL
    assert "none of the authorities" in text
