"""The settings about apps of profile `ministry`."""

from pydantic import SecretStr

from vad.adapters.configuration.ministry_section import Ministry, faults_of_ministry

CLIENTS, SALT = "ministry.legacy_sub_clients", "ministry.legacy_sub_salt"


def test_the_former_sub_goes_with_its_salt() -> None:
    """A hash of a BSN without a salt is nobody's secret: the start refuses it."""
    for alone in ({CLIENTS: "one=a"}, {SALT: "hidden"}, {CLIENTS: "one=a", SALT: ""}):
        assert [name for name, _text in faults_of_ministry(alone)] == [SALT]
    for fitting in ({}, {CLIENTS: "one=a", SALT: "hidden"}):
        assert list(faults_of_ministry(fitting)) == []
    known = Ministry(legacy_sub_clients="one=a.example, two = b.example:8443", legacy_sub_salt=SecretStr("hidden"))
    assert known.legacy_clients == {"one": "a.example", "two": "b.example:8443"}
    assert "hidden" not in repr(known)
    assert Ministry().legacy_clients == {}


def test_each_app_is_named_once_with_its_host() -> None:
    """Else the host would come from a registration, which others may write. With an address nobody would be known."""
    for wrong in ("one", "one=", "=a", "one=a, two", "one=a, one=b", "one=https://a.example"):
        assert [name for name, _text in faults_of_ministry({CLIENTS: wrong, SALT: "hidden"})] == [CLIENTS], wrong


def test_references_need_a_source_a_scope_and_a_key() -> None:
    """All three, each app with one source; whose is told."""
    whole = {"ministry.rid_clients": "one=https://a.example", "ministry.rid_scope": "s", "ministry.rid_key_file": "k"}
    assert list(faults_of_ministry(whole)) == []
    for left_out in whole:
        part = {name: value for name, value in whole.items() if name != left_out}
        assert "ministry.rid_clients" in dict(faults_of_ministry(part)), left_out
    for wrong in ("one", "one=", "one=https://a.example, one=https://b.example"):
        assert "ministry.rid_clients" in dict(faults_of_ministry({**whole, "ministry.rid_clients": wrong})), wrong
    assert Ministry(rid_clients="one=https://a.example").rid_sources == {"one": "https://a.example"}
