"""Preflight: what is asked, what a check says, and what the checks find out on the way."""

from dataclasses import dataclass, field
from typing import Any

ADMINS = "Security > Administrators"
# State, message, action of a check.
Said = tuple[str, str, str]


@dataclass(frozen=True)
class Check:
    """One check's outcome. state: pass, warn, fail, unknown, or not_needed."""

    id: str
    number: int
    title: str
    state: str
    message: str
    action: str = ""
    blocking: bool = False


@dataclass(frozen=True)
class Question:
    """What is to be connected, as a person gave it.

    known_group: id and label of the group that is connected already, which stays by its id.
    change_group: the label may name another group than that.
    """

    organization: str
    api_key: str
    custom_domain: str = ""
    group_label: str = ""
    known_group: tuple[str, str] | None = None
    change_group: bool = False
    email_domains: tuple[str, ...] = ()
    client_id: str = ""
    client_secret: str = ""
    access_reviews: bool = False
    redirect_uri: str = ""
    initiate_login_uri: str = ""
    post_logout_redirect_uri: str = ""
    older_sign_in: str = ""
    allow_loopback: bool = False


@dataclass
class Facts:
    """What the checks found out, for whoever saves the connection."""

    org_id: str | None = None
    key_owner_id: str | None = None
    key_owner_login: str | None = None
    group: tuple[str, str] | None = None
    domain_counts: dict[str, int] = field(default_factory=dict)
    users_seen: int = 0
    all_users_seen: bool = False
    owner_seen: bool = False
    a_user_id: str | None = None
    app: dict[str, Any] | None = None
