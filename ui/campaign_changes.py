"""What has changed around a campaign: since its rows were frozen, and since the one before."""

import pandas as pd
import streamlit as st

from ui import filters, tables
from ui.access import Visit
from ui.heading import card_title, heading, secondary
from ui.texts import badge, count, md, number
from workflows.review_list import DECISION_WORDS, KIND_WORDS
from workflows.review_report import compare, drift_counts
from workflows.reviews import CampaignView

_DRIFT = {
    "gone": ("The access has gone", "Whatever is decided, nothing is left to take away"),
    "more": ("Another way to it was added", "A revoke must take that one too"),
    "fewer": ("One of the ways to it has gone", "Another remains"),
    "other": ("It comes another way now", "Not by any way that was frozen"),
    "same": ("As it was frozen", ""),
}


def draw(visit: Visit, view: CampaignView) -> None:
    """Both, with a way back."""
    with heading(
        md(view.record.name), "What has changed since the rows were frozen, and since the "
        "campaign before", badge=badge(view.record.state).markdown,
        back=("Campaigns", lambda: filters.only(campaign=str(view.id))),
    ):  # fmt: skip
        pass
    with st.container(border=True):
        card_title("Since the rows were frozen")
        _drift(visit, view)
    with st.container(border=True):
        card_title("Since the campaign before")
        _compared(visit, view)


def _drift(visit: Visit, view: CampaignView) -> None:
    counted = drift_counts(visit.installation, view.id, actor=visit.actor)
    known = sum(counted.values())
    rows = [
        (f"**{number(counted[code])}**", words, hint)
        for code, (words, hint) in _DRIFT.items()
        if counted.get(code)
    ]
    if known < view.record.items:
        untold = number(view.record.items - known)
        rows.append((f"**{untold}**", "Cannot be told", "The last run did not read their lists"))
    st.table(pd.DataFrame(rows, columns=["Rows", "By the last sync", ""]), border="horizontal",
             hide_index=True, alt="Rows by what has become of them since")  # fmt: skip
    secondary("A decision is on what was frozen; its reviewer sees what has changed since.")


def _compared(visit: Visit, view: CampaignView) -> None:
    found = compare(visit.installation, view.id, actor=visit.actor)
    if found is None:
        secondary("No campaign with the same scope came before this one.")
        return
    st.markdown(
        f"Beside **{md(found.previous_name)}**: {number(len(found.new))} new, "
        f"{number(len(found.gone))} gone, {count(found.unchanged, 'row')} unchanged. Only what "
        "both looked at is compared."
    )
    for title, frame, name in (("New", found.new, "new"), ("Gone", found.gone, "gone")):
        if frame.empty:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{title}** :small[:gray[{number(len(frame))}]]", width="stretch")
            tables.download(lambda frame=frame: _shown(frame), name=f"{name}-access.csv",
                            key=f"{name}-csv", label="CSV")  # fmt: skip
        part = _shown(frame.head(tables.PER_PAGE))
        st.dataframe(
            tables.readable(part), hide_index=True, width="stretch", row_height=tables.ROW,
            height=tables.HEADER + tables.ROW * min(10, len(part)), placeholder="–",
            alt=f"{title} access",
        )  # fmt: skip
        if len(frame) > len(part):
            secondary(f"The first {number(len(part))}; the file has all.")


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Person": frame["person"],
            "Access": frame["resource"],
            "Kind": frame["kind"].map(KIND_WORDS),
            "Decision": frame["state"].map(DECISION_WORDS),
        }
    )
