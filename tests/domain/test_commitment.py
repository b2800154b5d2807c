"""A commitment vouches for what stands apart, and for nothing else (rule 41)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vad.domain.commitment import SALT_BYTES, commitment

SALT = bytes(range(SALT_BYTES))
FIELDS = st.dictionaries(st.text("abcdefgh_", min_size=1), st.text(), max_size=3)


def test_it_is_what_the_documents_say() -> None:
    """SHA-256 over salt and canonical JSON, worked out with other tools."""
    fields = {"reason": 'é\n"x"', "case": "1"}
    assert commitment(SALT, fields).hex() == "a979d9ee3c6c87e5e17cc8f621a21292270b1039601bfd0f8ec7565b67504039"


@given(FIELDS, FIELDS)
def test_it_tells_fields_apart(one: dict[str, str], other: dict[str, str]) -> None:
    """Two that differ never have the same; the order in which they are given makes no difference."""
    assert (commitment(SALT, one) == commitment(SALT, other)) == (one == other)
    assert commitment(SALT, dict(reversed(one.items()))) == commitment(SALT, one)
    assert commitment(bytes(SALT_BYTES), one) != commitment(SALT, one)


@pytest.mark.parametrize(("salt", "fields"), [(b"", {}), (SALT, {"naïef": "x"})])
def test_what_is_no_salt_or_no_name_is_refused(salt: bytes, fields: dict[str, str]) -> None:
    """A short salt hides nothing; a name beyond ASCII would be put in another order elsewhere."""
    with pytest.raises(ValueError, match=r"not a salt|not ASCII"):
        commitment(salt, fields)
