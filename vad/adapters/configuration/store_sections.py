"""The sections of the settings about the stores. `vad.settings` joins them with the others."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(_Section):
    """PostgreSQL."""

    url: SecretStr = Field(description="`postgresql+psycopg2://…` for the role that the app uses.")
    migrate_url: SecretStr | None = Field(
        default=None, description="The role that owns the schema; needed by `vad db`, `vad keys` and `vad clients`."
    )
    pool_size: int = Field(default=16, ge=1, le=200, description="Connections per process.")


class Worker(_Section):
    """`vad worker`."""

    database_url: SecretStr | None = Field(
        default=None,
        description="`postgresql+psycopg2://…` for a role of its own, which alone can seal the log. `vad worker` needs "
        "it, and `vad db`, which gives that role its rights; nobody else should have it.",
    )


class Redis(_Section):
    """Redis or Valkey: one server (`url`), several behind Sentinel (`sentinels`), or a cluster (`cluster_nodes`)."""

    url: SecretStr | None = Field(default=None, description="One server: `redis://…` or `rediss://…`.")
    sentinels: str | None = Field(default=None, description="The sentinels: `host:port`, separated by commas.")
    service_name: str | None = Field(default=None, description="What the sentinels call the servers they watch.")
    cluster_nodes: str | None = Field(
        default=None, description="Some nodes of a Redis Cluster: `host:port`, separated by commas. They name the rest."
    )
    username: str | None = Field(default=None, description="With sentinels or a cluster: the user at the servers.")
    password: SecretStr | None = Field(default=None, description="With sentinels or a cluster: of that user.")
    sentinel_username: str | None = Field(default=None, description="The user at the sentinels themselves.")
    sentinel_password: SecretStr | None = Field(default=None, description="Of that user.")
    tls: bool = Field(default=False, description="With sentinels or a cluster: TLS to the servers and the sentinels.")
    ca_file: Path | None = Field(default=None, description="With `tls`: the CAs, where it isn't the system's.")


def faults_of_roles(given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Which addresses of PostgreSQL name a role of somebody else, by the name of the setting."""
    worker, *others = (_role(given.get(f"{name}url")) for name in ("worker.database_", "database.", "admin.database_"))
    if worker is not None and worker in others:
        yield "worker.database_url", "must name a role of its own"


def _role(url: object) -> str | None:
    try:
        return urlsplit(url).username if isinstance(url, str) else None
    except ValueError:
        return None  # which is told of each address by itself
