"""How a data source of another organisation believes VAD's keys: by their certificates alone (OAuth NL, RFC 7517)."""

from base64 import b64encode
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc.jwk import Key
from jwt import PyJWK

from tests.sandbox.fake_issuer import FakeIssuer, encryption_key, signing_key
from tests.sandbox.test_data_source import config, read, reasons
from tests.support.rsa_keys import WEAK, rsa_key
from tests.support.signing_certificates import YEAR, Hierarchy, Issuer, der, of_no_version, pem
from vad.sandbox.certified_keys import CertifiedKeys, Trust
from vad.sandbox.data_source import Config, create_app
from vad.sandbox.fields import ConfigError
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve

STRANGE = x509.ObjectIdentifier("1.3.6.1.4.1.0.1")
SMALL = ec.generate_private_key(ec.SECP224R1())
OIN = "00000099000000001000"
NOW = datetime.now(UTC)
KNOWN, ELDERS = Hierarchy.made(), Hierarchy.made("Elders")
KEY = signing_key("ec")
SUBJECT = x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, OIN)])


def certified(key: Key, *above: x509.Certificate, by: Issuer = KNOWN.provider, **of: Any) -> dict[str, Any]:
    """A key as VAD publishes it, with its certificate and those above."""
    public = dict(key.as_dict(private=False))
    leaf = by.certify(PyJWK(public).key, **{"subject": SUBJECT, **of})
    chain = (leaf, *(above or (*KNOWN.above, KNOWN.root.certificate)))
    return {**public, "x5c": [b64encode(each).decode() for each in der(chain)]}


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    """Give the trust in one root, for one organisation."""
    file = tmp_path / "root.pem"
    file.write_text(pem(KNOWN.root.certificate))
    return Trust(str(file), OIN)


def test_a_key_that_leads_to_the_root(trust: Trust) -> None:
    """Now, and not when its certificate is over."""
    keys = CertifiedKeys(trust)
    assert keys.vouched(certified(KEY), NOW)
    assert not keys.vouched(certified(KEY), NOW + 2 * YEAR)


def _wrong() -> dict[str, dict[str, Any]]:
    good, root = certified(KEY), KNOWN.root.certificate
    narrow = Issuer.made("Narrow", KNOWN.root, path_length=0)
    below = Issuer.made("Below", narrow)
    organisation = Issuer.made("Somebody", KNOWN.middle, ca=False)
    others = x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, "00000099000000002000")])
    of_others = x509.NameConstraints([x509.DirectoryName(others)], None)
    narrowed = Issuer.made("Of others", KNOWN.root, narrowed=of_others)
    strange = Issuer.made("Strange", KNOWN.root, narrowed=x509.UnrecognizedExtension(STRANGE, b"\x05\x00"))
    weak, small = (Issuer.made("Weak", KNOWN.root, key=each) for each in (rsa_key(WEAK), SMALL))
    twice = x509.Name([*SUBJECT, *others])
    return {
        "none": {name: value for name, value in good.items() if name != "x5c"},
        "no list": {**good, "x5c": good["x5c"][0]},
        "no certificates": {**good, "x5c": ["AAAA", "AAAA"]},
        "no base64": {**good, "x5c": ["*", *good["x5c"][1:]]},
        "numbers": {**good, "x5c": [1, 2]},
        "the first alone": {**good, "x5c": good["x5c"][:1]},
        "one left out": {**good, "x5c": [good["x5c"][0], *good["x5c"][2:]]},
        "another order": {**good, "x5c": [good["x5c"][0], *reversed(good["x5c"][1:])]},
        "without the root": {**good, "x5c": good["x5c"][:3]},
        "without end": {**good, "x5c": good["x5c"] * 2},
        "another key's": {**good, "x5c": certified(signing_key("ec2"))["x5c"]},
        "another root's": certified(KEY, *ELDERS.above, ELDERS.root.certificate, by=ELDERS.provider),
        "another organisation's": certified(KEY, subject=others),
        "of two organisations": certified(KEY, subject=twice),
        "of an authority": certified(KEY, ca=True),
        "for encryption": certified(KEY, usage="key_encipherment"),
        "by an organisation": certified(KEY, organisation.certificate, KNOWN.middle.certificate, root, by=organisation),
        "by who speaks for others": certified(KEY, narrowed.certificate, root, by=narrowed),
        "by who may what nobody knows": certified(KEY, strange.certificate, root, by=strange),
        "by a weak key": certified(KEY, weak.certificate, root, by=weak),
        "by a key of a small curve": certified(KEY, small.certificate, root, by=small),
        "of no version": {**good, "x5c": [b64encode(of_no_version(KNOWN.root.certificate)).decode()] * 2},
        "too deep": certified(KEY, below.certificate, narrow.certificate, root, by=below),
    }


@pytest.mark.parametrize("key", _wrong().values(), ids=_wrong().keys())
def test_what_nobody_vouches_for(trust: Trust, key: dict[str, Any]) -> None:
    """Whatever is wrong with it, it is no error but a key that is not taken."""
    assert not CertifiedKeys(trust).vouched(key, NOW)


def test_a_source_takes_tokens_of_certified_keys_alone(trust: Trust) -> None:
    """Over HTTP: 401 and why, until the issuer publishes who vouches for the key."""
    issuer, key = FakeIssuer(keys={"ec": KEY}), encryption_key("hospital")
    shown: dict[str, Any] = {}
    issuer.public = lambda: {kid: shown or dict(each.as_dict(private=False)) for kid, each in issuer.keys.items()}  # type: ignore[method-assign]
    with serve(issuer.app()) as url:
        issuer.url = url
        for published, status in (({}, 401), (certified(KEY), 200)):
            shown.update(published)
            port = free_port()
            written = config(url, f"http://localhost:{port}", key, certified_keys=asdict(trust))
            with serve(create_app(Config.from_json(written)), port) as source:
                assert read(source, issuer.sign(issuer.claims(source, key))).status_code == status
                assert reasons(source) == (["uncertified_key"] if status == 401 else [])


def test_a_source_that_trusts_nobody_does_not_start(tmp_path: Path) -> None:
    """A file of no certificates, none at all, and a trust that lacks the organisation."""
    (tmp_path / "nothing.pem").write_text("nothing")
    for file in ("nothing.pem", "nowhere.pem"):
        told = {"ca_file": str(tmp_path / file), "oin": OIN}
        with pytest.raises(ConfigError):
            create_app(Config.from_json(config("http://localhost:1", "http://localhost:2", certified_keys=told)))
    with pytest.raises(ConfigError, match="oin"):
        Config.from_json(config("http://localhost:1", "http://localhost:2", certified_keys={"ca_file": "x"}))
