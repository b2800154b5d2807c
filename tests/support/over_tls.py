"""What a reader sets up to run a program against a demo with TLS: who vouches for it, and its names in `/etc/hosts`."""

from pathlib import Path

NAMES = {
    "names.mjs": """
import dns from "node:dns";
const { lookup } = dns;
dns.lookup = (name, ...rest) => lookup(name.endsWith(".localhost") ? "localhost" : name, ...rest);
""",
    "sitecustomize.py": """
import socket
ask = socket.getaddrinfo
here = lambda name: "localhost" if f"{name}".endswith(".localhost") else name
socket.getaddrinfo = lambda name, *rest, **more: ask(here(name), *rest, **more)
""",
}
"""What `/etc/hosts` would do, for Node.js and for Python."""


def trusting(folder: Path, ca_file: Path) -> dict[str, str]:
    """The variables for a program, as the documents name them, and those by which it knows the names."""
    folder.mkdir(exist_ok=True)
    for name, text in NAMES.items():
        (folder / name).write_text(text)
    return {
        "NODE_EXTRA_CA_CERTS": str(ca_file),
        "REQUESTS_CA_BUNDLE": str(ca_file),
        "NODE_OPTIONS": f"--import={folder / 'names.mjs'}",
        "PYTHONPATH": str(folder),
    }
