"""Who may do what with access reviews (SPEC 7): each role its part, each reviewer their own."""

from workflows.errors import NotAllowed
from workflows.installation import Actor

SEES_ALL = {"analyst", "auditor", "system"}


def require_analyst(actor: Actor, what: str) -> None:
    """Raises NotAllowed unless the actor may change how reviews run. what: "open a campaign"."""
    if actor.role not in {"analyst", "system"}:
        raise NotAllowed(f"Only a compliance analyst may {what}.")


def require_reader(actor: Actor, what: str) -> None:
    """Raises NotAllowed unless the actor may read all that there is. what: "campaigns"."""
    if actor.role not in SEES_ALL:
        raise NotAllowed(f"Only analysts and auditors see {what}.")


def may_see_all(actor: Actor) -> bool:
    """True for who reads everybody's items; others see their own only."""
    return actor.role in SEES_ALL
