"""The settings of VAD: typed, immutable, checked at the start, all faults told at once.

They come from the folders that `VAD_CONFIG` names (every `*.toml`, merged in order), then from environment variables
`VAD__SECTION__NAME`. Registrations stand in the same files and are read by `vad clients apply`.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from vad.adapters.configuration.faults import describe
from vad.adapters.configuration.files import IDENTITY, ConfigurationFileError, read

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Service(_Section):
    """VAD itself."""

    issuer: str = Field(description="The issuer identifier: VAD's own address, without a trailing slash.")
    deployment: Literal["development", "production"] = Field(
        default="production", description="`development` allows http and loopback; `production` refuses them."
    )

    @property
    def secure(self) -> bool:
        """Whether browsers reach VAD over https."""
        return self.issuer.startswith("https://")


class Operator(_Section):
    """Who runs this installation; the pages promise things in that name."""

    name: str = Field(description="The organisation, as people know it.")
    email: str = Field(description="Questions, complaints and requests about personal data.")
    security_email: str = Field(description="Reports of security problems.")
    phone: str | None = Field(default=None, description="The helpdesk, as shown.")
    privacy_url: str | None = Field(default=None, description="The operator's own, complete privacy statement.")
    log_years: int = Field(default=5, ge=3, le=30, description="How many years the activity log is kept.")


class Database(_Section):
    """PostgreSQL."""

    url: SecretStr = Field(description="`postgresql+psycopg2://…` for the role that the app uses.")
    migrate_url: SecretStr | None = Field(
        default=None, description="The role that owns the schema; needed by `vad db`, `vad keys` and `vad clients`."
    )
    pool_size: int = Field(default=16, ge=1, le=200, description="Connections per process.")


class Redis(_Section):
    """Redis or Valkey."""

    url: SecretStr = Field(description="`redis://…` or `rediss://…`.")


class Keys(_Section):
    """The key hierarchy."""

    master_key_file: Path | None = Field(default=None, description="File holding the master key.")
    master_key: SecretStr | None = Field(default=None, description="The master key itself, where a file can't be.")


class Digid(_Section):
    """DigiD as OpenID provider."""

    issuer: str = Field(description="DigiD's issuer identifier.")
    client_id: str = Field(description="VAD's client_id at DigiD.")


class Brp(_Section):
    """The BRP API."""

    base_url: str = Field(description="Address of the API, before `/personen`.")
    api_key: SecretStr = Field(description="Sent as `X-API-KEY`.")


class Prs(_Section):
    """The pseudonym service."""

    base_url: str = Field(description="Address of the API, before `/exchange/rid`.")
    oin: str = Field(description="VAD's own OIN, sent as `x-gf-oin`.")
    audience: str = Field(description="Whom VAD's calls are meant for, sent as `x-gf-audience`.")


class Http(_Section):
    """How VAD is reached."""

    trusted_proxies: int = Field(
        default=0, ge=0, le=5, description="How many reverse proxies set `X-Forwarded-For`; 0: none is believed."
    )


class Outgoing(_Section):
    """Calls to registers and DigiD."""

    connect_timeout: float = Field(default=2.0, gt=0, le=10, description="Seconds.")
    total_timeout: float = Field(default=5.0, gt=0, le=30, description="Seconds.")


class Limits(_Section):
    """How often something may be done in a minute."""

    authorize_per_address: int = Field(default=60, ge=1, description="Authorization requests per network address.")
    login_per_address: int = Field(default=20, ge=1, description="Visits to DigiD per network address.")
    token_per_client: int = Field(default=3000, ge=1, description="Token requests per client.")


class Log(_Section):
    """Logging."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="The lowest level shown.")


class Settings(BaseSettings):
    """Everything an operator can set."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="VAD__", env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    service: Service
    operator: Operator
    database: Database
    redis: Redis
    keys: Keys = Keys()
    digid: Digid
    brp: Brp
    prs: Prs
    http: Http = Http()
    outgoing: Outgoing = Outgoing()
    limits: Limits = Limits()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the files; nothing else is looked at."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults = [*_everywhere(self), *(_in_production(self) if self.service.deployment == "production" else [])]
        if faults:
            raise ValueError("; ".join(faults))
        return self


def _everywhere(settings: Settings) -> list[str]:
    faults = []
    issuer = urlsplit(settings.service.issuer)
    if issuer.scheme not in {"http", "https"} or not issuer.netloc or issuer.path or issuer.query or issuer.fragment:
        faults.append("service.issuer must be an address without path, query or trailing slash")
    if (settings.keys.master_key_file is None) == (settings.keys.master_key is None):
        faults.append("set exactly one of keys.master_key_file and keys.master_key")
    urls = (settings.database.url, settings.database.migrate_url)
    if any(url is not None and not url.get_secret_value().startswith("postgresql+psycopg2://") for url in urls):
        faults.append("database.url must begin with postgresql+psycopg2://")
    return faults


def _in_production(settings: Settings) -> list[str]:
    named = {
        "service.issuer": settings.service.issuer,
        "digid.issuer": settings.digid.issuer,
        "brp.base_url": settings.brp.base_url,
        "prs.base_url": settings.prs.base_url,
    }
    faults = []
    for name, address in named.items():
        parts = urlsplit(address)
        if parts.scheme != "https":
            faults.append(f"{name} must be https in production")
        if parts.hostname in LOOPBACK or (parts.hostname or "").endswith(".localhost"):
            faults.append(f"{name} must not be on loopback in production")
    return faults


def config_folders(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """The folders that `VAD_CONFIG` names, in order."""
    return tuple(Path(part) for part in environ.get("VAD_CONFIG", "").split(os.pathsep) if part)


def load(folders: tuple[Path, ...]) -> Settings:
    """The settings from these folders and the environment. Raises `ConfigurationFileError` naming every fault."""
    content: dict[str, Any] = {name: value for name, value in read(folders).items() if name not in IDENTITY}
    try:
        return Settings(**content)
    except ValidationError as error:
        raise ConfigurationFileError(describe(error)) from error
