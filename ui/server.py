"""What stands around the app: routes, middleware, and what happens when the server starts."""

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Route

from ui import callers, probes, sign_in_routes
from ui.gate import Gate
from ui.headers import SecurityHeaders
from workflows import demo, sync
from workflows.due import run_due
from workflows.errors import CountersignError
from workflows.installation import Installation, open_installation
from workflows.sign_in import sign_in_state

logger = logging.getLogger(__name__)

# A reminder may be some minutes late; a database should not be asked all the time.
ROUND_SECONDS = 300.0


def middleware() -> list[Middleware]:
    """Outermost first: headers also on refusals."""
    return [Middleware(SecurityHeaders), Middleware(Gate)]


def routes() -> list[Route]:
    """What is not Streamlit's."""
    return [
        *probes.routes(),
        *sign_in_routes.routes(),
        # Streamlit knows its first page as "/" only, and people type its name.
        Route("/overview", lambda request: RedirectResponse("/")),
    ]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Take up what an earlier process left, without keeping anybody waiting."""
    threading.Thread(target=take_up, name="countersign-start", daemon=True).start()
    stopped = threading.Event()
    threading.Thread(target=rounds, args=(stopped,), name="countersign-due", daemon=True).start()
    yield
    stopped.set()


def rounds(stopped: threading.Event) -> None:
    """Do what is due, time and again: campaigns that repeat, reminders, e-mail. Never raises."""
    while not stopped.wait(ROUND_SECONDS):
        try:
            done = run_due(open_installation())
        except CountersignError as error:
            logger.error("What is due could not be done: %s", error)
        except Exception:
            logger.exception("What is due could not be done; it is tried again.")
        else:
            if done.opened or done.reminded or done.sent:
                logger.info("%s", done.sentence)


def take_up() -> None:
    """Say who is answered, resume orphaned sync runs and start the demo tenant again.

    Never raises.
    """
    try:
        installation = open_installation()
    except CountersignError as error:
        # The pages say the same to whoever opens them.
        logger.error("The store cannot be opened: %s", error)
        return
    for step in (_say_who_is_answered, demo.ensure_demo_running, sync.resume_orphans):
        try:
            step(installation)
        except CountersignError as error:
            logger.error("%s", error)
        except Exception:
            logger.exception("A start-up step failed; the app serves without it.")


def _say_who_is_answered(inst: Installation) -> None:
    state = sign_in_state(inst)
    if state.on:
        hosts = ", ".join(offer.host for offer in state.offers)
        logger.warning("People sign in with Okta (%s).", hosts)
        return
    address = str(st.get_option("server.address") or "0.0.0.0")  # noqa: S104 - Streamlit's default
    logger.warning(
        "%s Only this computer is answered, as a single local analyst.%s",
        state.why_off,
        ""
        if callers.is_loopback(address) or address == "localhost"
        else f" The server listens on {address}, where others are refused: set up sign-in first.",
    )
