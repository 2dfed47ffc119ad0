"""Who owns which application, group or admin role: set by an analyst, kept for every campaign.

Okta knows no owners of applications. Of several owners the first to decide settles it (SPEC 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage import audit_log, resource_owners
from workflows.errors import RuleRefused
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.review_access import require_analyst, require_reader
from workflows.review_basis import basis

MOST_OWNERS = 10


@dataclass(frozen=True)
class Ownership:
    """Who owns a resource. owners: Okta user id -> name; emails: the same with their addresses."""

    kind: str
    resource_id: str
    label: str
    owners: dict[str, str]
    emails: dict[str, str | None]
    set_by: str
    set_at: datetime

    def as_json(self) -> dict[str, Any]:
        """The document that `cli.py reviews owners --json` lists."""
        return {
            "resource": {"kind": self.kind, "okta_id": self.resource_id, "label": self.label},
            "owners": [{"okta_user_id": u, "email": self.emails[u]} for u in self.owners],
            "set_by": self.set_by,
            "set_at": self.set_at.isoformat(),
        }


def known_owners(inst: Installation, connection_id: int) -> dict[tuple[str, str], list[str]]:
    """(kind, resource id) -> user ids, of every resource that anybody owns."""
    with inst.database.read() as conn:
        rows = resource_owners.owners_of(conn, connection_id)
    return {(row["kind"], row["resource_id"]): row["owners"] for row in rows if row["owners"]}


@entry
def owners(inst: Installation, connection_id: int, *, actor: Actor) -> list[Ownership]:
    """Every resource that somebody owns, by label. Raises RuleRefused while reviews are off."""
    require_reader(actor, "owners")
    found = basis(inst, connection_id)
    keys = zip(found.resources["kind"], found.resources["resource_id"], strict=True)
    labels = dict(zip(keys, found.resources["label"], strict=True))
    with inst.database.read() as conn:
        rows = resource_owners.owners_of(conn, connection_id)
    told = [
        Ownership(
            kind=row["kind"], resource_id=row["resource_id"],
            label=str(labels.get((row["kind"], row["resource_id"]), row["resource_id"])),
            owners={u: str(found.who.names.get(u, u)) for u in row["owners"]},
            emails={u: found.who.emails.get(u) for u in row["owners"]},
            set_by=row["set_by"], set_at=row["set_at"],
        )
        for row in rows
        if row["owners"]
    ]  # fmt: skip
    return sorted(told, key=lambda one: (one.label.casefold(), one.resource_id))


@entry
def set_owners(
    inst: Installation,
    connection_id: int,
    kind: str,
    resource_id: str,
    who: Sequence[str],
    *,
    actor: Actor,
) -> list[str]:
    """Say who owns a resource from now on; open campaigns stay as they were frozen.

    who: ids, e-mails or logins; nobody ends it. Returns the ids. Raises RuleRefused where one is
    not known or cannot sign in.
    """
    require_analyst(actor, "set owners")
    found = basis(inst, connection_id)
    known = found.resources[found.resources["kind"] == kind]
    if resource_id not in set(known["resource_id"]):
        raise RuleRefused("This resource is not in Okta any more.", code="unknown_resource")
    ids = list(dict.fromkeys(found.who.person(text, field="owners") for text in who))
    if len(ids) > MOST_OWNERS:
        raise RuleRefused(
            f"A resource has at most {MOST_OWNERS} owners.", code="many_owners", field="owners"
        )
    for user_id in ids:
        if user_id not in found.who.can_review:
            raise RuleRefused(
                f"{found.who.names[user_id]} cannot sign in, and so cannot decide as an owner.",
                code="cannot_review", field="owners",
            )  # fmt: skip
    with inst.database.write() as conn:
        before = {
            (row["kind"], row["resource_id"]): row["owners"]
            for row in resource_owners.owners_of(conn, connection_id)
        }.get((kind, resource_id), [])
        if before != ids:
            now = inst.now()
            resource_owners.set_owners(
                conn, connection_id, kind, resource_id, ids, by=actor.name, at=now
            )
            audit_log.append(
                conn, actor=actor.id, action="review.owners_set",
                subject=f"{kind}:{resource_id}", detail={"before": before, "owners": ids}, at=now,
            )  # fmt: skip
    return ids
