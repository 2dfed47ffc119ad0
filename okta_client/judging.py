"""What an HTTP answer means: JSON to go on with, or the error that says what a person must do.

Okta's errorCode decides, never the status: 401 is a dead key (E0000011) as well as a feature that
the organization does not have (E0000015).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from okta_client.errors import (
    BadRequest,
    KeyInvalid,
    NotAnOktaOrg,
    NotEnabled,
    NotFound,
    NotPermitted,
    OktaError,
    RateLimited,
    StaleCursor,
    TookTooLong,
    TooManyAtOnce,
    Unavailable,
    UnexpectedAnswer,
)

_NO_JSON = object()
# A slow client's time-out at a gateway, and policy priorities being reconciled: over in a moment.
PASSING = {408, 423}


def judge(
    url: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    wait: float | None = None,
    hide: Callable[[str], str] = str,
) -> Any:
    """The parsed JSON of a 200. Raises the OktaError that every other answer means.

    wait: seconds that a 429 asks for. hide: takes secrets out of a text that the server sent, for
    nothing keeps it from sending back what it was sent.
    """
    parsed = _json(body)
    if status == 200 and parsed is not _NO_JSON:
        return parsed
    code = parsed.get("errorCode") if isinstance(parsed, dict) else None
    summary = parsed.get("errorSummary") if isinstance(parsed, dict) else None
    known = isinstance(code, str)
    request_id = headers.get("X-Okta-Request-Id")
    said = f"Okta says: {_line(hide(str(summary)), 300)}" if summary else "Okta gives no reason."
    error = _error(url, status, headers, parsed, code if known else None, said)
    error.endpoint = _line(hide(urlsplit(url).path), 200)
    error.okta_code = _line(hide(str(code)), 40) if known else None
    error.request_id = _line(hide(request_id), 100) if request_id else None
    error.status = status
    if isinstance(error, RateLimited):
        error.wait = wait
    raise error


def _error(
    url: str, status: int, headers: Mapping[str, str], parsed: Any, code: str | None, said: str
) -> OktaError:
    host = urlsplit(url).hostname
    from_okta = "X-Okta-Request-Id" in headers
    if 300 <= status < 400:
        return NotAnOktaOrg(f"{host} sent us to another address, which we do not follow.")
    if status == 429:
        budget = headers.get("X-Rate-Limit-Limit", "0").strip() not in {"", "0"}
        kind = RateLimited if budget else TooManyAtOnce
        return kind(f"{host} refused for its rate limit.", retryable=True)
    if status >= 500 or status in PASSING:
        slow = status in {500, 504}
        return (TookTooLong if slow else Unavailable)(
            f"{host} failed to answer ({status}).", retryable=True
        )
    if status == 200 or (parsed is _NO_JSON and from_okta):
        # A proxy's page, or a body cut short: trying again tells which.
        broken = UnexpectedAnswer if from_okta else NotAnOktaOrg
        return broken(f"{host} answered something that is not JSON.", retryable=True)
    if code is None:
        strange = UnexpectedAnswer if from_okta else NotAnOktaOrg
        return strange(f"{host} answers ({status}), but not as an Okta organization.")
    return _okta_said(url, status, code, said)


def _okta_said(url: str, status: int, code: str, said: str) -> OktaError:
    """The error for Okta's own error code."""
    if code in {"E0000011", "E0000004", "E0000005"}:
        return KeyInvalid("Okta does not accept the API key.")
    if code == "E0000015":
        return NotEnabled("The organization does not have this feature.")
    if code == "E0000006" or status == 403:
        return NotPermitted("The API key's owner may not read this.")
    if code in {"E0000008", "E0000022"} or status == 405:
        # The path itself, not what it names: Classic and Identity Engine organizations differ.
        return NotEnabled("The organization does not have this part of Okta's API.")
    if code == "E0000007" or status == 404:
        return NotFound(f"Okta does not know what was asked for. {said}")
    if status == 401:
        return KeyInvalid(f"Okta does not accept the API key. {said}")
    if code in {"E0000029", "E0000031"} and "after" in parse_qs(urlsplit(url).query):
        return StaleCursor("Okta no longer accepts the place in this list.")
    if status == 400:
        return BadRequest(f"Okta refused the question. {said}")
    if code == "E0000145":
        return BadRequest(f"Okta could not put this page of users together. {said}")
    return UnexpectedAnswer(f"Okta answered {status}. {said}")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return _NO_JSON


def _line(text: str, most: int) -> str:
    """A server's text, fit for a sentence and a log line."""
    return "".join(c if c.isprintable() else " " for c in text[:most])
