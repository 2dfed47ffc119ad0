"""A run's completeness certificate in a side drawer: what was asked, what came, what agrees."""

import json

import pandas as pd
import streamlit as st

from ui import access, filters, tables
from ui.heading import card_title, secondary
from ui.texts import badge, count, day, local, md, number, span
from workflows.errors import CountersignError
from workflows.runs import RunView
from workflows.sync import get_run
from workflows.sync_scope import LABELS

_SHOWN = "certificate"


def open_button(run: RunView) -> None:
    """The button that opens it; a run that got nowhere near publishing has none."""
    if run.certificate is not None:
        st.button(
            "Completeness certificate", icon=":material/verified:", key=f"certificate-of-{run.id}",
            on_click=filters.also, kwargs={_SHOWN: str(run.id)},
        )  # fmt: skip


def follow(visit: access.Visit) -> None:
    """Open the drawer of the run in the address, if any. For the end of a page."""
    wanted = filters.number(_SHOWN)
    if wanted is None:
        return
    try:
        run = get_run(visit.installation, wanted)
    except CountersignError:
        return
    if run.certificate is None or run.connection_id != visit.connected.id:
        return
    title = f"Completeness certificate of run {run.id}"
    drawer = st.dialog(
        title, position="right", width=640, icon=":material/verified:", on_dismiss=_close
    )(_draw)
    drawer(run)


def _close() -> None:
    filters.clear(_SHOWN)


def _draw(run: RunView) -> None:
    certificate = run.certificate or {}
    unread = [LABELS.get(item["resource"], item["resource"]) for item in run.not_read]
    but = f", except {md(', '.join(unread), limit=300)}" if unread else ""
    agree = all(entry["agrees"] for entry in certificate["reconciled"])
    mark = ":green-badge[:material/check_circle: Counts agree]" if agree else (
        ":orange-badge[:material/warning: Counts differ]"
    )  # fmt: skip
    st.markdown(f"**Everything that Okta has was read**{but}. {mark}")
    end = run.finished_at or run.started_at
    refused = certificate["refused_for_rate_limit"]
    secondary(
        f"{day(local(run.started_at))} {local(run.started_at):%H:%M:%S} to "
        f"{local(end):%H:%M:%S %Z} · {count(certificate['requests'], 'request')} · "
        f"{count(certificate['retries'], 'retry', 'retries')} · waited "
        f"{span(certificate['rate_limit_wait_seconds'])} · {refused or 'no'} 429"
    )
    _reconciled(certificate)
    _requests(certificate)
    _rest(run, certificate)
    st.download_button(
        "Download as JSON", data=lambda: json.dumps(certificate, indent=1).encode(),
        file_name=f"run-{run.id}-certificate.json", mime="application/json",
        icon=":material/download:", on_click="ignore", key=f"certificate-{run.id}",
    )  # fmt: skip


def _reconciled(certificate: dict[str, object]) -> None:
    rows = [
        (md(e["what"]), number(e["read"]), number(e["okta_says"]),
         ":green[:material/check:]" if e["agrees"] else badge("warn").markdown)
        for e in certificate["reconciled"]  # type: ignore[attr-defined]
    ]  # fmt: skip
    st.table(
        pd.DataFrame(rows, columns=["What", "Read", "Counted a second time", "Agrees"]),
        border="horizontal", hide_index=True, alt="Counts read, and as Okta counts them",
    )  # fmt: skip


def _requests(certificate: dict[str, object]) -> None:
    card_title("Requests")
    rows = [
        {
            "What": LABELS.get(entry["resource"], entry["resource"]),
            "Query": " ; ".join(entry["queries"])[:300] or "one for each",
            "Pages": entry["pages"],
            "Rows": entry["rows"],
            "First request id": next(iter(entry["request_ids"]), None),
        }
        for entry in certificate["endpoints"]  # type: ignore[attr-defined]
    ]
    st.dataframe(
        tables.readable(pd.DataFrame(rows)), hide_index=True, width="stretch",
        row_height=tables.ROW, height=tables.HEADER + tables.ROW * max(1, len(rows)),
        placeholder="–", alt="Requests with pages, rows and the first request id",
    )  # fmt: skip


def _rest(run: RunView, certificate: dict[str, object]) -> None:
    changed = certificate["changed_while_reading"]["users"]  # type: ignore[index]
    minimal = certificate.get("minimal") or {}
    words = [
        f"{count(changed, 'user')} named by a second query for changes while reading",
        f"{count(int(str(certificate['unconfirmed'])), 'user')} missing and not confirmed",
    ]
    if minimal:
        rule = minimal["rule"]  # type: ignore[index]
        words.append(f"what the product has no use for was blanked at receipt, by rule {rule}")
    secondary(f"{' · '.join(words)}.")
    if run.set_aside:
        card_title("Records that could not be read")
        st.dataframe(
            tables.readable(pd.DataFrame(run.set_aside)), hide_index=True, width="stretch",
            alt="Records that could not be read, with the reason",
        )  # fmt: skip
