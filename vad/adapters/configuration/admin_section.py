"""The section of the settings about the administration. `vad.settings` joins it with the others."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field, SecretStr

_TOGETHER = ("origin", "issuer", "client_id", "acr")
"""All but `database_url`: those who serve no pages for staff need not know it, and who migrates needs nothing else."""


class Admin(BaseModel):
    """The pages for staff, which `vad serve --admin` serves apart from all others. Without `origin` there are none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str | None = Field(
        default=None, description="Where staff reach them: an address of their own, without a trailing slash."
    )
    issuer: str | None = Field(default=None, description="The issuer identifier of the identity provider of staff.")
    client_id: str | None = Field(default=None, description="VAD's client_id there.")
    acr: str | None = Field(
        default=None,
        description="What `acr` says of a login with more than one factor. It is asked for, and a login that comes "
        "back with any other is refused.",
    )
    roles_claim: str = Field(
        default="roles",
        description="The claim of the ID token with the roles, a list of: `helpdesk`, `client_manager`, `auditor`, "
        "`administrator`.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="`postgresql+psycopg2://…` for a role of its own, which may do more than that of the service.",
    )
    login_per_address: int = Field(
        default=20, ge=1, description="Visits to either identity provider per network address and minute."
    )
    login_minutes: int = Field(
        default=60,
        ge=15,
        le=480,
        description="So long a login of staff lasts at most; then they log in anew, and their roles are told anew. So "
        "long may a role work that somebody has lost at the identity provider.",
    )
    approval_days: int = Field(
        default=7, ge=1, le=90, description="So many days a request waits for the second person; then it is over."
    )
    unmask_per_day: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="So many people somebody of the staff is shown, or takes the data of, in 24 hours without another "
        "who agrees.",
    )
    alarm_address: str | None = Field(
        default=None,
        pattern=r"^[^@\s<>]+@[^@\s<>]+$",
        description="Address of all administrators, such as a mailing list: they are told of emergency access and of "
        "accounts that end. Needs `mail.host`.",
    )
    signal_days: int = Field(
        default=14,
        ge=1,
        le=90,
        description="So many days and nights signals are looked for. Whoever handles none for longer misses some.",
    )
    signal_people: int = Field(default=5, ge=2, description="A signal: one person may act for at least so many.")
    signal_wrong_codes: int = Field(
        default=10, ge=2, description="A signal: one person fills in at least so many wrong codes in a day."
    )
    signal_refusals_factor: float = Field(
        default=3.0, ge=1, description="A signal: so many times as much is refused in a day as in the days before."
    )
    signal_refusals_least: int = Field(default=50, ge=1, description="Fewer refusals in a day are no signal.")
    signal_night_uses: int = Field(
        default=20,
        ge=1,
        description="A signal: one person gets at least so many tokens for others between midnight and six.",
    )
    signal_app_changes: int = Field(
        default=1, ge=1, description="A signal: an app changes its own registration at least so often in a day."
    )


def faults_of_admin(given: Mapping[str, object], app_url: object, mail_host: object) -> Iterator[tuple[str, str]]:
    """What is wrong with the members of the section together, by name. `app_url` is the address of the service."""
    if given.get("alarm_address") is not None and mail_host is None:
        yield "admin.alarm_address", "needs mail.host"
    missing = [name for name in _TOGETHER if given.get(name) is None]
    if missing and len(missing) < len(_TOGETHER):
        yield from ((f"admin.{name}", "goes with the others of the section") for name in missing)
    if given.get("database_url") is not None and given.get("database_url") == app_url:
        yield "admin.database_url", "must name a role of its own"
