"""What docs/clients.md says that each client shows is so: its program does it, and the test that it names runs it."""

import re

import pytest

from tests.docs.apache import plain
from tests.docs.test_threat_model import NAMED, functions_of, text_of
from tests.support.documents import blocks, programs

DOCUMENT = "docs/clients.md"
HEAD = "| page | program | profile | proves itself by | tokens | log in | refresh | exchange | log out | http | https |"
COLUMNS = HEAD.strip("| ").split(" | ")
CODE = ("python", "js", "apache")
PLAIN = "my-site/plain.conf"
"""What it changes in the configuration beside it."""
OVER_TLS = "tests/docs/test_quickstarts_over_tls.py"
SHOWS = {
    "log in": r"scope[^\n]*openid|OIDCScope",
    "refresh": r'refreshTokenGrant|"refresh_token"|OIDCRefreshAccessToken',
    "exchange": r"grant-type:token-exchange",
    "log out": r"buildEndSessionUrl|end_session_endpoint|logout_redirect|signoutRedirect|logout=|BackChannelLogout",
}
"""What stands in a program that does so."""
PROOFS = {
    "private_key_jwt": r"PrivateKeyJwt|private_key_jwt",
    "client_secret_basic": r"ClientSecretBasic|client_secret_basic",
    "tls_client_auth": r"TlsClientAuth",
}
BINDINGS = {"bound to the certificate": r"use_mtls_endpoint_aliases", "bound to a key": r"getDPoPHandle"}
ROWS = [
    dict(zip(COLUMNS, (cell.strip() for cell in line.strip("|").split(" | ")), strict=True))
    for line in text_of(DOCUMENT).partition(HEAD)[2].partition("\n\n")[0].splitlines()[2:]
]
NAMES = [row["program"].replace("`", "") for row in ROWS]


def page_of(row: dict[str, str]) -> str:
    """The document of this row."""
    found = re.search(r"\]\((.+?)\)", row["page"])
    assert found is not None
    return f"docs/{found[1]}"


def programs_of(page: str) -> dict[str, str]:
    """All files of a page by name."""
    return {name: text for language in CODE for name, text in programs(page, language).items()}


def code_of(row: dict[str, str]) -> str:
    """What its program says."""
    known = programs_of(page_of(row))
    if PLAIN in known:
        known[PLAIN] = plain(known["my-site/apache.conf"])
    return "\n".join(known[name] for name in re.findall(r"`([^`]+)`", row["program"]))


def test_every_page_is_there() -> None:
    """Each quick start of an app has a row for each program by which people log in."""
    index = set(re.findall(r"\]\((quickstart-[\w-]+\.md)\)", text_of(DOCUMENT).partition("## What each shows")[0]))
    assert len(index) > 6
    assert {page_of(row) for row in ROWS} == {f"docs/{page}" for page in index}
    told = {name for row in ROWS for name in re.findall(r"`([^`]+)`", row["program"])}
    asking = re.compile(r"redirect_uri|OIDCScope|authorize_redirect")
    for page in index:
        found = {name for name, text in programs_of(f"docs/{page}").items() if asking.search(text)}
        assert found <= told, page


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_a_program_does_what_its_row_says(row: dict[str, str]) -> None:
    """And nothing of what it leaves open; each of those has a note that says why."""
    code = code_of(row)
    for column, pattern in SHOWS.items():
        if column == "log in" and row[column] != "yes":
            assert not re.search(r'scope: "[^"]*openid', code)
        else:
            assert (row[column] == "yes") is bool(re.search(pattern, code)), column
    assert re.search(PROOFS[row["proves itself by"].strip("`")], code)
    assert {name for name, pattern in BINDINGS.items() if re.search(pattern, code)} == {row["tokens"]} - {"bearer"}
    registered = "".join(block.text for block in blocks(page_of(row), "toml"))
    profile = row["profile"].strip("`")
    assert profile == "nlgov" or f'profile = "{profile}"' in registered


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_a_row_names_its_tests(row: dict[str, str]) -> None:
    """One without TLS and one with it, or a note that says why there is none."""
    for column in ("http", "https"):
        named = NAMED.fullmatch(row[column])
        if named is None:
            continue
        assert named[2] in functions_of(named[1]), row[column]
        assert (named[1] == OVER_TLS) is (column == "https")
    assert NAMED.fullmatch(row["http"]) or NAMED.fullmatch(row["https"])


def test_what_is_left_open_has_a_reason() -> None:
    """Each dash has a note below the table, and each note a dash."""
    cells = [row[column] for row in ROWS for column in (*SHOWS, "http", "https")]
    marks = {cell.partition(" ")[2] for cell in cells if cell != "yes" and not NAMED.fullmatch(cell)}
    notes = re.findall(r"^([0-9])\. ", text_of(DOCUMENT), re.MULTILINE)
    assert sorted(marks, key="¹²³⁴⁵⁶⁷".index) == ["¹²³⁴⁵⁶⁷"[int(note) - 1] for note in notes]
