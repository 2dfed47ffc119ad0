"""The gate between the socket and the app: who may be served at all, by page or by websocket.

Pure ASGI, so that websockets pass the same gate as pages. While sign-in is on, nothing but the way
in and the probes answers without a session: Streamlit is not even reached.
"""

import logging
import time
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui import callers, cookies
from ui.limiter import Limiter
from ui.own_paths import is_page
from ui.sign_in_pages import sign_in_page
from workflows import sessions, sign_in
from workflows.errors import CountersignError
from workflows.installation import Installation, open_installation
from workflows.sessions import From
from workflows.settings import Settings, load_settings
from workflows.sign_in import SignInState

logger = logging.getLogger(__name__)

_CLOSED_BY_POLICY = 1008
PROBES = ("/healthz", "/readyz")
WAY_IN = ("/login", "/login/initiate", "/callback", "/logout", "/signed-out")
# Streamlit's own scripts and styles, the same for everybody.
_PUBLIC = "/static/"
# What Streamlit offers and this app does not use: counters, another sign-in, an agent's door.
_UNSERVED = ("/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent", "/_stcore/mcp",
             "/auth/", "/oauth2callback")  # fmt: skip
Policy = tuple[Installation | None, Settings, SignInState]
_OLD_SECONDS = 2.0
_last: tuple[float, Policy] | None = None
# A cookie that is not ours is written down once a minute for each address.
_strangers = Limiter()


class Gate:
    """Lets through what may be served, and answers the rest itself."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        answer = await run_in_threadpool(judge, scope)
        if answer is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _CLOSED_BY_POLICY})
        else:
            await answer(scope, receive, send)


def judge(scope: Scope) -> Response | None:
    """The answer to a request that does not pass; None when it does. Prepares what passes."""
    path = str(scope["path"])
    inst, settings, state = _policy(may_be_old=path.startswith(_PUBLIC))
    caller = callers.identify(scope, settings)
    callers.keep(scope, caller)
    _mark(scope, local=caller.local)
    cookies.strip_others(scope, secure=caller.secure)
    if path in PROBES and state.on:
        return None
    reason = callers.refusal(caller, settings, sign_in=state.on)
    if reason is not None:
        logger.warning("Refused a request. %s", reason)
        return PlainTextResponse(_refused(reason, state), 403)
    if path.startswith(_UNSERVED):
        return PlainTextResponse("Not served here.\n", 404)
    if not state.on or inst is None or path in WAY_IN or path.startswith(_PUBLIC):
        return None
    return _without_session(scope, inst, state, caller)


def _policy(*, may_be_old: bool) -> Policy:
    """What is in force now. may_be_old: of a moment ago, for the hundred files of a first visit."""
    global _last
    if may_be_old and _last is not None and time.monotonic() - _last[0] < _OLD_SECONDS:
        return _last[1]
    found = _policy_now()
    _last = (time.monotonic(), found)
    return found


def _policy_now() -> Policy:
    """From the store. Where it cannot be opened, only this computer is answered."""
    try:
        inst = open_installation()
        return inst, inst.settings, sign_in.sign_in_state(inst)
    except CountersignError as error:
        why = error.message
    except Exception:  # whatever the driver raises, the gate stays shut to others
        logger.exception("The store does not answer.")
        why = "The store does not answer."
    try:
        return None, load_settings(), SignInState((), why)
    except CountersignError as error:
        return None, Settings.model_construct(), SignInState((), error.message)


def _without_session(
    scope: Scope, inst: Installation, state: SignInState, caller: callers.Caller
) -> Response | None:
    connection = HTTPConnection(scope)
    token = connection.cookies.get(cookies.name_of(cookies.SESSION, secure=caller.secure))
    found = sessions.visitor(inst, token)
    if found.actor is not None:
        return None
    if found.reason == "unknown":
        _note_stranger(inst, caller, connection.headers)
    elif found.reason != "anonymous" and scope["type"] == "websocket":
        # An open tab whose session has ended: the frame tells the person.
        return None
    if scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD"):
        return PlainTextResponse("Sign in first.\n", 401)
    if "text/html" not in connection.headers.get("accept", ""):
        return PlainTextResponse("Sign in first.\n", 401)
    wanted = str(scope["path"]) if is_page(str(scope["path"])) else "/"
    query = scope.get("query_string", b"").decode("latin-1")
    return sign_in_page(state, next=f"{wanted}?{query}" if query else wanted, note=found.sentence)


def _note_stranger(inst: Installation, caller: callers.Caller, headers: Headers) -> None:
    if _strangers.wait(caller.address, limit=1) == 0:
        came = From(caller.address, headers.get("user-agent", "")[:200])
        sign_in.note_turned_away(inst, "unknown_session", "It is not known here.", came=came)


def _mark(scope: Scope, *, local: bool) -> None:
    """Tell the script, in a header that nobody else can write, that this computer is asking."""
    name = callers.LOCAL_HEADER.encode()
    headers: list[tuple[bytes, Any]] = [h for h in scope["headers"] if h[0].lower() != name]
    if local:
        headers.append((name, callers.LOCAL_MARK.encode()))
    scope["headers"] = headers


def _refused(reason: str, state: SignInState) -> str:
    why = (
        "Whoever runs this installation finds the settings in docs/deploy.md."
        if state.on
        else f"{state.why_off} So the app serves only the computer that it runs on, as a single "
        "local analyst. Open it there as http://127.0.0.1 with its port. To reach it from "
        "elsewhere, tunnel the port by SSH, or switch sign-in on."
    )
    return f"Countersign does not answer this request.\n\n{reason}\n\n{why}\n"
