"""The installation's settings: `COUNTERSIGN_*` variables and their defaults (docs/operator.md)."""

import ipaddress
import zoneinfo
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from workflows.errors import CountersignError

PROJECT = Path(__file__).resolve().parent.parent

# Local parts that name a mailbox or a machine rather than a person (SPEC 3, rule 4).
MAILBOX_NAMES = (
    "accounting,accounts,admin,administrator,alerts,api,automation,backup,billing,bot,careers,"
    "contact,devops,finance,hello,help,helpdesk,hostmaster,hr,info,integration,invoices,it,jobs,"
    "legal,mail,mailer-daemon,marketing,monitoring,news,newsletter,no-reply,noc,noreply,office,"
    "orders,payroll,postmaster,press,printer,privacy,purchasing,reception,recruiting,root,sales,"
    "scanner,security,service,support,svc,sysadmin,system,team,test,training,webmaster"
)

# What is kept of a profile (SPEC 2); the first ones are read by name.
PROFILE_ATTRIBUTES = (
    "login,email,secondEmail,firstName,lastName,displayName,title,department,division,"
    "organization,costCenter,employeeNumber,userType,manager,managerId,drataStartDate,"
    "drataContractor"
)


class Settings(BaseSettings):
    """Every setting of an installation. Lists are comma-separated."""

    model_config = SettingsConfigDict(env_prefix="COUNTERSIGN_", extra="ignore")

    data_dir: Path = Field(
        PROJECT / "data", description="Where the store, the key file and the bundles live."
    )
    database_url: str = Field(
        "", description="A PostgreSQL URL. Empty: SQLite in the data directory."
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Fernet keys that encrypt stored secrets, newest first. Empty: a key file "
        "with mode 0600 in the data directory, made at first start.",
    )
    allow_loopback: bool = Field(
        False, description="Also accept organizations on loopback over plain http (tests only)."
    )
    workers: int = Field(16, ge=1, le=64, description="Requests to Okta at once during a sync.")
    raw_pages_days: int = Field(
        0,
        ge=0,
        description="Days after which the bodies of raw pages are let go of. 0: never.",
    )
    mailbox_names: Annotated[tuple[str, ...], NoDecode] = Field(
        tuple(MAILBOX_NAMES.split(",")),
        description="Local parts of e-mail addresses that are mailboxes, not people.",
    )
    service_user_types: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Values of userType, or ids of user types, that are service accounts."
    )
    time_zone: str = Field(
        "UTC",
        description="Where “today”, due dates and ends of exclusions are days, like Europe/Berlin.",
    )
    profile_attributes: Annotated[tuple[str, ...], NoDecode] = Field(
        tuple(PROFILE_ATTRIBUTES.split(",")),
        description="Attributes of people that are kept; all others are dropped at receipt.",
    )
    analysts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="E-mail addresses or Okta user ids of people who are always analysts."
    )
    public_url: str = Field(
        "", description="Where people open the app, like https://countersign.acme.com."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Further host names under which the app may be opened once sign-in is on."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of reverse proxies whose X-Forwarded-For and "
        "X-Forwarded-Proto are believed.",
    )
    session_idle_minutes: int = Field(
        30, ge=1, le=720, description="A session ends when nobody used it for so long."
    )
    session_hours: float = Field(
        12.0, gt=0, le=12, description="A session ends after so long in any case."
    )
    sign_in_attempts: int = Field(
        30, ge=1, le=10_000, description="Sign-in requests a minute from one address."
    )
    smtp_host: str = Field("", description="The mail server. Empty: nothing is sent.")
    smtp_port: int = Field(587, ge=1, le=65535, description="The mail server's port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection to the mail server is protected."
    )
    smtp_user: str = Field("", description="The user at the mail server, if it asks for one.")
    smtp_password: SecretStr = Field(SecretStr(""), description="That user's password.")
    mail_from: str = Field("", description="The address that e-mail comes from.")
    log_level: str = Field("INFO", description="How much goes to the log on standard error.")

    @field_validator("mailbox_names", "allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().lower() for part in value.split(",") if part.strip())
        return value

    @field_validator("analysts", "service_user_types", "profile_attributes", mode="before")
    @classmethod
    def _split_exactly(cls, value: object) -> object:
        # Okta's ids tell large letters from small ones.
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in zoneinfo.available_timezones():
            raise ValueError("A time zone like Europe/Berlin.")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ipaddress.ip_network(part, strict=False)) for part in value)

    @field_validator("allowed_hosts")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(set(name) & set("*/:@ ") for name in value):
            raise ValueError("Host names only, without port, path or wildcard.")
        return value

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value.strip().rstrip("/"))
        if not value:
            return ""
        local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if not parts.hostname or parts.path or parts.query or parts.fragment or parts.username:
            raise ValueError("An address like https://countersign.acme.com, without a path.")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise ValueError("People reach the app over https.")
        return f"{parts.scheme}://{parts.netloc.lower()}"

    @property
    def sends_mail(self) -> bool:
        """True when a mail server and a sender are set."""
        return bool(self.smtp_host and self.mail_from)

    @property
    def url(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'countersign.db'}"


def load_settings() -> Settings:
    """Read the environment. CountersignError names the variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        # Only the name: the value may be a secret.
        names = ", ".join(f"COUNTERSIGN_{e['loc'][0]}".upper() for e in error.errors())
        raise CountersignError(
            f"The setting {names} cannot be used.",
            code="bad_setting",
            action="Correct it or remove it; docs/operator.md lists what each setting takes.",
        ) from None
