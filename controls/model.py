"""Control, Snapshot and Evaluation: a declaration, what it looks at, and what it says.

evaluate() adds what every control shares: exclusions, the outcome, the denominator.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pandas as pd

from controls.frameworks import Reference

PASS, FAIL, EXCLUDED, UNKNOWN = "PASS", "FAIL", "EXCLUDED", "UNKNOWN"
FINDING_COLUMNS = [
    "user_id",
    "connection_id",
    "label",
    "outcome",
    "reason",
    "message",
    "warning",
    "strength",
]


@dataclass(frozen=True)
class Reviews:
    """What access reviews have come to by a moment.

    apps: app_id, label of every application that somebody has. reviewed: app_id, campaign,
    closed_at, items, undecided, for each closed campaign that looked at everybody who has it.
    removals: item_id, person, resource, campaign, requested_at, state, since, run_id.
    """

    apps: pd.DataFrame
    reviewed: pd.DataFrame
    removals: pd.DataFrame


@dataclass(frozen=True)
class Snapshot:
    """What a control may look at: one published moment. today: its day in the installation's zone.

    people: from personnel.derive(). users, factors, factor_reads: directory frames. exclusions:
    control_id, user_id, starts_on, ends_on, reason, author, withdrawn; newest first. not_read:
    resource -> reason for what the run could not read. reviews: None where access reviews are off.
    """

    as_of: datetime
    today: date
    run_id: int
    people: pd.DataFrame
    users: pd.DataFrame
    factors: pd.DataFrame
    factor_reads: pd.DataFrame
    exclusions: pd.DataFrame
    not_read: Mapping[str, str] = field(default_factory=dict)
    reviews: Reviews | None = None


@dataclass(frozen=True)
class Control:
    """A rule and what an auditor needs to judge it.

    failing: what is said of those that fail, after "14 of 412". check: findings (FINDING_COLUMNS)
    for every subject in scope. needs: resources without which the answer would be a guess. how:
    Markdown, "How this was computed". test: its number in Drata, if it has one. subject: what
    findings are about, a person's user id or what else stands in that column. idle: why there is
    nothing to judge yet, None to judge. findings carry the strength of MFA where the control is
    about it.
    """

    id: str
    test: int | None
    title: str
    question: str
    failing: str
    version: str
    frameworks: tuple[Reference, ...]
    parameters: Mapping[str, Any]
    needs: tuple[str, ...]
    how: str
    check: Callable[[Snapshot], pd.DataFrame]
    summarise: Callable[[Snapshot, pd.DataFrame], dict[str, Any]]
    subject: str = "person"
    idle: Callable[[Snapshot], str | None] | None = None


@dataclass(frozen=True)
class Evaluation:
    """What a control says. in_scope = passed + failed + excluded + unknown."""

    control: Control
    as_of: datetime
    run_id: int
    outcome: str
    reason: str
    in_scope: int
    passed: int
    failed: int
    excluded: int
    unknown: int
    findings: pd.DataFrame
    summary: dict[str, Any]


def evaluate(control: Control, snapshot: Snapshot) -> Evaluation:
    """Apply a control (SPEC 4): FAILED if any FAIL; ERROR if it cannot tell; else PASSED.

    Where nothing was examined it cannot tell, whatever the reason: nobody is there, everybody is
    excluded, or there is nothing to judge yet.
    """
    idle = control.idle(snapshot) if control.idle is not None else None
    nothing = pd.DataFrame(columns=FINDING_COLUMNS, dtype=object)
    findings = nothing if idle else _exclude(control, snapshot, control.check(snapshot))
    count = findings["outcome"].value_counts().to_dict()
    missing = [
        f"{name}: {snapshot.not_read[name]}" for name in control.needs if name in snapshot.not_read
    ]
    failed, unknown = count.get(FAIL, 0), count.get(UNKNOWN, 0)
    if failed:
        outcome, reason = "FAILED", f"{failed:,} of {len(findings):,} {control.failing}."
    elif missing:
        outcome, reason = "ERROR", "Not everything it needs could be read. " + " ".join(missing)
    elif idle:
        outcome, reason = "ERROR", idle
    elif findings.empty:
        outcome, reason = "ERROR", "Nobody is in scope, so nothing was examined."
    elif count.get(EXCLUDED, 0) == len(findings):
        outcome = "ERROR"
        reason = f"All {len(findings):,} in scope are excluded, so nothing was examined."
    elif unknown:
        outcome, reason = "ERROR", f"For {unknown:,} of {len(findings):,} in scope it is not known."
    else:
        outcome, reason = "PASSED", f"All {len(findings):,} in scope pass or are excluded."
    return Evaluation(
        control=control,
        as_of=snapshot.as_of,
        run_id=snapshot.run_id,
        outcome=outcome,
        reason=reason,
        in_scope=len(findings),
        passed=count.get(PASS, 0),
        failed=failed,
        excluded=count.get(EXCLUDED, 0),
        unknown=unknown,
        findings=findings,
        summary={"idle": True} if idle else control.summarise(snapshot, findings),
    )


def exclusions_in_force(exclusions: pd.DataFrame, control_id: str, day: date) -> pd.DataFrame:
    """For each user the newest word, if it excludes on that day (both ends included)."""
    ours = exclusions[exclusions["control_id"] == control_id].drop_duplicates("user_id")
    starts = ours["starts_on"].map(lambda d: d <= day).astype(bool)
    ends = ours["ends_on"].map(lambda d: d is None or d >= day).astype(bool)
    return ours[starts & ends & ~ours["withdrawn"].astype(bool)]


def _exclude(control: Control, snapshot: Snapshot, findings: pd.DataFrame) -> pd.DataFrame:
    # Who is excluded is out of the verdict whatever the finding would be, and by name.
    said = exclusions_in_force(snapshot.exclusions, control.id, snapshot.today).set_index("user_id")
    hit = findings["user_id"].isin(said.index)
    if not hit.any():
        return findings
    out = findings.copy()
    why = said.to_dict("index")
    out.loc[hit, "message"] = [
        _explain(why[user_id], message)
        for user_id, message in zip(out.loc[hit, "user_id"], out.loc[hit, "message"], strict=True)
    ]
    out.loc[hit, "outcome"] = EXCLUDED
    out.loc[hit, "reason"] = "excluded"
    return out


def _explain(exclusion: Mapping[Any, Any], otherwise: str) -> str:
    ends = exclusion["ends_on"]
    until = "" if ends is None else f" until {ends.day} {ends:%B %Y}"
    reason = str(exclusion["reason"]).rstrip(".")
    return f"Excluded{until} by {exclusion['author']}: {reason}. Otherwise: {otherwise}"
