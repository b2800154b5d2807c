"""Redis: logins that an app may renew."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from vad.domain.identifiers import ClientId, Sid


@dataclass(frozen=True, slots=True)
class RenewableLogin:
    """A login to one app, which that app may renew until the login itself ends."""

    sid: Sid
    client_id: ClientId
    ends_at: datetime


class RenewableLoginStore(Protocol):
    """By a random handle. It finds no session: whoever has it can renew, and nothing else."""

    def add(self, handle: str, login: RenewableLogin, life: timedelta) -> None: ...

    def get(self, handle: str) -> RenewableLogin | None: ...

    def renew(self, handle: str, life: timedelta) -> bool:
        """Let it live so long from now on; False where it is gone."""

    def remove(self, handle: str) -> None: ...
