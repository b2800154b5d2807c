"""The sections of the settings, each member with what it means. `vad.settings` joins and loads them."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_PROFILES = r"^(nlgov|fapi2|basic|ministry)( *, *(nlgov|fapi2|basic|ministry))*$"
_SIGNING = r"^((ES256|RS256|PS256)( *, *(ES256|RS256|PS256))*)?$"


class Service(_Section):
    """VAD itself."""

    issuer: str = Field(description="The issuer identifier: VAD's own address, without a trailing slash.")
    deployment: Literal["development", "production"] = Field(
        default="production", description="`development` allows http and loopback; `production` refuses them."
    )

    profiles: str = Field(
        default="nlgov",
        pattern=_PROFILES,
        description="The profiles that clients may follow, separated by commas: `nlgov`, `fapi2`, `basic`, `ministry`.",
    )

    @property
    def allowed_profiles(self) -> tuple[str, ...]:
        """The names, each once."""
        return tuple(dict.fromkeys(name.strip() for name in self.profiles.split(",")))

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
    case_years: int = Field(
        default=2, ge=1, le=30, description="How many years after its answer a report of a person is kept."
    )


class Keys(_Section):
    """The key hierarchy."""

    master_key_file: Path | None = Field(
        default=None, description="File with the master key; below it older ones, while it changes."
    )
    master_key: SecretStr | None = Field(default=None, description="The master key itself, where a file can't be.")
    second_person: bool | None = Field(
        default=None,
        description="Whether `vad keys rotate` and `retire`, and `vad audit erase` and `purge`, do nothing without a "
        "request that two of the staff agreed to on a page. Not set: yes in `production`, no in `development`.",
    )
    published_days: int = Field(
        default=365,
        ge=1,
        description="`vad doctor` and the alert `VadKeyOld` tell of an older key whose public half others have.",
    )
    secret_days: int = Field(
        default=730,
        ge=1,
        description="`vad doctor` and the alert `VadKeyOld` tell of an older key for sealing, look-up, handles or "
        "caches.",
    )
    certified: str = Field(
        default="",
        pattern=_SIGNING,
        description="Algorithms, separated by commas, whose keys sign for sources of other organisations: without a "
        "good certificate `vad keys rotate signing` makes none of them active, and `vad doctor` fails.",
    )
    certificate_ca_file: Path | None = Field(
        default=None,
        description="The authorities (PEM) that a certificate of a signing key must lead to, such as the root of "
        "PKIoverheid, which is published with it; needed with `certified`.",
    )

    @property
    def certified_algorithms(self) -> frozenset[str]:
        """The names."""
        return frozenset(name.strip() for name in self.certified.split(",") if name.strip())


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


class Mail(_Section):
    """The server that takes mail to people. Without `host` no mail is sent: people are told by letter."""

    host: str | None = Field(default=None, description="Name of the server that takes mail for anybody (SMTP).")
    port: int = Field(default=587, ge=1, le=65535, description="Usually 587 with `starttls`, 465 with `tls`.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the connection is protected. `none` is refused in production, but on loopback.",
    )
    ca_file: Path | None = Field(default=None, description="The CAs of the server's certificate, if not the system's.")
    username: str | None = Field(default=None, description="The user to log in as, if any.")
    password: SecretStr | None = Field(default=None, description="Of that user.")
    sender: str | None = Field(
        default=None,
        pattern=r"^[^@\s<>]+@[^@\s<>]+$",
        description="Whom mail is from; needed with `host`.",
    )


class Post(_Section):
    """The service that prints and posts letters. Without `url` letters wait for a week, and are given up then."""

    url: str | None = Field(default=None, description="Where letters are handed over, as PDF.")
    token: SecretStr | None = Field(default=None, description="The bearer token that proves who hands them over.")


class Http(_Section):
    """How VAD is reached."""

    trusted_proxies: int = Field(
        default=0, ge=0, le=5, description="How many reverse proxies set `X-Forwarded-For`; 0: none is believed."
    )
    proxy_drops_underscores: bool = Field(
        default=False,
        description="Whether the proxy drops headers whose name holds an underscore, as nginx does of itself. Granian "
        "does not, and takes `X_Forwarded_For` for `X-Forwarded-For`: it needs this beside `trusted_proxies`.",
    )
    stop_delay: float = Field(
        default=0.0,
        ge=0,
        le=300,
        description="Seconds from SIGTERM to the end of `vad serve`. Until then `/readyz` says 503 and everything is "
        "answered: time for a balancer to send people elsewhere.",
    )


class Outgoing(_Section):
    """Calls to registers, DigiD and apps."""

    connect_timeout: float = Field(default=2.0, gt=0, le=10, description="Seconds.")
    total_timeout: float = Field(default=5.0, gt=0, le=30, description="Seconds.")
    loopback: bool = Field(
        default=False,
        description="Whether apps may be called at this machine itself, with or without TLS. For a sandbox: "
        "`production` refuses it.",
    )
    ca_file: Path | None = Field(
        default=None,
        description="CAs to trust beside the usual ones, such as a network's own. Nothing switches checking off.",
    )
    rest: float = Field(
        default=10.0,
        gt=0,
        le=300,
        description="Seconds that a register which keeps failing is left alone, before one call tries it again.",
    )


class Sso(_Section):
    """One login for several apps."""

    cross_client: bool = Field(
        default=False,
        description="Whether a login to one app does for another, after a page that asks. Turn it on once Logius has "
        "agreed.",
    )


class ParentalAccess(_Section):
    """Parents and their children of 12 to 15. Under 12 authority is enough; from 12 the child must agree as well."""

    from_12: bool = Field(
        default=False,
        description="Whether a child of 12 or 13 can agree that a parent sees their data. Mind that at that age a "
        "parent may still hold the child's DigiD.",
    )
    from_14: bool = Field(
        default=True, description="Whether a child of 14 or 15 can agree that a parent sees their data."
    )


class Mandate(_Section):
    """One person acting for another because that one let them."""

    minimum_age: int = Field(
        default=18,
        ge=16,
        le=18,
        description="The youngest age in years at which somebody may let another act for them.",
    )
    representative_minimum_age: int = Field(
        default=18, ge=16, le=21, description="The youngest age in years at which somebody may act for another."
    )
    letter_wait_days: int = Field(
        default=7,
        ge=0,
        le=60,
        description="Days between the letter that says how to stop a mandate by letter, and its beginning.",
    )
    letters_per_year: int = Field(
        default=3, ge=0, description="Letters with a code that one person gets in a year, whoever asks for them."
    )
    letters_asked_per_day: int = Field(default=5, ge=0, description="Letters that one person may ask for in a day.")


class Metrics(_Section):
    """Figures for Prometheus."""

    token: SecretStr | None = Field(
        default=None,
        description="The bearer token that opens `/metrics`. Without it there is no such page.",
    )
    worker_bind: str | None = Field(
        default=None,
        pattern=r"^[^\s:]+:[0-9]{1,5}$",
        description="Where `vad worker` answers with its own figures and `/healthz`: `address:port`, inside your own "
        "network.",
    )
    worker_stuck_after: float = Field(
        default=60.0,
        gt=0,
        description="Seconds that one round of `vad worker` may take before its `/healthz` says 503. "
        "A round that is well takes less than twenty, whatever is away.",
    )


class Audit(_Section):
    """The audit log: how it is sealed, and shown to others."""

    checkpoint_key_file: Path | None = Field(
        default=None,
        description="File with the key that signs checkpoints of the log; `vad audit key` makes one. Without it "
        "`vad worker` seals nothing.",
    )
    former_keys: str = Field(
        default="",
        description="Public keys that signed checkpoints before this one, with spaces between; for programs without "
        "`checkpoint_key_file`, that of now as well.",
    )
    checkpoint_key_days: int = Field(
        default=730,
        ge=1,
        description="`vad doctor`, the page of keys and the alert `VadLogKeyOld` tell of an older key of the log.",
    )
    publish_directory: Path | None = Field(
        default=None,
        description="Folder in which the worker puts each checkpoint and the tiles of the tree, for others to read. "
        "Nobody who can write to the database should be able to write there.",
    )


class Tracing(_Section):
    """Traces for OpenTelemetry; needs the optional packages of `requirements-otel.txt`."""

    endpoint: str | None = Field(
        default=None,
        pattern="^https?://",
        description="Where traces go: the address of a collector for OTLP over HTTP, such as "
        "`http://127.0.0.1:4318/v1/traces`. Without it nothing is traced.",
    )
    sampled: float = Field(default=1.0, ge=0, le=1, description="The part of the requests that is traced.")


class Log(_Section):
    """Logging."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="The lowest level shown.")
