"""One sync run: what it changed, and its completeness certificate."""

import json

import pandas as pd
import streamlit as st

from ui import access, filters, places, sync_modes, tables
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
    st.markdown(
        f"### {badge(run.state).markdown} Run {run.id}\n"
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
        places.link("connection", "Checks and settings", icon=":material/cable:")
    if run.state == "published":
        _changes(visit, run)
    _counts(run)
    for item in run.not_read:
        st.markdown(
            f"{badge('unknown').markdown} **{md(resource_word(item['resource']))}** could not be "
            f"read: {md(item['reason'], limit=600)}"
        )
    _certificate(run)


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
    listing = tables.paged(
        shown,
        _table,
        key=f"changes-{run.id}",
        what=("change", "changes"),
        alt="People whom this run changed, with what changed",
        opens="Person",
    )
    with listing.bar:
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


def _certificate(run: RunView) -> None:
    certificate = run.certificate
    if certificate is None:
        return
    with st.expander("Completeness certificate", icon=":material/verified:"):
        st.caption(
            "What Okta was asked, what came, and how the counts agree with what Okta says "
            "elsewhere. Every answer is kept verbatim with its request id."
        )
        for entry in certificate["reconciled"]:
            state = badge("pass" if entry["agrees"] else "warn").markdown
            st.markdown(
                f"{state} {md(entry['what'])}: read **{number(entry['read'])}**, "
                f"Okta says **{number(entry['okta_says'])}**."
            )
        rows = [
            {
                "What": resource_word(entry["resource"]),
                "Pages": entry["pages"],
                "Rows": entry["rows"],
                "Query": " ; ".join(entry["queries"])[:300],
                "Request ids": ", ".join(entry["request_ids"][:3]),
            }
            for entry in certificate["endpoints"]
        ]
        st.dataframe(
            tables.readable(pd.DataFrame(rows)), hide_index=True, width="stretch",
            height="content", alt="Endpoints read with pages, rows, queries and request ids",
        )  # fmt: skip
        changed = certificate["changed_while_reading"]["users"]
        st.caption(
            f"{count(changed, 'user')} named by a second query for changes while reading. "
            f"{count(certificate['requests'], 'request')}, "
            f"{count(certificate['retries'], 'retry', 'retries')}, "
            f"{span(certificate['rate_limit_wait_seconds'])} waited for rate limits, "
            f"{certificate['refused_for_rate_limit']} refused for them. "
            f"{count(certificate['unconfirmed'], 'user')} missing and not confirmed."
        )
        if run.set_aside:
            st.dataframe(
                tables.readable(pd.DataFrame(run.set_aside)), hide_index=True, width="stretch",
                alt="Records that could not be read, with the reason",
            )  # fmt: skip
        st.download_button(
            "Download as JSON", data=lambda: json.dumps(certificate, indent=1).encode(),
            file_name=f"run-{run.id}-certificate.json", mime="application/json",
            icon=":material/download:", on_click="ignore", key=f"certificate-{run.id}",
        )  # fmt: skip
