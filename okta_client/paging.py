"""From page to page: a page's records, what comes next, and when a list must not be believed."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from okta_client.addresses import same_origin
from okta_client.errors import UnexpectedAnswer

if TYPE_CHECKING:
    from okta_client.client import Request
    from okta_client.transport import Answer

_SINGLE = {"user", "group", "app", "app_user", "user_schema", "org"}
# Answers that are an object with the list inside, by the name it has there.
_WRAPPED = {"admin_assignees": "value", "domains": "domains"}
# Smaller pages than this cost more than they help (and some endpoints refuse them).
SMALLEST_PAGE = 20
_LIMIT = re.compile(r"([?&]limit=)(\d+)")


def records_of(request: "Request", answer: "Answer") -> list[Any]:
    """The records on a page. Raises UnexpectedAnswer when the body has another shape."""
    body = answer.json
    name = _WRAPPED.get(request.resource)
    if request.resource in _SINGLE and isinstance(body, dict):
        return [body]
    if name is not None and isinstance(body, dict) and isinstance(body.get(name), list):
        return list(body[name])
    if name is None and request.resource not in _SINGLE and isinstance(body, list):
        return body
    raise UnexpectedAnswer(
        f"Okta answered {type(body).__name__} where {request.resource} were asked for.",
        endpoint=request.path,
        request_id=answer.request_id,
        status=answer.status,
    )


def next_of(request: "Request", answer: "Answer", origin: str) -> str | None:
    """Where the next page is, from the Link header or the body; None at the end.

    Raises UnexpectedAnswer when it leads to another origin or another resource: the key must not
    follow it, and stopping there would pass half a list for a whole one.
    """
    link = answer.links.get("next")
    body = answer.json
    if link is None and isinstance(body, dict):
        links = body.get("_links")
        target = links.get("next") if isinstance(links, dict) else None
        link = target.get("href") if isinstance(target, dict) else target
    if link is None:
        return None
    url = ""
    try:
        url = urljoin(answer.url, link) if isinstance(link, str) else ""
        parts, ours = urlsplit(url), urlsplit(origin)
        if parts.netloc == _admin_host(ours.netloc):
            # Okta's own console host, as links under /iam show: the key stays at the organization.
            parts = parts._replace(netloc=ours.netloc)
            url = parts.geturl()
        # What is escaped in a path is the sender's choice, and an id may hold anything.
        good = same_origin(url, origin) and unquote(parts.path) == unquote(request.path)
    except ValueError:
        good = False
    if not good:
        raise UnexpectedAnswer(
            "A next page was said to be at another address, which was not asked.",
            endpoint=request.path,
            request_id=answer.request_id,
            status=answer.status,
        )
    return url


def _admin_host(host: str) -> str:
    """acme.okta.com -> acme-admin.okta.com"""
    name, _, rest = host.partition(".")
    return f"{name}-admin.{rest}"


@dataclass(slots=True)
class Job:
    """A page to be read. number counts from 1; restarted: the list had to begin anew."""

    request: "Request"
    url: str
    number: int = 1
    # Only of a list with more than one page: tens of thousands of jobs wait that have none.
    seen: set[str] | None = None
    restarted: bool = False
    kept: "Answer | None" = None
    attempt: int = 0
    limited: bool = False
    first_tried: float | None = None
    last_tried: float = 0.0

    def again(self, origin: str) -> "Job":
        """The list from its first page, read from Okta and not from what was kept."""
        return Job(self.request, self.request.url(origin), restarted=True)

    def ask_for_less(self) -> None:
        """Halve the page: Okta gives up on one that takes it over 30 s (500 E0000009)."""
        self.url = _LIMIT.sub(_halved, self.url)

    def read(self, answer: "Answer", origin: str, max_pages: int) -> tuple[list[Any], "Job | None"]:
        """The records on a page and the job for the next; None at the end.

        Raises UnexpectedAnswer for a body of the wrong shape, a next page that was read before,
        leads elsewhere, or is one more than max_pages: none of these is the end of a list.
        """
        records = records_of(self.request, answer)
        url = next_of(self.request, answer, origin)
        # The log's next link is always there; an empty page is its end (Okta: System Log query).
        if url is None or (self.request.resource == "logs" and not records):
            return records, None
        seen = set() if self.seen is None else self.seen
        seen.update((_place(self.url), self.url))
        problem = ""
        if _place(url) in seen:
            problem = "A list leads back to a page that was read already."
        elif self.number >= max_pages:
            problem = f"A list does not end after {self.number:,} pages."
        if problem:
            raise UnexpectedAnswer(
                problem,
                endpoint=self.request.path,
                request_id=answer.request_id,
                status=answer.status,
            )
        return records, Job(self.request, url, self.number + 1, seen, self.restarted)


def _place(url: str) -> str:
    """What tells one page of a list from another: its cursor, or the whole address."""
    cursor = parse_qs(urlsplit(url).query).get("after")
    return f"after {cursor}" if cursor else url


def _halved(match: re.Match[str]) -> str:
    size = int(match.group(2))
    return match.group(1) + str(min(size, max(SMALLEST_PAGE, size // 2)))
