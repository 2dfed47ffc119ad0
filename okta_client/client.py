"""The resources we read, as requests to be made, with the largest pages Okta documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from okta_client.errors import UnexpectedAnswer
from okta_client.paging import Job
from okta_client.paging import next_of as next_of
from okta_client.paging import records_of as records_of

if TYPE_CHECKING:
    from okta_client.transport import Answer, Transport

# A list longer than this is a loop that changes its cursor.
MAX_PAGES = 20_000
STATUSES = (
    "STAGED",
    "PROVISIONED",
    "ACTIVE",
    "RECOVERY",
    "PASSWORD_EXPIRED",
    "LOCKED_OUT",
    "SUSPENDED",
    "DEPROVISIONED",
)


@dataclass(frozen=True, slots=True)
class Request:
    """One resource to read. subject: the ids in its path, for those who read the answer."""

    resource: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    subject: tuple[str, ...] = ()

    def url(self, origin: str) -> str:
        """The address of the first page."""
        return origin + self.path + (f"?{urlencode(self.params)}" if self.params else "")


def _request(resource: str, path: str, *subject: str, **params: str | int) -> Request:
    ids = tuple(quote(part, safe="") for part in subject)
    return Request(
        resource,
        path.format(*ids),
        tuple((name, str(value)) for name, value in params.items()),
        subject,
    )


def users_of_all_statuses() -> Request:
    """Everybody, DEPROVISIONED included, in a guaranteed order (a plain list leaves them out)."""
    return _request(
        "users", "/api/v1/users", search="status pr", sortBy="created", sortOrder="asc", limit=200
    )


def users_of_all_statuses_by_filter() -> Request:
    """The same where search is refused."""
    statuses = " or ".join(f'status eq "{status}"' for status in STATUSES)
    return _request("users", "/api/v1/users", filter=statuses, limit=200)


def users_updated_since(moment: datetime, *, by_filter: bool = False) -> Request:
    """Whose profile or status changed at or after a moment (one-second resolution)."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    asked = {"filter" if by_filter else "search": f'lastUpdated ge "{text}"'}
    return _request("users", "/api/v1/users", **asked, limit=200)


def user(id_or_me: str) -> Request:
    """One user: the only read that Okta documents as up to date."""
    return _request("user", "/api/v1/users/{}", id_or_me)


def factors(user_id: str) -> Request:
    """A user's enrolled factors. There is no bulk endpoint."""
    return _request("factors", "/api/v1/users/{}/factors", user_id)


def user_roles(user_id: str) -> Request:
    """A user's admin roles, direct and through groups."""
    return _request("user_roles", "/api/v1/users/{}/roles", user_id)


def user_groups(user_id: str) -> Request:
    """The groups that a user is in."""
    return _request("user_groups", "/api/v1/users/{}/groups", user_id)


def groups() -> Request:
    """All groups with how many members they have and whether they give admin rights."""
    return _request("groups", "/api/v1/groups", expand="stats", limit=200)


def groups_without_stats() -> Request:
    """The same where stats are refused."""
    return _request("groups", "/api/v1/groups", limit=200)


def groups_named(name: str) -> Request:
    """Groups whose name equals a text, letter case aside. Names are not unique."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return _request("groups", "/api/v1/groups", search=f'profile.name eq "{quoted}"', limit=200)


def groups_beginning_with(text: str) -> Request:
    """Up to ten groups whose name begins with a text."""
    return _request("groups", "/api/v1/groups", q=text, limit=10)


def group(group_id: str) -> Request:
    """One group."""
    return _request("group", "/api/v1/groups/{}", group_id)


def group_members(group_id: str) -> Request:
    """A group's direct members (Okta has no nested groups)."""
    return _request("memberships", "/api/v1/groups/{}/users", group_id, limit=1000)


def group_rules() -> Request:
    """The rules that put people into groups."""
    return _request("group_rules", "/api/v1/groups/rules", limit=200)


def group_roles(group_id: str) -> Request:
    """A group's admin roles."""
    return _request("group_roles", "/api/v1/groups/{}/roles", group_id)


def admin_assignees() -> Request:
    """Users with any admin role: one short list instead of a request for each user."""
    return _request("admin_assignees", "/api/v1/iam/assignees/users", limit=100)


