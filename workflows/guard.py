"""The door of every use case: who asks, whether they may, and that a refusal is written down.

A use case marked @entry is looked up in workflows/permissions.py and checked where it is called.
For who signed in, session and role are read from the store again at each call: a callback of a
page that was drawn before the sign-out is refused like any other. Behind the door the program
itself works, so that one use case may build on another.
"""

import functools
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from storage import audit_log
from workflows.errors import NotAllowed
from workflows.installation import LOCAL_ANALYST, Actor, Installation
from workflows.permissions import ENTRIES, Rule
from workflows.who import Standing, local_standing, seat_by_id

P = ParamSpec("P")
R = TypeVar("R")
# The same refusal to the same person is written down once in so many seconds.
NOTED_SECONDS = 60.0
_noted: dict[tuple[str, str, str], float] = {}
_lock = threading.Lock()


def entry(
    function: Callable[Concatenate[Installation, P], R],
) -> Callable[Concatenate[Installation, P], R]:
    """Mark a use case that doors call. It must be in the table of workflows/permissions.py."""
    name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
    rule = ENTRIES[name]

    @functools.wraps(function)
    def guarded(inst: Installation, /, *args: P.args, **kwargs: P.kwargs) -> R:
        actor: Any = kwargs.get("actor")
        return function(admitted(inst, actor, rule, name), *args, **kwargs)

    return guarded


def admitted(inst: Installation, actor: Actor | None, rule: Rule, name: str) -> Installation:
    """The installation as the program itself uses it, once the asker may. Raises CountersignError.

    The asker is who the door bound the installation to, else actor. With neither the program
    itself asks: at its start, on its schedule, in a use case that builds on another.
    """
    who = inst.actor or actor
    if who is None or rule.roles is None:
        return replace(inst, actor=None)
    if actor is not None and actor.id != who.id:
        raise refused(inst, who, name, "It was asked for in another person's name.")
    standing = _standing(inst, who)
    if standing.role not in rule.roles:
        raise refused(inst, who, name, f"It is not for the role {standing.role}.")
    if standing.until is not None and not rule.heeds_limit:
        raise refused(
            inst,
            who,
            name,
            f"Your access ends with what was published by {standing.until:%-d %b %Y}.",
        )
    limits = [until for until in (standing.until, inst.until) if until is not None]
    return replace(inst, actor=None, until=min(limits, default=None))


def refused(inst: Installation, who: Actor, what: str, why: str) -> NotAllowed:
    """The refusal to raise, written to the audit log. what: the use case or page."""
    _note(inst, who, what, why)
    return NotAllowed(f"You may not do or see this. {why}")


@entry
def note_refusal(inst: Installation, *, actor: Actor, page: str) -> None:
    """Write down that somebody opened a page that is not for their role."""
    _note(inst, actor, f"page:{page}", f"It is not for the role {actor.role}.")


def _standing(inst: Installation, who: Actor) -> Standing:
    if who.session_id is None and who.id != LOCAL_ANALYST.id:
        return Standing(who.role)
    with inst.database.read() as conn:
        if who.session_id is None:
            return local_standing(conn)
        return seat_by_id(inst, conn, who.session_id)[1]


def _note(inst: Installation, who: Actor, what: str, why: str) -> None:
    key = (inst.database.shown_url, who.id, what)
    now = time.monotonic()
    with _lock:
        if now - _noted.get(key, -NOTED_SECONDS) < NOTED_SECONDS:
            return
        if len(_noted) > 1000:
            _noted.clear()
        _noted[key] = now
    with inst.database.write() as conn:
        audit_log.append(
            conn,
            actor=who.id,
            action="access.refused",
            subject=what,
            detail={"role": who.role, "why": why, "session": who.session_id},
            at=inst.now(),
        )
