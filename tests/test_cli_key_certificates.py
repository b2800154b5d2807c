"""`vad keys csr` and `certify`: a signing key gets a certificate without ever leaving the vault."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.support.signing_certificates import Hierarchy, der, pem
from tests.test_cli import Operator, empty_database, operator, ready
from vad.adapters.vault.rotation import PUBLISHED_AHEAD

__all__ = ["empty_database", "operator", "ready"]

OIN = "00000003123456780000"
KNOWN = Hierarchy.made()


@pytest.fixture
def installed(ready: Operator) -> Operator:
    """Give an operator whose keys are made and known to everybody."""
    assert ready.run("keys", "init").exit_code == 0
    pass_time(ready)
    return ready


def pass_time(ready: Operator) -> None:
    """Let everybody hear of what is published."""
    past = f"interval '{PUBLISHED_AHEAD.total_seconds()} seconds'"
    moved = f"created_at = created_at - {past}, certified_at = certified_at - {past}"
    ready.rows(f"UPDATE keys SET {moved} RETURNING 1")  # noqa: S608 - our own words


def key_id(ready: Operator, state: str = "next", algorithm: str = "PS256") -> str:
    """The id of a signing key."""
    named = f"purpose = 'signing' AND state = '{state}' AND algorithm = '{algorithm}'"
    ((found,),) = ready.rows(f"SELECT key_id FROM keys WHERE {named}")  # noqa: S608 - our own words
    return str(found)


def request_for(ready: Operator, key: str) -> str:
    """What `vad keys csr` writes."""
    done = ready.run("keys", "csr", key, "--oin", OIN, "--identifier", "NTRNL-12345678")
    assert done.exit_code == 0, done.output
    return done.stdout


def answered(ready: Operator, key: str) -> Path:
    """The file that an authority sends back for a key."""
    file = ready.folder / "chain.pem"
    file.write_text(KNOWN.answers(request_for(ready, key)))
    return file


def demands(ready: Operator) -> None:
    """Let the settings ask for certificates of keys of PS256."""
    root = ready.folder / "root.pem"
    root.write_text(pem(KNOWN.root.certificate))
    ready.write("certified.toml", f'[keys]\ncertified = "PS256"\ncertificate_ca_file = "{root}"')


def test_from_the_request_to_the_certificate(installed: Operator) -> None:
    """A key that is active or next; the request names the operator, and the chain is told with its end."""
    for state in ("next", "active"):
        key = key_id(installed, state)
        asked = x509.load_pem_x509_csr(request_for(installed, key).encode())
        assert asked.subject.rfc4514_string() == (
            f"CN=Stichting Voorbeeld,2.5.4.5={OIN},2.5.4.97=NTRNL-12345678,O=Stichting Voorbeeld,C=NL"
        )
        done = installed.run("keys", "certify", key, str(answered(installed, key)))
        assert done.exit_code == 0, done.output
        assert done.output.startswith(f"{key} has 3 certificates, good until ")
    assert installed.rows("SELECT count(*) FROM keys WHERE certificates <> '{}'") == [(2,)]
    demands(installed)
    again = installed.run("keys", "certify", key, str(answered(installed, key)))
    assert again.output.startswith(f"{key} has 4 certificates, good until "), "the root belongs to it"
    assert installed.rows("SELECT count(*) FROM audit_events WHERE type = 'key.certified'") == [(3,)]


def listed(ready: Operator, key: str) -> str:
    """The line of a key in `vad keys list`, from its state on."""
    (line,) = (each for each in ready.run("keys", "list").output.splitlines() if key in each)
    return line.partition(key)[2].strip()


def test_the_list_says_until_when_each_is_good(installed: Operator) -> None:
    """Of keys that have one; also that it ended, and that what somebody put into the database is none."""
    key, other = key_id(installed, "active"), key_id(installed, algorithm="ES256")
    alter = "UPDATE keys SET certificates = {} WHERE key_id = '{}' RETURNING 1"
    assert listed(installed, key) == "active       0"
    certified = KNOWN.answers(request_for(installed, key))
    ends = x509.load_pem_x509_certificate(certified.encode()).not_valid_after_utc
    assert installed.run("keys", "certify", key, str(answered(installed, key))).exit_code == 0
    assert listed(installed, key) == f"active       0  {ends:%Y-%m-%d}"
    installed.rows(alter.format("(SELECT max(certificates) FROM keys)", other))
    assert listed(installed, other) == "next         0  none: the stored certificate is of another key"
    installed.rows(alter.format("ARRAY['garbage'::bytea]", other))
    assert listed(installed, other) == "next         0  none: a stored certificate can't be read"
    past = x509.load_pem_x509_csr(request_for(installed, key).encode()).public_key()
    assert isinstance(past, RSAPublicKey)
    begins = datetime.now(UTC) - timedelta(days=9)
    (ended,) = der([KNOWN.provider.certify(past, begins=begins, lasts=timedelta(days=8))])
    installed.rows(alter.format(f"ARRAY['\\x{ended.hex()}'::bytea]", key))
    assert listed(installed, key) == f"active       0  {begins + timedelta(days=8):%Y-%m-%d}, ended"


def test_what_can_not_be_asked_for_is_told(installed: Operator) -> None:
    """In one line: an OIN that is none, a key that signs no tokens, or is none."""
    key = key_id(installed)
    assert "an OIN has 20 digits" in installed.fails("keys", "csr", key), "prs.oin of these settings is 1"
    ((sealing,),) = installed.rows("SELECT key_id FROM keys WHERE purpose = 'seal'")
    for other in (str(sealing), "-nothing"):
        told = f"there is no signing key {other}, active or next"
        assert told in installed.fails("keys", "csr", other, "--oin", OIN)


def test_a_chain_that_will_not_do_changes_nothing(installed: Operator) -> None:
    """That of another key, none at all, and one that leads elsewhere than the settings say."""
    key, file = key_id(installed), answered(installed, key_id(installed, algorithm="ES256"))
    assert "of another key" in installed.fails("keys", "certify", key, str(file))
    assert "No such file" in installed.fails("keys", "certify", key, str(installed.folder / "nothing.pem"))
    file.write_text(Hierarchy.made("Elders").answers(request_for(installed, key)))
    demands(installed)
    assert "none of the authorities" in installed.fails("keys", "certify", key, str(file))
    assert installed.rows("SELECT count(*) FROM keys WHERE certificates <> '{}'") == [(0,)]


def test_a_key_waits_for_its_certificate_where_it_needs_one(installed: Operator) -> None:
    """`keys.certified`: the command says what to do; a key that leaked waits for nothing."""
    demands(installed)
    key = key_id(installed)
    told = installed.fails("keys", "rotate", "signing")
    assert f"the next PS256 key {key} has no certificate" in told
    assert "`vad keys csr` asks for one" in told
    assert installed.run("keys", "certify", key, str(answered(installed, key))).exit_code == 0
    assert "not known to everybody yet" in installed.fails("keys", "rotate", "signing")
    pass_time(installed)
    done = installed.run("keys", "rotate", "signing")
    assert f"signing PS256 {key} is active" in done.output
    done = installed.run("keys", "rotate", "signing", "--algorithm", "PS256")
    coming = key_id(installed)
    assert done.output == f"signing PS256 {coming} is next; it needs a certificate first: vad keys csr {coming}\n"
    done = installed.run("keys", "rotate", "signing", "--algorithm", "PS256", "--now")
    assert f"{coming} is active" in done.stdout
    assert done.stderr == f"{coming} HAS NO CERTIFICATE: sources that look at it refuse what it signs\n"


def test_the_settings_say_where_certificates_lead_to(installed: Operator) -> None:
    """Without that nothing is demanded; an algorithm that signs nothing is a fault, and so is a file of none."""
    for settings, told in (
        ('certified = "PS256"', "keys.certificate_ca_file: is needed with keys.certified"),
        ('certified = "PS512"', "keys.certified"),
        ('certified = "PS256"\ncertificate_ca_file = "/nowhere.pem"', "keys.certificate_ca_file: is no file"),
    ):
        installed.write("certified.toml", f"[keys]\n{settings}")
        assert told in installed.run("keys", "list").output
    demands(installed)
    (installed.folder / "root.pem").write_text("nothing")
    assert "keys.certificate_ca_file: the file holds no certificates" in installed.fails("keys", "rotate", "signing")


def test_the_request_alone_is_written(installed: Operator) -> None:
    """Into a file by a shell: what it asks for is told beside it, and no private key anywhere."""
    done = installed.run("keys", "csr", key_id(installed), "--oin", OIN)
    assert done.stdout.startswith("-----BEGIN CERTIFICATE REQUEST-----\n")
    assert done.stdout.endswith("-----END CERTIFICATE REQUEST-----\n")
    assert done.stderr.startswith("asks for CN=Stichting Voorbeeld,")
    assert "PRIVATE" not in json.dumps(done.output)
