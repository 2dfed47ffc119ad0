"""Signals that help a reviewer and never decide; and how carefully reviewers have decided.

Each signal can say how it was computed. All from facts frozen with the item.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from controls.reviewing import KEEP

DORMANT_DAYS = 90
# Fewer colleagues than this say nothing about what is usual among them.
FEWEST_PEERS = 5
RARE_SHARE = 0.2
# A gap longer than this between two decisions was a break, not thought.
BREAK_SECONDS = 600.0
HASTY_SECONDS = 3.0
FEWEST_JUDGED = 20
BULK_SHARE = 0.8
# Custom profile attributes in which tenants keep the end of a contract.
CONTRACT_ENDS = ("contractEndDate", "contract_end_date", "endDate", "drataEndDate")


@dataclass(frozen=True)
class Signal:
    """A signal's name for people, and how it is computed."""

    word: str
    how: str


SIGNALS = {
    "came_back": Signal(
        "Came back after a revoke",
        "An earlier review revoked this access, a sync showed it gone, and it is there again.",
    ),
    "leaver": Signal("Leaver", "Personnel says that this person is former."),
    "suspended": Signal("Suspended", "The account is suspended in Okta; it keeps its access."),
    "contractor_past_end": Signal(
        "Contractor past the end",
        "A contractor whose separation date here, or contract end in Okta where that attribute is "
        "kept, has passed.",
    ),
    "weak_mfa": Signal(
        "Weak MFA on privileged access",
        "Privileged access, and the person's best active factor is text message or call, or none.",
    ),
    "dormant": Signal(
        f"No sign-in for {DORMANT_DAYS} days",
        f"The last sign-in to Okta is more than {DORMANT_DAYS} days before the freeze; without any "
        "sign-in, the account is older than that. Okta does not say who opens which application.",
    ),
    "unlike_peers": Signal(
        "Unlike peers",
        f"At most {RARE_SHARE:.0%} of the other current people in the department have it, and "
        f"there are at least {FEWEST_PEERS} of them.",
    ),
}


def signals(items: pd.DataFrame, as_of: datetime, today: date) -> pd.Series:
    """For each item the codes of its signals, most telling first, joined by commas.

    items: employment_status, okta_status, last_login_at, created_at, contractor, contract_end,
    strength, privileged, peers_have, peers_total, came_back. today: the day of as_of.
    """
    moment = pd.Timestamp(as_of)
    seen = items["last_login_at"].fillna(items["created_at"])
    hit = {
        "came_back": items["came_back"],
        "leaver": items["employment_status"].str.startswith("FORMER_")
        | (items["okta_status"] == "DEPROVISIONED"),
        "suspended": items["okta_status"] == "SUSPENDED",
        "contractor_past_end": items["contractor"] & (items["contract_end"] < pd.Timestamp(today)),
        "weak_mfa": items["privileged"] & items["strength"].isin(["weak", "none"]),
        "dormant": seen < moment - timedelta(days=DORMANT_DAYS),
        "unlike_peers": (items["peers_total"] >= FEWEST_PEERS)
        & (items["peers_have"] <= RARE_SHARE * items["peers_total"]),
    }
    found = pd.Series("", index=items.index, dtype=object)
    for code in SIGNALS:
        said = hit[code].fillna(False).astype(bool)
        found = found.where(~said, found + code + ",")
    return found.str.removesuffix(",").astype(object)


