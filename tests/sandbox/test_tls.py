"""What ends TLS before the programs of a demo, and who vouches for it."""

import asyncio
import base64
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from queue import Queue

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask, request

from vad.sandbox.outgoing import new_session
from vad.sandbox.ports import free_ports
from vad.sandbox.serving import serve
from vad.sandbox.tls import front
from vad.sandbox.tls.authority import Authority
from vad.sandbox.tls.front import Config, Listener

HEAD = b"GET / HTTP/1.1\r\nHost: vad.localhost\r\n"


@dataclass(frozen=True)
class Front:
    """One program behind two listeners, of which the second asks for certificates."""

    ca: Authority
    clients: Authority
    folder: Path
    plain: int
    asking: int

    def session(self) -> requests.Session:
        """A session that trusts the authority."""
        session = new_session()
        session.verify = str(self.ca.file)
        return session

    def get(self, port: int, name: str | None = None, **headers: str) -> dict[str, str]:
        """The headers that the program got, asked with the certificate of this name, if any."""
        with self.session() as session:
            if name is not None:
                issued = self.clients.client(self.folder, name)
                session.cert = (str(issued.certificate), str(issued.key))
            answer = session.post(f"https://vad.localhost:{port}/echo", data={"a": "1"}, headers=headers, timeout=20)
            return {name.lower(): value for name, value in answer.json().items()}


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Give it, served."""
    folder = tmp_path_factory.mktemp("tls")
    ca = Authority.kept(folder, "ca", of_localhost=True)
    clients = Authority.kept(folder, "clients", of_localhost=False)
    issued = ca.server(folder, ["vad.localhost"])
    app = Flask("program")
    app.add_url_rule(
        "/echo", "echo", lambda: dict(request.headers) | {"body": request.get_data(as_text=True)}, methods=["POST"]
    )
    plain, asking, health = free_ports(3)
    with serve(app) as url:
        target = int(url.rpartition(":")[2])
        listeners = (Listener(plain, target), Listener(asking, target, str(clients.file)))
        with _running(Config(str(issued.certificate), str(issued.key), health, listeners), health):
            yield Front(ca, clients, folder, plain, asking)


@contextmanager
def _running(config: Config, health: int) -> Iterator[None]:
    stop = Queue[Callable[[], object]]()

    async def run() -> None:
        stopping = asyncio.Event()
        stop.put(partial(asyncio.get_running_loop().call_soon_threadsafe, stopping.set))
        await front.serve(config, stopping)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    session = requests.Session()
    session.mount(
        "http://", requests.adapters.HTTPAdapter(max_retries=requests.adapters.Retry(12, backoff_factor=0.05))
    )
    assert session.get(f"http://127.0.0.1:{health}", timeout=20).status_code == 200
    try:
        yield
    finally:
        stop.get()()
        thread.join()


def shaken(trusting: ssl.SSLContext, port: int, sent: bytes = b"") -> str | None:
    """The version that both agree on, or the alert by which the front says why not."""
    with socket.create_connection(("127.0.0.1", port), 20) as opened:
        try:
            with trusting.wrap_socket(opened, server_hostname="vad.localhost") as agreed:
                if sent:
                    agreed.sendall(sent)
                    agreed.recv(64)
                return agreed.version()
        except ssl.SSLError as refused:
            return str(refused.reason)


def test_the_program_hears_who_came_from_tls_alone(tls: Front) -> None:
    """What a caller says of itself is dropped, in every spelling; a certificate is told where it is asked for."""
    lies = {"Client-Cert": ":AAAA:", "Client_Cert": ":AAAA:", "X-Forwarded-For": "8.8.8.8", "Forwarded": "for=8.8.8.8"}
    for port in (tls.plain, tls.asking):
        got = tls.get(port, **lies)
        assert "client-cert" not in got
        assert (got["x-forwarded-for"], got["x-forwarded-proto"]) == ("127.0.0.1", "https")
        assert "forwarded" not in got
        assert got["body"] == "a=1"
    got = tls.get(tls.asking, "some-app", **lies)
    shown = x509.load_pem_x509_certificate((tls.folder / "some-app.pem").read_bytes())
    assert got["client-cert"] == f":{base64.b64encode(shown.public_bytes(Encoding.DER)).decode()}:"
    assert "client-cert" not in tls.get(tls.plain, "some-app")


def test_nobody_comes_in_with_a_certificate_of_elsewhere_or_past_its_end(tls: Front, tmp_path: Path) -> None:
    """Of another authority, of that of the servers, or ended."""
    elsewhere = Authority.kept(tmp_path, "elsewhere", of_localhost=False)
    for issued in (
        elsewhere.client(tmp_path, "foreign"),
        tls.ca.client(tmp_path, "server-side"),
        tls.clients.client(tmp_path, "ended", ends_in=timedelta(minutes=-1)),
    ):
        with tls.session() as session:
            session.cert = (str(issued.certificate), str(issued.key))
            with pytest.raises(requests.ConnectionError):
                session.post(f"https://vad.localhost:{tls.asking}/echo", timeout=20)


def test_the_authority_vouches_for_this_machine_alone(tls: Front, tmp_path: Path) -> None:
    """Whoever trusts it has nothing to fear from its key: not even a certificate of it opens another name."""
    issued = tls.ca.server(tmp_path, ["bank.example"])
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(issued.certificate, issued.key)
    trusting = ssl.create_default_context(cafile=tls.ca.file)
    ours, theirs = socket.socketpair()

    def answer() -> None:
        with pytest.raises(ssl.SSLError):
            serving.wrap_socket(theirs, server_side=True)
        theirs.close()

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        trusting.wrap_socket(ours, server_hostname="bank.example")
    ours.close()
    thread.join()
    with new_session() as session, pytest.raises(requests.exceptions.SSLError):
        session.get(f"https://vad.localhost:{tls.plain}/echo", timeout=20)


@pytest.mark.parametrize(
    ("suite", "taken"),
    [
        ("ECDHE-RSA-AES128-GCM-SHA256", True),
        ("ECDHE-RSA-AES256-GCM-SHA384", True),
        ("ECDHE-RSA-CHACHA20-POLY1305", False),
        ("ECDHE-RSA-AES128-SHA256", False),
        ("DHE-RSA-AES128-GCM-SHA256", False),
        ("AES128-GCM-SHA256", False),
    ],
)
def test_the_cipher_suites_of_tls_1_2(tls: Front, suite: str, *, taken: bool) -> None:
    """FAPI 2.0 Security Profile section 5.2.2: those that RFC 9325 recommends. TLS 1.3 comes first, 1.1 not at all."""
    trusting = ssl.create_default_context(cafile=tls.ca.file)
    for oldest, newest, expected in (
        (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2, "TLSv1.2" if taken else "SSLV3_ALERT_HANDSHAKE_FAILURE"),
        (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3, "TLSv1.3"),
    ):
        trusting.minimum_version, trusting.maximum_version = oldest, newest
        trusting.set_ciphers(suite)
        assert shaken(trusting, tls.plain) == expected


@pytest.mark.parametrize("version", [1, 2])
def test_older_versions_are_refused_by_an_alert(tls: Front, version: int) -> None:
    """TLS 1.0 and 1.1: a fatal alert, which says that it is the version (RFC 8446 section 6.2)."""
    offer = bytes([3, version]) + bytes(32) + b"\0" + b"\0\2\xc0\x13" + b"\1\0"
    hello = b"\1" + len(offer).to_bytes(3) + offer
    with socket.create_connection(("127.0.0.1", tls.plain), 20) as opened, opened.makefile("rb") as answered:
        opened.sendall(b"\x16\3\1" + len(hello).to_bytes(2) + hello)
        kind, _, _, _, length, level, why = received = answered.read()
        assert (kind, length, level, why) == (21, 2, 2, 70), received


def test_who_shows_a_wrong_certificate_is_told_so(tls: Front, tmp_path: Path) -> None:
    """By an alert, also where the request came right behind the certificate, as it does in TLS 1.3."""
    issued = Authority.kept(tmp_path, "elsewhere", of_localhost=False).client(tmp_path, "foreign")
    trusting = ssl.create_default_context(cafile=tls.ca.file)
    trusting.load_cert_chain(issued.certificate, issued.key)
    request = HEAD + b"Content-Length: 100000\r\n\r\n" + bytes(100_000)
    assert shaken(trusting, tls.asking, request) == "TLSV1_ALERT_UNKNOWN_CA"


def test_a_body_in_chunks_reaches_the_program(tls: Front) -> None:
    """As some HTTP clients send a form (RFC 9112 section 7.1); the program is told its length."""
    with tls.session() as session:
        answer = session.post(f"https://vad.localhost:{tls.plain}/echo", data=iter([b"a=", b"1"]), timeout=20)
    got = {name.lower(): value for name, value in answer.json().items()}
    assert (got["body"], got["content-length"], "transfer-encoding" in got) == ("a=1", "3", False)


def test_who_sends_too_much_is_told_so(tls: Front) -> None:
    """Also who sends all of it before looking at the answer."""
    much = iter([bytes(64 * 1024)] * 400)
    with tls.session() as session:
        answer = session.post(f"https://vad.localhost:{tls.plain}/echo", data=much, timeout=20)
    assert answer.status_code == 413
