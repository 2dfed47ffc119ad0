"""What analysts and auditors ask about a campaign: progress, care, drift, and the one before."""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from controls.access import KEY
from controls.review_signals import HOW_QUALITY, Quality, quality
from controls.reviewing import NOT_MINE, UNDO
from storage import campaigns, review_items, review_log, runs, sessions
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.review_access import require_reader
from workflows.review_drift import drift_of
from workflows.review_people import who_is_there
from workflows.reviews import found

__all__ = ["HOW_QUALITY", "Comparison", "Part"]


@dataclass(frozen=True)
class Part:
    """One reviewer's part.

    team: their department now. signals_left: undecided items with a signal. seen_at: when they last
    decided here, or were last signed in since it opened; None for neither. signed_at: None until
    signed; stale when something changed after the signature.
    """

    user_id: str | None
    name: str
    email: str | None
    team: str | None
    items: int
    decided: int
    keep: int
    revoke: int
    change: int
    signals_left: int
    seen_at: datetime | None
    signed_at: datetime | None
    stale: bool
    quality: Quality | None


@dataclass(frozen=True)
class Comparison:
    """A campaign beside the one before. Frames: person, resource, kind, state."""

    previous_id: int
    previous_name: str
    new: pd.DataFrame
    gone: pd.DataFrame
    unchanged: int


@entry
def progress(inst: Installation, campaign_id: int, *, by: str, actor: Actor) -> pd.DataFrame:
    """Counts by "resource" or "department": label, items, decided, keep, revoke, change, …"""
    require_reader(actor, "campaigns")
    with inst.database.read() as conn:
        found(conn, campaign_id)
        counted = review_items.progress(conn, campaign_id, by=by)
    counted["label"] = counted["label"].fillna("").replace("", "Not stated")
    return counted


@entry
def parts(inst: Installation, campaign_id: int, *, actor: Actor) -> list[Part]:
    """Each reviewer's part: how far, signed or not, and how carefully it was decided."""
    require_reader(actor, "campaigns")
    with inst.database.read() as conn:
        record = found(conn, campaign_id)
        counted = review_items.progress(conn, campaign_id, by="reviewer")
        signals = review_items.signals_left(conn, campaign_id)
        opened = record.opened_at or record.created_at
        seen = sessions.last_seen(conn, record.connection_id, since=opened)
        known = campaigns.reviewers(conn, campaign_id)
        said = review_log.decisions_in(conn, campaign_id)
        signed = {
            row["reviewer_id"]: row for row in reversed(campaigns.sign_offs(conn, campaign_id))
        }
        changed = {
            user_id: review_log.newest_change(conn, campaign_id, user_id) for user_id in signed
        }
    # Taking back is no decision, and handing on is none either.
    judged = said[~said["decision"].isin([UNDO, NOT_MINE]) & ~said["id"].isin(said["takes_back"])]
    by_reviewer = {str(user_id): mine for user_id, mine in judged.groupby("decided_by")}
    for user_id, at in said.groupby("decided_by")["decided_at"].max().items():
        seen[str(user_id)] = max(at.to_pydatetime(), seen.get(str(user_id), opened))
    people = who_is_there(inst, record.connection_id).people
    teams = dict(zip(people["user_id"], people["department"], strict=True))
    told = []
    for row in counted.to_dict("records"):
        user_id = row["id"] if isinstance(row["id"], str) else None
        who = known.get(user_id or "", {"name": "Nobody yet", "email": None})
        sign = signed.get(user_id or "")
        mine = by_reviewer.get(user_id or "")
        told.append(
            Part(
                user_id=user_id, name=who["name"], email=who["email"],
                team=teams.get(user_id or ""), signals_left=signals.get(user_id, 0),
                seen_at=seen.get(user_id or ""),
                **{n: int(row[n]) for n in ("items", "decided", "keep", "revoke", "change")},
                signed_at=sign["signed_at"] if sign else None,
                stale=bool(sign and changed[user_id] and changed[user_id] > sign["signed_at"]),
                quality=quality(mine) if mine is not None and len(mine) else None,
            )
        )  # fmt: skip
    return told


@entry
def sign_offs(inst: Installation, campaign_id: int, *, actor: Actor) -> list[dict[str, Any]]:
    """What reviewers signed, newest first."""
    require_reader(actor, "campaigns")
    with inst.database.read() as conn:
        return campaigns.sign_offs(conn, campaign_id)


@entry
def compare(inst: Installation, campaign_id: int, *, actor: Actor) -> Comparison | None:
    """What is new and what has gone since the campaign before. None when there was none.

    Only what both looked at is compared.
    """
    require_reader(actor, "campaigns")
    with inst.database.read() as conn:
        record = found(conn, campaign_id)
        if record.previous_id is None:
            return None
        earlier = found(conn, record.previous_id)
        ours, theirs = review_items.keys(conn, record.id), review_items.keys(conn, earlier.id)
    both = set(ours["resource_id"]) & set(theirs["resource_id"])
    ours, theirs = (f[f["resource_id"].isin(both)].reset_index(drop=True) for f in (ours, theirs))
    index, other = (pd.MultiIndex.from_frame(frame[KEY]) for frame in (ours, theirs))
    shown = ["person", "resource", "kind", "state"]
    new, gone = ~index.isin(other), ~other.isin(index)
    return Comparison(
        previous_id=earlier.id,
        previous_name=earlier.name,
        new=ours.loc[new, shown].reset_index(drop=True),
        gone=theirs.loc[gone, shown].reset_index(drop=True),
        unchanged=int((~new).sum()),
    )


_drifts: dict[tuple[object, ...], dict[str, int]] = {}
_lock = threading.Lock()


@entry
def drift_counts(inst: Installation, campaign_id: int, *, actor: Actor) -> dict[str, int]:
    """How many items are the same, gone, given in more, fewer or other ways since the freeze.

    As of the newest published run, and kept until there is a newer one.
    """
    require_reader(actor, "campaigns")
    with inst.database.read() as conn:
        record = found(conn, campaign_id)
    run = runs.latest_published(inst.database, record.connection_id)
    key = (inst.database.shown_url, campaign_id, run.id if run else None)
    with _lock:
        if key in _drifts:
            return _drifts[key]
    if run is None or run.id == record.run_id:
        counted = {"same": record.items}
    else:
        with inst.database.read() as conn:
            rows = review_items.keys(conn, campaign_id).to_dict("records")
        codes = pd.Series(drift_of(inst.database, record.connection_id, rows), dtype=object)
        counted = {str(code): int(n) for code, n in codes.value_counts().items()}
    with _lock:
        while len(_drifts) >= 50:
            _drifts.pop(next(iter(_drifts)))
        _drifts[key] = counted
    return counted