def peers(access: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """How many other current people of the same department have the same: peers_have, peers_total.

    access: user_id, kind, resource_id, one row an access. people: from personnel.derive().
    """
    ours = people.loc[people["current"], ["user_id", "department"]].dropna()
    ours = ours[ours["department"].str.strip() != ""]
    department = people.set_index("user_id")["department"]
    current = access["user_id"].isin(ours["user_id"])
    theirs = access["user_id"].map(department)
    having = (
        access[current]
        .assign(department=theirs[current])
        .groupby(["department", "kind", "resource_id"])
        .size()
    )
    index = pd.MultiIndex.from_arrays([theirs, access["kind"], access["resource_id"]])
    have = having.reindex(index).fillna(0).to_numpy() - current.to_numpy()
    size = ours["department"].value_counts()
    total = theirs.map(size).fillna(0).to_numpy() - current.to_numpy()
    known = theirs.isin(size.index).to_numpy()
    return pd.DataFrame(
        {
            "peers_have": np.where(known, have, 0).astype(int),
            "peers_total": np.where(known, total, 0).astype(int),
        },
        index=access.index,
    )


def contract_ends(users: pd.DataFrame, overrides: pd.DataFrame) -> pd.Series:
    """When each user's contract ends, as written: a separation date said here, else Okta's."""
    said = overrides[overrides["field"] == "separation_date"].set_index("user_id")["value"]
    from_okta = [_contract_end(profile) for profile in users["profile"]]
    kept = pd.Series(from_okta, index=users.index, dtype=object)
    return users["user_id"].map(said).astype(object).fillna(kept)


def _contract_end(profile: Any) -> str | None:
    # Most profiles have none of them, and parsing JSON 50,000 times is slow.
    if not isinstance(profile, str) or not any(name in profile for name in CONTRACT_ENDS):
        return None
    kept = json.loads(profile)
    found = [kept[name] for name in CONTRACT_ENDS if isinstance(kept.get(name), str)]
    return found[0] if found else None


@dataclass(frozen=True)
class Quality:
    """How one reviewer has decided. seconds: median between two single decisions in a row."""

    decided: int
    kept: int
    bulk: int
    seconds: float | None
    longest_keeps: int
    remarks: tuple[str, ...]


def quality(decisions: pd.DataFrame) -> Quality:
    """One reviewer's decisions, oldest first: decision, decided_at, bulk (a bulk id or None)."""
    total = len(decisions)
    kept = decisions["decision"] == KEEP
    bulk = decisions["bulk"].notna()
    alone = pd.to_datetime(decisions.loc[~bulk, "decided_at"], utc=True)
    gaps = alone.diff().dt.total_seconds().dropna()
    gaps = gaps[gaps <= BREAK_SECONDS]
    seconds = float(gaps.median()) if len(gaps) else None
    runs = (kept != kept.shift()).cumsum()
    longest = int(kept.groupby(runs).sum().max()) if total else 0
    enough = total >= FEWEST_JUDGED
    remarks = [
        text
        for said, text in (
            (enough and bool(kept.all()), f"All {total:,} kept"),
            (
                len(gaps) >= FEWEST_JUDGED - 1 and (seconds or 0.0) < HASTY_SECONDS,
                f"Fast: {seconds or 0.0:.1f} s a row",
            ),
            (
                enough and int(bulk.sum()) > BULK_SHARE * total,
                f"{int(bulk.sum()):,} of {total:,} in bulk",
            ),
        )
        if said
    ]
    return Quality(total, int(kept.sum()), int(bulk.sum()), seconds, longest, tuple(remarks))


HOW_QUALITY = (
    "**Seconds a row**: the median time between two single decisions in a row of one reviewer; "
    f"gaps over {BREAK_SECONDS / 60:.0f} minutes count as breaks. **Bulk**: decided many at once. "
    f"**Remarks** appear from {FEWEST_JUDGED} decisions on: all kept; fast, when half of the "
    f"single decisions took under {HASTY_SECONDS:.0f} seconds; more than {BULK_SHARE:.0%} in bulk. "
    "A remark is a reason to ask, not a verdict."
)


def explain(codes: str) -> list[Mapping[str, str]]:
    """The signals behind joined codes, for people: code, word, how."""
    return [
        {"signal": code, "word": SIGNALS[code].word, "how": SIGNALS[code].how}
        for code in codes.split(",")
        if code in SIGNALS
    ]
