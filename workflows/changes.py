"""What a run changed, in words about people: who joined, left, enrolled, lost MFA."""

import threading
from collections.abc import Iterable, Sequence

import pandas as pd

from controls import mfa, personnel
from storage import history, snapshots
from storage.directory import KINDS
from workflows.guard import entry
from workflows.installation import Installation
from workflows.person_history import WATCHED
from workflows.snapshot import moment
from workflows.sync import get_run

COLUMNS = ["user_id", "name", "email", "kind", "what", "before", "after"]
KINDS_OF_CHANGE = (
    "joined",
    "left",
    "lost MFA factor",
    "enrolled",
    "status changed",
    "got role",
    "lost role",
    "profile changed",
    "joined group",
    "left group",
)

# user_id, kind, what, before, after
_Row = tuple[str, str, str, str, str]
# A page of a list is looked at, then the next: what a run changed is put together once.
_cache: dict[tuple[object, ...], pd.DataFrame] = {}
_lock = threading.Lock()
_MOST_KEPT = 4


@entry
def run_changes(inst: Installation, run_id: int) -> pd.DataFrame:
    """One row a change, most telling kinds first. Columns: see COLUMNS. Not to be changed."""
    run = get_run(inst, run_id)
    now = moment(inst, run.connection_id)
    # What a published run changed stays; the names of people are those of the newest run.
    key = (inst.database.shown_url, run_id, run.state, now.run.id, inst.until)
    with _lock:
        if key in _cache:
            return _cache[key]
    made = _put_together(inst, run_id, run.connection_id, now.snapshot.people)
    with _lock:
        while len(_cache) >= _MOST_KEPT:
            _cache.pop(next(iter(_cache)))
        _cache[key] = made
    return made


def run_summary(changes: pd.DataFrame) -> dict[str, int]:
    """How many changes of each kind, in the order of KINDS_OF_CHANGE."""
    count = changes["kind"].value_counts()
    return {kind: int(count[kind]) for kind in KINDS_OF_CHANGE if kind in count}


def _put_together(
    inst: Installation, run_id: int, connection_id: int, people: pd.DataFrame
) -> pd.DataFrame:
    groups = snapshots.frame(inst.database, connection_id, "groups", inst.until)
    groups = groups.set_index("group_id")
    names = {str(group_id): name for group_id, name in groups["name"].items()}
    rows: list[_Row] = []
    rows += _users(*_sides(inst, run_id, "users", ("user_id", *WATCHED)))
    rows += _factors(
        *_sides(
            inst, run_id, "factors", ("user_id", "factor_id", "factor_type", "provider", "status")
        )
    )
    rows += _memberships(*_sides(inst, run_id, "memberships", ("group_id", "user_id")), names)
    rows += _roles(
        *_sides(
            inst,
            run_id,
            "admin_roles",
            ("principal_type", "principal_id", "assignment_id", "label", "role_type"),
        ),
        names,
    )
    frame = pd.DataFrame(rows, columns=["user_id", "kind", "what", "before", "after"])
    known = people.drop_duplicates("user_id").set_index("user_id")
    frame["name"] = frame["user_id"].map(known["name"]).fillna(frame["user_id"])
    frame["email"] = frame["user_id"].map(known["email"]).fillna("")
    order = {kind: number for number, kind in enumerate(KINDS_OF_CHANGE)}
    frame["order"] = frame["kind"].map(order)
    return frame.sort_values(["order", "name"])[COLUMNS].reset_index(drop=True)


def _sides(
    inst: Installation, run_id: int, kind: str, columns: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that the run closed and those that it opened, by key."""
    frame = history.changes_of(inst.database, run_id, kind, columns=columns)
    key = list(KINDS[kind].key)
    closed, opened = (frame[frame["change"] == c].set_index(key) for c in ("closed", "opened"))
    return closed, opened


def _users(closed: pd.DataFrame, opened: pd.DataFrame) -> Iterable[_Row]:
    new = opened.loc[opened.index.difference(closed.index)]
    for user_id, status in new["status"].items():
        kind = "joined" if status != "DEPROVISIONED" else "left"
        yield str(user_id), kind, "First seen", "", str(status or "")
    both = opened.index.intersection(closed.index)
    for column, label in WATCHED.items():
        old, now = (side.loc[both, column].fillna("").astype(str) for side in (closed, opened))
        differs = old != now
        for user_id, before, after in zip(both[differs], old[differs], now[differs], strict=True):
            yield str(user_id), _kind_of(column, before, after), label, before, after


def _kind_of(column: str, before: str, after: str) -> str:
    """What it means for a person that a watched column changed."""
    if column == "status":
        if after == "DEPROVISIONED":
            return "left"
        return "joined" if before == "DEPROVISIONED" else "status changed"
    if column == "presence":
        return "left" if after in personnel.GONE else "status changed"
    return "profile changed"


def _factors(closed: pd.DataFrame, opened: pd.DataFrame) -> Iterable[_Row]:
    keys = closed.index.union(opened.index)
    old, now = closed.reindex(keys), opened.reindex(keys)
    differs = (old["status"] == "ACTIVE").to_numpy() != (now["status"] == "ACTIVE").to_numpy()
    old, now = old[differs], now[differs]
    # Okta keeps a factor's type and provider: whichever row there is names it.
    kinds, providers = (now[name].fillna(old[name]) for name in ("factor_type", "provider"))
    for (user_id, _), kind, provider, before, after in zip(
        now.index, kinds, providers, old["status"], now["status"], strict=True
    ):
        name = mfa.factor_name(_text(kind), _text(provider))
        told = "enrolled" if after == "ACTIVE" else "lost MFA factor"
        yield str(user_id), told, name, _text(before), _text(after)


def _memberships(
    closed: pd.DataFrame, opened: pd.DataFrame, names: dict[str, str | None]
) -> Iterable[_Row]:
    for kind, keys in (
        ("joined group", opened.index.difference(closed.index)),
        ("left group", closed.index.difference(opened.index)),
    ):
        for group_id, user_id in keys:
            yield str(user_id), kind, str(names.get(group_id) or group_id), "", ""


def _roles(
    closed: pd.DataFrame, opened: pd.DataFrame, names: dict[str, str | None]
) -> Iterable[_Row]:
    for kind, side, other in (("got role", opened, closed), ("lost role", closed, opened)):
        for row in side.loc[side.index.difference(other.index)].reset_index().to_dict("records"):
            principal = str(row["principal_id"])
            to_user = row["principal_type"] == "USER"
            who = "" if to_user else f" (group {names.get(principal) or principal})"
            what = f"{row['label'] or row['role_type']}{who}"
            yield principal if to_user else "", kind, what, "", ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
