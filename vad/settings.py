"""The settings of VAD: typed, immutable, checked at the start, all faults told at once.

They come from the folders that `VAD_CONFIG` names (every `*.toml`, merged in order), then from environment variables
`VAD__SECTION__NAME`. Registrations stand in the same files and are read by `vad clients apply`.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import (
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from vad.adapters.configuration.addresses import faults_of_address, faults_of_mail, faults_of_redis, faults_of_store
from vad.adapters.configuration.admin_section import Admin, faults_of_admin
from vad.adapters.configuration.faults import describe
from vad.adapters.configuration.files import IDENTITY, ConfigurationFileError, read
from vad.adapters.configuration.limits_section import Limits
from vad.adapters.configuration.ministry_section import Ministry, faults_of_ministry
from vad.adapters.configuration.proxy_section import Proxy, faults_of_proxy
from vad.adapters.configuration.registration_section import Registration
from vad.adapters.configuration.sections import (
    Audit,
    Brp,
    Digid,
    Http,
    Keys,
    Log,
    Mail,
    Mandate,
    Metrics,
    Operator,
    Outgoing,
    ParentalAccess,
    Post,
    Prs,
    Service,
    Sso,
    Tracing,
)
from vad.adapters.configuration.standard_claims_section import StandardClaims
from vad.adapters.configuration.store_sections import Database, Redis, Worker, faults_of_roles

_POSTGRES = ("postgresql+psycopg2",)
_STORES = {
    "database.url": _POSTGRES,
    "database.migrate_url": _POSTGRES,
    "admin.database_url": _POSTGRES,
    "worker.database_url": _POSTGRES,
    "redis.url": ("redis", "rediss"),
}

_ORIGINS = ("service.issuer", "admin.origin", "proxy.certificate_origin")
_ADDRESSES = (
    *_ORIGINS,
    "digid.issuer",
    "admin.issuer",
    "brp.base_url",
    "prs.base_url",
    "post.url",
    "ministry.clients_url",
)


class Settings(BaseSettings):
    """Everything an operator can set."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="VAD__", env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    service: Service
    operator: Operator
    database: Database
    worker: Worker = Worker()
    redis: Redis
    keys: Keys = Keys()
    digid: Digid
    brp: Brp
    prs: Prs
    mail: Mail = Mail()
    post: Post = Post()
    http: Http = Http()
    proxy: Proxy = Proxy()
    outgoing: Outgoing = Outgoing()
    sso: Sso = Sso()
    parental_access: ParentalAccess = ParentalAccess()
    mandate: Mandate = Mandate()
    admin: Admin = Admin()
    ministry: Ministry = Ministry()
    registration: Registration = Registration()
    standard_claims: StandardClaims = StandardClaims()
    limits: Limits = Limits()
    metrics: Metrics = Metrics()
    audit: Audit = Audit()
    tracing: Tracing = Tracing()
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

    @property
    def commands_take_two(self) -> bool:
        """Whether another of the staff has to agree before a key is moved, or the log loses anything."""
        said = self.keys.second_person
        return self.service.deployment == "production" if said is None else said

    @model_validator(mode="wrap")
    @classmethod
    def _told_at_once(cls, raw: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        """What is wrong with single settings and with all of them together, in one go."""
        faults: list[tuple[tuple[int | str, ...], str]] = []
        try:
            settings = validate(raw)
            if settings.outgoing.loopback and settings.service.deployment == "production":
                faults.append((("outgoing", "loopback"), "is for a sandbox, and refused in production"))
            if settings.standard_claims.persons_file and settings.service.deployment == "production":
                faults.append((("standard_claims", "persons_file"), "is for a sandbox, and refused in production"))
            for name, file in (
                (("standard_claims", "persons_file"), settings.standard_claims.persons_file),
                (("outgoing", "ca_file"), settings.outgoing.ca_file),
                (("proxy", "client_ca_file"), settings.proxy.client_ca_file),
                (("keys", "certificate_ca_file"), settings.keys.certificate_ca_file),
            ):
                if file is not None and not file.is_file():
                    faults.append((name, "is no file"))
        except ValidationError as error:
            faults += [(fault["loc"], fault["msg"]) for fault in error.errors()]
        faults += [(tuple(name.split(".")), text) for name, text in _faults(raw)]
        if faults:
            raise ValidationError.from_exception_data("settings", [_fault(*each) for each in faults], hide_input=True)
        return settings


def _fault(where: tuple[int | str, ...], what: str) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError("setting", "{what}", {"what": what}), loc=where, input=None)


