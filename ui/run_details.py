"""One sync run: how it went, what it changed, what it could not read."""

import pandas as pd
import streamlit as st

from ui import access, certificate, filters, places, sync_modes, tables, unread_lists
from ui.heading import card_title
from ui.texts import badge, count, exact, md, number, okta_word, span, when, who
from workflows.changes import run_changes, run_summary
from workflows.runs import RunView
from workflows.sync_scope import LABELS

_COUNTED = {
    "users": ("user", "users"),
    "groups": ("group", "groups"),
    "memberships": ("membership", "memberships"),
    "factors": ("factor", "factors"),
    "apps": ("application", "applications"),
    "app_assignments": ("application assignment", "application assignments"),
    "admin_roles": ("admin role", "admin roles"),
}


def resource_word(resource: str) -> str:
    """What a resource of Okta's is called here."""
    return LABELS.get(resource, resource)


def draw(visit: access.Visit, run: RunView) -> None:
    """Everything about a run."""
    card_title(f"{badge(run.state).markdown} Run {run.id}")
    st.markdown(
        f"Started {when(run.started_at)} by {md(who(run.started_by))}. "
        f"Took {span(run.seconds)} and {count(run.requests, 'request')}.",
        help=f"From {exact(run.started_at)}"
        + (f" to {exact(run.finished_at)}" if run.finished_at else ""),
    )
    sync_modes.explain(run)
    if run.running:
        st.caption("Under way: its progress stands above.")
    elif run.error and run.state == "cancelled":
        st.caption(md(run.error["message"], limit=1500))
    elif run.error:
        st.error(
            f"{md(run.error['message'], limit=1500)}  \nWhat was published before stands.",
            icon=":material/error:",
        )
        places.way("Checks and settings", "connection", key="run-connection",
                   icon=":material/cable:", type="secondary")  # fmt: skip
    if run.state == "published":
        _changes(visit, run)
    _counts(run)
    for warning in run.warnings:
        st.markdown(f":orange[:material/warning: {md(warning, limit=600)}]")
    for item in run.not_read:
        st.markdown(
            f"{badge('unknown').markdown} **{md(resource_word(item['resource']))}**: "
            f"{md(item['reason'], limit=600)}"
        )
    unread_lists.draw(visit, run)
    certificate.open_button(run)


def _changes(visit: access.Visit, run: RunView) -> None:
    changes = run_changes(visit.installation, run.id)
    summary = run_summary(changes)
    st.markdown("**What changed**")
    if not summary:
        st.caption("Nothing about people: Okta said the same as before.")
        return
    kinds = filters.some(
        "Kinds of change", "kind", [*summary], default=[],
        words=lambda kind: f"{_title(kind)} ({summary[kind]:,})",
    )  # fmt: skip
    shown = changes[changes["kind"].isin(kinds)] if kinds else changes
    tables.paged(
        shown,
        _table,
        key=f"changes-{run.id}",
        what=("change", "changes"),
        alt="People whom this run changed, with what changed",
        opens="Person",
    )
    tables.download(
        lambda: _table(shown), name=f"run-{run.id}-changes.csv", key=f"changes-csv-{run.id}"
    )


def _table(changes: pd.DataFrame) -> pd.DataFrame:
    """What the list shows of each change, in words."""
    return pd.DataFrame(
        {
            "Person": changes["name"],
            "Change": changes["kind"].map(_title),
            "What": changes["what"],
            "Before": changes["before"].map(okta_word),
            "After": changes["after"].map(okta_word),
            "E-mail": changes["email"],
        }
    )


def _title(kind: str) -> str:
    return kind[:1].upper() + kind[1:]


def _counts(run: RunView) -> None:
    read = [
        count(n, *_COUNTED.get(name, (name, name)))
        for name, n in run.counts.items()
        if n is not None
    ]
    if read:
        st.caption(
            f"Read: {md(', '.join(read), limit=500)}. "
            f"{count(run.opened, 'row')} added, {number(run.closed)} ended."
        )
