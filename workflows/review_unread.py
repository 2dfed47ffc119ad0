"""What a campaign cannot look at because the run could not read it: named, and never left out
silently (SPEC 5)."""

from dataclasses import dataclass
from typing import Any

from controls.removing import NEEDS
from storage.runs import RunRecord
from workflows.errors import RuleRefused
from workflows.review_scope import Scope
from workflows.sync_plausible import lists_not_read
from workflows.sync_scope import LABELS

_KINDS = {"app": "applications", "group": "groups", "admin_role": "admin roles"}


@dataclass(frozen=True)
class Unread:
    """One thing that is not reviewed. id None: all of the kind, or some of it that nobody names."""

    kind: str
    id: str | None
    label: str
    reason: str
    in_part: bool = False

    def takes(self, kind: str, resource_id: str) -> bool:
        """Whether a resource belongs to it, and so is not reviewed."""
        return kind == self.kind and not self.in_part and self.id in (None, resource_id)

    def as_json(self) -> dict[str, Any]:
        """As the store and the commands have it."""
        return {"kind": self.kind, "okta_id": self.id, "label": self.label, "reason": self.reason}


def unread_of(run: RunRecord, scope: Scope) -> list[Unread]:
    """What this scope asks about and the run has not read: single lists, and whole kinds."""
    lists = lists_not_read(run)
    found = {
        (item["kind"], item["id"]): Unread(item["kind"], item["id"], item["label"], item["reason"])
        for item in lists
        if item["kind"] in scope.kinds and scope.takes_resource(item["kind"], item["id"])
    }
    named = {item["resource"] for item in lists}
    for kind in scope.kinds:
        for item in run.not_read or []:
            if item["resource"] in NEEDS[kind] and item["resource"] not in named:
                label = f"{_KINDS[kind]}: {LABELS.get(item['resource'], item['resource'])}"
                part = bool(item.get("in_part"))
                found[kind, item["resource"]] = Unread(kind, None, label, item["reason"], part)
    return [*found.values()]


def require_word(unread: list[Unread], reason: str, run: RunRecord) -> None:
    """Raises RuleRefused when something was not read and nobody has said that it may be so."""
    if not unread or reason.strip():
        return
    named = "; ".join(f"{item.label} ({item.reason.rstrip('.')})" for item in unread[:5])
    more = f"; and {len(unread) - 5:,} more" if len(unread) > 5 else ""
    raise RuleRefused(
        f"Run {run.id} could not read everything that is in scope: {named}{more}.",
        code="not_read",
        field="unread_reason",
        action="Give the key the permission that it lacks, and sync; or open without it and say "
        "why: it is then part of the campaign as not reviewed.",
    )
