"""The routes of signing in and out. What is right and wrong is said in workflows/sign_in.py."""

from collections.abc import Callable
from functools import wraps

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ui import callers, cookies
from ui.limiter import Limiter
from ui.own_paths import own_path, own_path_of_url
from ui.sign_in_pages import (
    confirm_sign_out_page,
    refused_page,
    signed_out_page,
    slow_down_page,
)
from workflows import demo, sessions, sign_in
from workflows.errors import CountersignError
from workflows.installation import Installation, open_installation
from workflows.sessions import From

_limiter = Limiter()
_warned = Limiter()
# A longer answer of Okta's is none.
_LONGEST = 4096
Answer = Callable[[Request, Installation], Response]


def routes() -> list[Route]:
    """The way in and out, and the demo's personas."""
    return [
        Route("/login", _plainly(_login, limited=True)),
        Route("/login/initiate", _plainly(_initiate, limited=True)),
        Route("/callback", _plainly(_callback, limited=True)),
        Route("/logout", _plainly(_logout)),
        Route("/signed-out", _plainly(_signed_out)),
        Route("/demo/persona", _plainly(_persona)),
    ]


def _plainly(answer: Answer, *, limited: bool = False) -> Callable[[Request], object]:
    """In a worker thread, with every refusal on a plain page."""

    def carry_out(request: Request) -> Response:
        try:
            inst = open_installation()
            wait = _too_many(request, inst) if limited else 0
            return slow_down_page(wait) if wait else answer(request, inst)
        except CountersignError as error:
            return refused_page(error.message, error.action, status=400)

    @wraps(answer)
    async def route(request: Request) -> Response:
        return await run_in_threadpool(carry_out, request)

    return route


def _login(request: Request, inst: Installation) -> Response:
    """Ours: from the button, keeping where the person wanted to go."""
    wanted = request.query_params.get("next")
    next = own_path(wanted)
    if next is None:
        raise _open_redirect(request, inst)
    chosen = request.query_params.get("connection", "")
    connection_id = (
        int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None
    )
    return _begin(request, inst, next=next, connection_id=connection_id)


def _initiate(request: Request, inst: Installation) -> Response:
    """Okta's tile (OpenID Connect Core 4, third-party initiated login)."""
    caller = callers.caller_of(request.scope)
    next = own_path_of_url(request.query_params.get("target_link_uri"), caller.base_url)
    if next is None:
        raise _open_redirect(request, inst)
    return _begin(request, inst, next=next, iss=request.query_params.get("iss", ""))


def _begin(request: Request, inst: Installation, **more: object) -> Response:
    caller = callers.caller_of(request.scope)
    begun = sign_in.begin(
        inst,
        base_url=caller.base_url,
        browser=_cookie(request, cookies.ATTEMPT),
        came=_came(request),
        **more,
    )
    response = RedirectResponse(begun.url, 303)
    cookies.put(response, cookies.ATTEMPT, begun.browser, secure=caller.secure)
    return response


def _callback(request: Request, inst: Installation) -> Response:
    """Back from Okta. The session's id is new, whatever cookie the browser came with."""
    caller, query = callers.caller_of(request.scope), request.query_params
    done = sign_in.complete(
        inst,
        state=query.get("state", "")[:_LONGEST],
        code=query.get("code", "")[:_LONGEST],
        error=query.get("error", "")[:_LONGEST],
        iss=query.get("iss"),
        browser=_cookie(request, cookies.ATTEMPT),
        old_token=_cookie(request, cookies.SESSION),
        came=_came(request),
    )
    response = RedirectResponse(done.next, 303)
    cookies.put(response, cookies.SESSION, done.token, secure=caller.secure)
    cookies.drop(response, cookies.ATTEMPT, secure=caller.secure)
    return response


def _logout(request: Request, inst: Installation) -> Response:
    """End our session, then Okta's where it can be."""
    if _from_elsewhere(request):
        return confirm_sign_out_page()
    caller = callers.caller_of(request.scope)
    token = _cookie(request, cookies.SESSION)
    onward = sessions.sign_out(inst, token, base_url=caller.base_url)
    response = RedirectResponse(onward or "/signed-out", 303)
    cookies.drop(response, cookies.SESSION, secure=caller.secure)
    return response


def _signed_out(request: Request, inst: Installation) -> Response:
    return signed_out_page()


def _persona(request: Request, inst: Installation) -> Response:
    """Become one of the demo's people in this browser; without a name the local analyst again."""
    caller, query = callers.caller_of(request.scope), request.query_params
    if _from_elsewhere(request):
        return refused_page("Another site asked for a persona.", "", status=400)
    token = demo.play_persona(
        inst,
        query.get("as", ""),
        old_token=_cookie(request, cookies.SESSION),
        came=_came(request),
    )
    response = RedirectResponse(own_path(query.get("next")) or "/", 303)
    if token is None:
        cookies.drop(response, cookies.SESSION, secure=caller.secure)
    else:
        cookies.put(response, cookies.SESSION, token, secure=caller.secure)
    return response


def _too_many(request: Request, inst: Installation) -> int:
    """Seconds to wait. The first refusal in a minute is written down."""
    address = callers.caller_of(request.scope).address
    wait = _limiter.wait(address, limit=inst.settings.sign_in_attempts)
    if wait and _warned.wait(address, limit=1) == 0:
        sign_in.note_turned_away(inst, "too_many", "Too many sign-ins.", came=_came(request))
    return wait


def _open_redirect(request: Request, inst: Installation) -> CountersignError:
    return sign_in.note_turned_away(
        inst,
        "foreign_target",
        "This sign-in would have led to an address that is none of ours.",
        came=_came(request),
    )


def _from_elsewhere(request: Request) -> bool:
    """Whether the browser says that another site sent it."""
    return request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}


def _cookie(request: Request, cookie: str) -> str | None:
    secure = callers.caller_of(request.scope).secure
    value = request.cookies.get(cookies.name_of(cookie, secure=secure), "")
    return value if 0 < len(value) <= 200 else None


def _came(request: Request) -> From:
    caller = callers.caller_of(request.scope)
    return From(caller.address, request.headers.get("user-agent", "")[:200], local=caller.local)
