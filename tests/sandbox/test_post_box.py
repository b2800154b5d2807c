"""The post box of the demo: a real mail server and a post service that keep what comes, and pages to read it on."""

import smtplib
from collections.abc import Iterator

import pytest
import requests

from vad.sandbox import post
from vad.sandbox.errors import SandboxError
from vad.sandbox.ports import free_port
from vad.sandbox.serving import build, serve

MAIL = b"Subject: Hallo\r\nMessage-ID: <1@vad.example>\r\n\r\nEen regel <b>.\r\n\r\nNog een.\r\n"


@pytest.fixture(scope="module")
def box() -> Iterator[tuple[str, int]]:
    """Give the address of a post box, and the port of its mail server."""
    port = free_port()
    with serve(post.create_app(post.Config(port, "token"))) as address:
        yield address, port


def test_a_mail_can_be_read(box: tuple[str, int]) -> None:
    """By people on a page, with what it holds shown as text; by programs as JSON."""
    address, port = box
    with smtplib.SMTP("127.0.0.1", port, "test", timeout=10) as smtp:
        smtp.sendmail("vad@vad.example", ["jan@post.example"], MAIL)
    (item,) = requests.get(f"{address}/items", timeout=10).json()
    assert {name: item[name] for name in ("kind", "to", "subject", "text", "message_id")} == {
        "kind": "mail",
        "to": "jan@post.example",
        "subject": "Hallo",
        "text": "Een regel <b>.\n\nNog een.\n",
        "message_id": "<1@vad.example>",
    }
    assert "jan@post.example" in requests.get(address, timeout=10).text
    page = requests.get(f"{address}/bericht/{item['number']}", timeout=10)
    assert "<p>Een regel &lt;b&gt;.</p>" in page.text
    for missing in ("bericht/99", f"brief/{item['number']}.pdf"):
        assert requests.get(f"{address}/{missing}", timeout=10).status_code == 404


def test_letters_are_taken_from_who_has_the_token_alone(box: tuple[str, int]) -> None:
    """And only as PDF, with a key."""
    address = f"{box[0]}/letters"
    token = {"Authorization": "Bearer token"}
    whole = {**token, "Idempotency-Key": "k", "Content-Type": "application/pdf"}
    for headers, status in (({}, 401), (whole | {"Authorization": "Bearer other"}, 401), (token, 400), (whole, 400)):
        assert requests.post(address, b"%PDF-nothing", headers=headers, timeout=10).status_code == status


@pytest.mark.parametrize("raw", [{"smtp_port": 0, "token": "t"}, {"smtp_port": 25}, {"smtp_port": 25, "token": ""}])
def test_a_configuration_that_makes_no_sense(raw: dict[str, object]) -> None:
    """One line says what is wrong."""
    with pytest.raises(SandboxError, match="post: "):
        build("post", raw)
