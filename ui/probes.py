"""What operators' probes ask: whether the process answers, and whether it can serve."""

import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ui import callers
from workflows.errors import CountersignError
from workflows.installation import open_installation
from workflows.readiness import readiness

logger = logging.getLogger(__name__)


def routes() -> list[Route]:
    """Both probes. They tell strangers nothing but yes and no."""
    return [Route("/healthz", _healthz), Route("/readyz", _readyz)]


async def _healthz(request: Request) -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def _readyz(request: Request) -> JSONResponse:
    """Database, migrations and key are there; 503 when not, with the reason on this computer."""
    problem = await run_in_threadpool(_problem)
    if problem is None:
        return JSONResponse({"status": "ready"})
    logger.warning("Not ready. %s", problem)
    reason = {"reason": problem} if callers.caller_of(request.scope).local else {}
    return JSONResponse({"status": "not ready", **reason}, 503)


def _problem() -> str | None:
    try:
        return readiness(open_installation())  # opening migrates
    except CountersignError as error:
        return str(error)
    except Exception:  # a probe must answer whatever the driver raises
        logger.exception("The store does not answer.")
        return "The store does not answer; the log says why."
