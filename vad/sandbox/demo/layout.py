"""Which program has which port: neighbours, counted from one base port."""

import secrets
from dataclasses import dataclass

from vad.sandbox.errors import SandboxError
from vad.sandbox.ports import free_range

DEFAULT_BASE = 8100
NAMES = {
    "vad": "VAD",
    "digid": "mock DigiD",
    "brp": "mock BRP",
    "prs": "mock PRS",
    "pgo": "demo PGO",
    "hospital": "hospital",
    "gp": "GP",
    "rivm": "RIVM",
    "pgo2": "second PGO",
    "postgres": "PostgreSQL",
    "redis": "Redis",
    "post": "post box",
    "smtp": "mail server",
    "admin": "VAD for staff",
    "staff_idp": "staff login",
}
"""Key and name of everything that has a port, in the order of the ports."""
OF_TLS = {"mtls": "VAD, for apps with a certificate", "tls": "TLS"}
"""What has a port in a demo with TLS alone: behind those of all."""
WEB = ("vad", "digid", "brp", "prs", "pgo", "hospital", "gp", "rivm", "pgo2", "post", "admin", "staff_idp")
PGOS = {"pgo": "pgo-demo", "pgo2": "pgo-demo-2"}
"""The demo's apps and their client ids."""
CERTIFIED = "pgo2"
"""The app that proves itself by a certificate, in a demo with TLS."""
SOURCES = ("hospital", "gp", "rivm")
ASKING = ("rivm",)
"""The sources that ask VAD about every token before they answer."""
LOOKING = "hospital"
"""The source that believes VAD's keys by their certificates alone, in a demo with TLS."""
WITH_LETTERS = "hospital"
"""The source that gives letters too, to who logged in at level high alone."""
_HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Layout:
    """The ports from `base` on. With `tls` each web address has a name of its own, and TLS ends before the program."""

    base: int = DEFAULT_BASE
    tls: bool = False

    def __post_init__(self) -> None:
        highest = _HIGHEST_PORT + 1 - _needed(tls=self.tls)
        if not 1 <= self.base <= highest:
            raise SandboxError(f"the base port must be from 1 to {highest}")

    @classmethod
    def free(cls, *, tls: bool = False) -> "Layout":
        """A layout of ports that were all free a moment ago. Raises `PortTakenError`."""
        # Not always the same first one: two that start at once would take it from each other.
        return cls(free_range(_needed(tls=tls), lowest=20000 + secrets.randbelow(8000)), tls)

    def port(self, key: str) -> int:
        """The port at which others find a program; raises `ValueError` for one that has none."""
        return self.base + list(NAMES | OF_TLS).index(key)

    def inner(self, key: str) -> int:
        """The port at which the program itself listens."""
        behind = self.tls and key in WEB
        return self.base + len(NAMES) + len(OF_TLS) + WEB.index(key) if behind else self.port(key)

    def host(self, key: str) -> str:
        """The name of a program that speaks HTTP. With TLS all have their own, and so their own cookies."""
        return f"{key.replace('_', '-')}.localhost" if self.tls else "localhost"

    def address(self, key: str) -> str:
        """The address of a program that speaks HTTP, without a slash at the end."""
        return f"{'https' if self.tls else 'http'}://{self.host(key)}:{self.port(key)}"

    def addresses(self) -> dict[str, str]:
        """All addresses, by key: also what `${vad}`, `${digid}` … stand for in configuration."""
        return {key: self.address(key) for key in (*WEB, "mtls")[: len(WEB) + self.tls]}

    def ports(self) -> dict[int, str]:
        """Every port that is needed, and what for."""
        if not self.tls:
            return {self.port(key): name for key, name in NAMES.items()}
        known = NAMES | OF_TLS
        return {port: known[key] for key in known for port in (self.port(key), self.inner(key))}


def _needed(*, tls: bool) -> int:
    return len(NAMES) + (len(OF_TLS) + len(WEB) if tls else 0)
