"""Reading the system log: bounded by until, or polling, which always has a next link."""

import base64
import re
from datetime import timedelta

from demo_tenant.errors import Answer, error
from demo_tenant.organization import Json, stamp
from demo_tenant.search import parse
from demo_tenant.shapes import Call


def logs(call: Call) -> Answer:
    """The system log: bounded with until, else polling, which always has a next."""
    org, query = call.org, call.query
    if "after" in query and "since" in query and "until" not in query:
        return error(400, "E0000001", "Api validation failed: after and since exclude each other")
    bounded = "until" in query
    since = query.get("since") or stamp(org.now - timedelta(days=7))
    if since < stamp(org.now - timedelta(days=180)):
        return error(400, "E0000053", "Invalid filter: since parameter is over 180 days prior "
                     "to the current day.")  # fmt: skip
    test = parse(query["filter"]) if "filter" in query else None
    start = 0
    if "after" in query:
        start = _log_place(query["after"])
        if start < 0:
            return error(400, "E0000029", "Invalid paging request.", "Invalid cursor.")
    limit = call.limit(1000, 100)
    page: list[Json] = []
    number = start
    with org.lock:
        events = org.log.kept()
    for number in range(start, len(events)):
        event = events[number]
        in_time = event["published"] >= since and (
            not bounded or event["published"] < query["until"]
        )
        if in_time and (test is None or test(event) or _about(event, query["filter"])):
            page.append(event)
        if len(page) == limit:
            break
    following = number + 1 if page or start < len(events) else start
    if "repeat_log" in call.faults:
        page = [event for event in page for _ in range(2)]
    kept = {k: v for k, v in query.items() if k not in {"after", "since" if not bounded else ""}}
    if not bounded or len(page) == limit:
        kept["after"] = base64.urlsafe_b64encode(f"log:{following}".encode()).decode().rstrip("=")
        call.links["next"] = call.url({**kept, "limit": str(limit)})
    call.links["self"] = call.url(dict(query))
    return 200, page


def _about(event: Json, expression: str) -> bool:
    match = re.fullmatch(r'\s*target\.id eq "([^"]*)"\s*', expression)
    return bool(match) and any(t["id"] == match.group(1) for t in event["target"] or [])


def _log_place(cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return int(text.removeprefix("log:"))
    except ValueError:
        return -1