def apps() -> Request:
    """All applications."""
    return _request("apps", "/api/v1/apps", limit=200)


def app(app_id: str) -> Request:
    """One application."""
    return _request("app", "/api/v1/apps/{}", app_id)


def app_users(app_id: str) -> Request:
    """Who has an application, and directly or through which group."""
    return _request("app_users", "/api/v1/apps/{}/users", app_id, limit=500)


def app_user(app_id: str, user_id: str) -> Request:
    """One person's assignment to an application; not found when there is none."""
    return _request("app_user", "/api/v1/apps/{}/users/{}", app_id, user_id)


def apps_of_user(user_id: str) -> Request:
    """All applications that a person has, each with the assignment embedded."""
    quoted = f'user.id eq "{user_id}"'
    params = (("filter", quoted), ("expand", f"user/{user_id}"), ("limit", "200"))
    return Request("user_apps", "/api/v1/apps", params, (user_id,))


def app_groups(app_id: str) -> Request:
    """The groups that an application is assigned to."""
    return _request("app_groups", "/api/v1/apps/{}/groups", app_id, limit=200)


def app_grants(app_id: str) -> Request:
    """The Okta API scopes granted to an application."""
    return _request("app_grants", "/api/v1/apps/{}/grants", app_id)


def user_schema() -> Request:
    """The default user type's attributes and who may see them."""
    return _request("user_schema", "/api/v1/meta/schemas/user/default")


def policies(kind: str) -> Request:
    """Policies of one type ("OKTA_SIGN_ON", "MFA_ENROLL", …): the type is required."""
    return Request("policies", "/api/v1/policies", (("type", kind),), (kind,))


def policy_rules(policy_id: str) -> Request:
    """A policy's rules."""
    return _request("policy_rules", "/api/v1/policies/{}/rules", policy_id)


def authenticators() -> Request:
    """The organization's authenticators (Identity Engine only)."""
    return _request("authenticators", "/api/v1/authenticators")


def api_tokens() -> Request:
    """The API tokens, with owner, expiry and network."""
    return _request("api_tokens", "/api/v1/api-tokens")


def org() -> Request:
    """The organization itself."""
    return _request("org", "/api/v1/org")


def domains() -> Request:
    """The organization's custom domains."""
    return _request("domains", "/api/v1/domains")


def log(since: datetime, until: datetime, *, limit: int = 1000) -> Request:
    """The System Log of a bounded time."""
    times = {
        name: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        for name, moment in (("since", since), ("until", until))
    }
    return _request("logs", "/api/v1/logs", **times, limit=limit)


def log_since(moment: datetime) -> Request:
    """The System Log from a moment on, to be followed for ever: polling, in order of keeping."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return _request("logs", "/api/v1/logs", since=text, sortOrder="ASCENDING", limit=1000)


def log_from(next_link: str) -> Request:
    """The System Log from a polling read's stored next link on. Its host is not used."""
    query = urlsplit(next_link).query
    return Request("logs", "/api/v1/logs", tuple(parse_qsl(query, keep_blank_values=True)))


class OktaClient:
    """Reads resources one after the other: for preflight and single questions."""

    def __init__(self, transport: "Transport"):
        self.transport = transport

    def pages(self, request: Request, *, limit: int | None = None) -> Iterator["Answer"]:
        """A list's answers, following next; the first limit pages, or all. Raises OktaError."""
        job: Job | None = Job(request, request.url(self.transport.origin))
        while job is not None and (limit is None or job.number <= limit):
            answer = self.transport.get(job.url)
            _, following = job.read(answer, self.transport.origin, MAX_PAGES)
            yield answer
            job = following

    def records(self, request: Request, *, limit: int | None = None) -> Iterator[Any]:
        """A list's records over its first limit pages."""
        for answer in self.pages(request, limit=limit):
            yield from records_of(request, answer)

    def one(self, request: Request) -> dict[str, Any]:
        """A single object. Raises UnexpectedAnswer for anything else."""
        answer = self.transport.get(request.url(self.transport.origin))
        record = records_of(request, answer)[0]
        if not isinstance(record, dict):
            raise UnexpectedAnswer("An object was expected.", endpoint=request.path)
        return record