def _faults(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the types don't say: by name, and in words without values. Sections may be missing or anything at all."""
    given = {
        f"{section}.{name}": value.get_secret_value() if isinstance(value, SecretStr) else value
        for section, values in raw.items()
        if isinstance(values, Mapping)
        for name, value in values.items()
    }
    production = given.get("service.deployment", "production") == "production"
    for name in _ADDRESSES:
        if isinstance(given.get(name), str):
            faults = faults_of_address(given[name], path=name not in _ORIGINS, production=production)
            yield from ((name, fault) for fault in faults)
    for name, schemes in _STORES.items():
        if isinstance(given.get(name), str):
            yield from ((name, fault) for fault in faults_of_store(given[name], schemes))
    if isinstance(raw.get("admin"), Mapping):
        admin = {name.partition(".")[2]: value for name, value in given.items() if name.startswith("admin.")}
        yield from faults_of_admin(admin, given.get("database.url"), given.get("mail.host"))
        if admin.get("origin") is not None and admin["origin"] == given.get("service.issuer"):
            yield "admin.origin", "must be another address than that of VAD itself"
    yield from faults_of_roles(given)
    yield from faults_of_proxy({name.partition(".")[2]: value for name, value in given.items() if name[:6] == "proxy."})
    yield from faults_of_ministry(given)
    if isinstance(raw.get("redis"), Mapping):
        section = (name.partition(".") for name in given)
        yield from faults_of_redis({name: given[f"redis.{name}"] for of, _, name in section if of == "redis"})
    if isinstance(raw.get("mail"), Mapping):
        mail = {name.partition(".")[2]: value for name, value in given.items() if name.startswith("mail.")}
        yield from faults_of_mail(mail, production=production)
    yield from _faults_of_keys(given)


def _faults_of_keys(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if ("keys.master_key_file" in given) == ("keys.master_key" in given):
        yield "keys", "set exactly one of keys.master_key_file and keys.master_key"
    if given.get("keys.certified") and given.get("keys.certificate_ca_file") is None:
        yield "keys.certificate_ca_file", "is needed with keys.certified: where do the certificates lead to?"


def config_folders(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """The folders that `VAD_CONFIG` names, in order."""
    return tuple(Path(part) for part in environ.get("VAD_CONFIG", "").split(os.pathsep) if part)


def load(folders: tuple[Path, ...]) -> Settings:
    """The settings from these folders and the environment. Raises `ConfigurationFileError` naming every fault."""
    content: dict[str, Any] = {name: value for name, value in read(folders).items() if name not in IDENTITY}
    unknown = _unknown_variables(os.environ)
    try:
        settings = Settings(**content)
    except ValidationError as error:
        raise ConfigurationFileError("\n".join((describe(error), *unknown))) from error
    except SettingsError:
        # Its text may hold the value.
        raise ConfigurationFileError(
            "\n".join(("a variable VAD__SECTION without a name must hold JSON: use VAD__SECTION__NAME", *unknown))
        ) from None
    if unknown:
        raise ConfigurationFileError("\n".join(unknown))
    return settings


def _unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Variables that look like settings and name no section: misspelt, they would be passed over in silence."""
    prefix = "VAD__"
    named = {name: name.upper().removeprefix(prefix) for name in environ if name.upper().startswith(prefix)}
    sections = {section.upper() for section in Settings.model_fields}
    return [f"{name}: there is no such section" for name, rest in named.items() if rest.split("__")[0] not in sections]
