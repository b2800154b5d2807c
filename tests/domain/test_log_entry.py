"""What of an event is hashed: canonical JSON, beside another library for it."""

import json

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from vad.domain.log_entry import log_entry

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["type", "actor", "txid"]), st.none() | _TEXT), st.dictionaries(_TEXT, _VALUES))
def test_an_entry_is_canonical_json(columns: dict[str, str | None], evidence: dict[str, object]) -> None:
    """RFC 8785: another library gives the same bytes. Null stays out; what would be rounded goes in as text."""
    text = json.dumps(evidence, ensure_ascii=False)
    entry = log_entry(columns, text)
    read = json.loads(entry)
    assert rfc8785.dumps(read) == entry
    if "evidence" in read:
        assert read.pop("evidence") == evidence
    else:
        assert read.pop("evidence_text") == text
    assert read == {name: value for name, value in columns.items() if value is not None}


def test_nothing_that_the_database_takes_can_not_be_hashed() -> None:
    """Thousands of digits or levels are text: an event that can't be hashed would hold up all that come after it."""
    texts = "[" * 200 + '"\\"[["' + "]" * 200
    assert json.loads(log_entry({}, texts))["evidence"] == json.loads(texts)
    for evidence in ("[" * 201 + "]" * 201, '{"a":' * 9_000 + "1" + "}" * 9_000, "9" * 5_000, "-" + "9" * 5_000):
        assert json.loads(log_entry({}, evidence)) == {"evidence_text": evidence}


def test_no_two_events_have_one_entry() -> None:
    """Numbers that a reader of JSON would take for the same are told apart; evidence can't pass for its own text."""
    given_evidence = ["{}", '{"n": 1}', '{"n": 1.0}', '{"n": 0.1}', '{"n": 0.10000000000000000001}']
    given_evidence += ['{"n": 9007199254740993}', '{"n": 9007199254740992}', '{"n": "1"}', '"{}"', "null"]
    assert len({log_entry({}, each) for each in given_evidence}) == len(given_evidence)
    assert log_entry({"type": "a"}, "{}") == b'{"evidence":{},"type":"a"}'
