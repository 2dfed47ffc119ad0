"""The two cookies: the session's random id, and a sign-in that is under way. Nothing else in them.

Over https they carry the __Host- prefix and Secure, so that no other host or plain http can set
them; over http, which is this computer only, they have other names.
"""

from starlette.responses import Response
from starlette.types import Scope

SESSION, ATTEMPT = "countersign", "countersign-sign-in"
ATTEMPT_SECONDS = 600


def name_of(cookie: str, *, secure: bool) -> str:
    """The cookie's name over https or http."""
    return f"__Host-{cookie}" if secure else cookie


def put(response: Response, cookie: str, value: str, *, secure: bool) -> None:
    """Set a cookie. The session's has no age: it goes with the browser, or with the session."""
    response.set_cookie(
        name_of(cookie, secure=secure),
        value,
        max_age=ATTEMPT_SECONDS if cookie == ATTEMPT else None,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop(response: Response, cookie: str, *, secure: bool) -> None:
    """Take a cookie out of the browser."""
    response.delete_cookie(
        name_of(cookie, secure=secure), path="/", secure=secure, httponly=True, samesite="lax"
    )


def strip_others(scope: Scope, *, secure: bool) -> None:
    """Take out of a request what was set over the other scheme, before anybody reads it."""
    unwanted = {name_of(cookie, secure=not secure) for cookie in (SESSION, ATTEMPT)}
    headers = []
    for name, value in scope["headers"]:
        if name.lower() == b"cookie":
            kept = [
                part
                for part in value.decode("latin-1").split(";")
                if part.partition("=")[0].strip() not in unwanted
            ]
            value = ";".join(kept).encode("latin-1")
        headers.append((name, value))
    scope["headers"] = headers
