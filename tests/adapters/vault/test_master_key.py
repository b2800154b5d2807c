"""The master key: where it comes from, and that nothing of it leaks."""

from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vad.adapters.vault.errors import MasterKeyError, SealBrokenError
from vad.adapters.vault.master_key import MasterKey

MATERIAL = bytes(range(32))


def test_reads_what_it_wrote(tmp_path: Path) -> None:
    """A generated key, in a file with a line end, is the same key each time."""
    file = tmp_path / "master.key"
    file.write_text(MasterKey.generate_text() + "\n")
    first, second = MasterKey.from_file(file), MasterKey.from_file(file)
    assert first.key_id == second.key_id
    assert second.unwrap(first.wrap(b"material", "key"), "key") == b"material"
    assert not first.demo


def test_demo_prefix_marks_a_demo_key() -> None:
    """A demo key is recognised as one, so that production can refuse it; it is the same key apart from that."""
    text = MasterKey.generate_text(demo=True)
    assert text.startswith("vad-demo:")
    key = MasterKey.from_text(text)
    assert key.demo
    assert MasterKey.from_text(text.removeprefix("vad-demo:")).key_id == key.key_id


def test_padding_is_allowed() -> None:
    """Tools write base64url with padding too."""
    assert MasterKey.from_text(urlsafe_b64encode(MATERIAL).decode()).key_id == MasterKey(MATERIAL).key_id


@pytest.mark.parametrize(
    "text", ["", "vad-demo:", "c2hvcnQ", "not base64!", "A" * 43 + "+", "AAAA" * 20, "é" * 43, "vad-demo:vad-demo:AA"]
)
def test_refuses_what_is_no_key(text: str, tmp_path: Path) -> None:
    """Anything but 32 bytes is refused in one sentence that does not repeat it."""
    file = tmp_path / "master.key"
    file.write_text(text)
    with pytest.raises(MasterKeyError) as refused:
        MasterKey.from_file(file)
    assert len(text) < 8 or text not in str(refused.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    """An operator reads which file is missing."""
    with pytest.raises(MasterKeyError, match=r"nowhere\.key"):
        MasterKey.from_file(tmp_path / "nowhere.key")


def test_repr_shows_no_material() -> None:
    """The representation holds an id that can't be turned back into the key."""
    text = MasterKey.generate_text()
    shown = repr(MasterKey.from_text(text))
    assert text not in shown
    assert text[:8] not in shown


@given(st.binary(max_size=200), st.text(max_size=50))
def test_wrapped_material_opens_only_where_it_belongs(material: bytes, key_id: str) -> None:
    """Wrapping is undone by the same key for the same row, and by nothing else."""
    key, other = MasterKey(MATERIAL), MasterKey(MATERIAL[::-1])
    wrapped = key.wrap(material, key_id)
    assert key.unwrap(wrapped, key_id) == material
    for opener, place in ((other, key_id), (key, key_id + "x")):
        with pytest.raises(SealBrokenError):
            opener.unwrap(wrapped, place)


@given(st.binary(max_size=40))
def test_garbage_is_refused_with_the_vault_error(garbage: bytes) -> None:
    """Bytes that were never wrapped, however short, give the typed error."""
    with pytest.raises(SealBrokenError):
        MasterKey(MATERIAL).unwrap(garbage, "")


def test_older_master_keys_open_and_wrap_nothing() -> None:
    """The first of several wraps; each opens what it wrapped; a demo's key among them makes all of it a demo's."""
    old, new = MasterKey.generate_text(), MasterKey.generate_text()
    both, alone = MasterKey.from_text(f"{new}\n{old}\n"), MasterKey.from_text(old)
    former = alone.wrap(b"material", "key")
    assert both.unwrap(former, "key") == b"material"
    assert (both.wraps(former, "key"), alone.wraps(former, "key")) == (False, True)
    anew = both.wrap(b"material", "key")
    assert both.wraps(anew, "key")
    assert MasterKey.from_text(new).unwrap(anew, "key") == b"material"
    with pytest.raises(SealBrokenError):
        alone.unwrap(anew, "key")
    assert both.key_id == MasterKey.from_text(new).key_id
    assert not both.demo
    assert MasterKey.from_text(f"{new} {MasterKey.generate_text(demo=True)}").demo
    with pytest.raises(MasterKeyError):
        MasterKey.from_text(f"{new}\nx")
