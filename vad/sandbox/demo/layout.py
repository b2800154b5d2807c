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
WEB = ("vad", "digid", "brp", "prs", "pgo", "hospital", "gp", "rivm", "pgo2", "post", "admin", "staff_idp")
PGOS = {"pgo": "pgo-demo", "pgo2": "pgo-demo-2"}
"""The demo's apps and their client ids."""
SOURCES = ("hospital", "gp", "rivm")
ASKING = ("rivm",)
"""The sources that ask VAD about every token before they answer."""
_HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Layout:
    """The ports from `base` on."""

    base: int = DEFAULT_BASE

    def __post_init__(self) -> None:
        if not 1 <= self.base <= _HIGHEST_PORT + 1 - len(NAMES):
            raise SandboxError(f"the base port must be from 1 to {_HIGHEST_PORT + 1 - len(NAMES)}")

    @classmethod
    def free(cls) -> "Layout":
        """A layout of ports that were all free a moment ago. Raises `PortTakenError`."""
        # Not always the same first one: two that start at once would take it from each other.
        return cls(free_range(len(NAMES), lowest=20000 + secrets.randbelow(8000)))

    def port(self, key: str) -> int:
        """The port of a program; raises `KeyError` for one that has none."""
        return self.base + list(NAMES).index(key)

    def address(self, key: str) -> str:
        """The address of a program that speaks HTTP, without a slash at the end."""
        return f"http://localhost:{self.port(key)}"

    def addresses(self) -> dict[str, str]:
        """All addresses, by key: also what `${vad}`, `${digid}` … stand for in configuration."""
        return {key: self.address(key) for key in WEB}
