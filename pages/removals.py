"""Removals: what reviewers revoked, and whether later syncs show that it is gone."""

import pandas as pd
import streamlit as st

from ui import figures, filters, progress, removal_drawer, tables
from ui.access import Visit, empty, require, shown_errors
from ui.figures import Figure
from ui.heading import heading, now_only, published, secondary
from ui.palette import pill
from ui.places import go
from ui.texts import as_of, badge, number
from workflows.removals import STATES, Removals, export, removals
from workflows.reviews import list_campaigns
from workflows.sync import latest_published

visit = require("auditor")
GONE = "VERIFIED_GONE"
TO_DO = tuple(state for state in STATES if state != GONE)
LINKS = {
    "OPEN": "Next sync shows", "STILL_PRESENT": "See them", "STILL_EFFECTIVE": "Another path stays",
    "CAME_BACK": "Look at them", "COULD_NOT_TELL": "Lists not read",
    GONE: "Proof by run",
}  # fmt: skip


def head(visit: Visit, everything: Removals) -> None:
    """The title, and what can be done with the whole list."""
    run = latest_published(visit.installation, visit.connected.id)
    words = "What reviewers revoked, and whether later syncs show that it is gone"
    if run is not None and run.published_at is not None:
        moment = as_of(run.published_at, run.id, visit.installation.now())
        words = f"{moment} · {words[0].lower()}{words[1:]}"

    def whole_list() -> pd.DataFrame:
        return export(removals(visit.installation, visit.connected.id, actor=visit.actor))

    with heading("Removals", words):
        if everything.total:
            tables.download(whole_list, name="removals.csv", key="removals-csv", label="CSV")
            tables.download_workbook(whole_list, name="removals.xlsx", key="removals-xlsx")
        if visit.may_change and st.button(
            "Check now", icon=":material/sync:", type="primary",
            help="Syncs; the publish says of each whether it is gone.",
        ):  # fmt: skip
            progress.start(visit)
            go("sync")


def cards(found: Removals) -> None:
    """How many are where, worst first; each leads to its removals."""
    figures.row(
        [
            Figure(
                badge(state).word, number(found.counts[state]),
                f"of {number(sum(found.counts.values()))}",
                f"{number(found.overdue)} overdue" if state == "STILL_PRESENT" and found.overdue
                else LINKS[state],
                {"state": state} if state != "STILL_PRESENT" or not found.overdue
                else {"state": state, "overdue": "true"},
                icon=badge(state).icon,
            )
            for state in STATES
            # What seldom is has no card while there is none of it.
            if found.counts[state] or state != "COULD_NOT_TELL"
        ]
    )  # fmt: skip


def toolbar(visit: Visit, everything: Removals) -> Removals:
    """The removals that fit what the address asks for."""
    counts = everything.counts
    open_now = sum(counts[state] for state in TO_DO)
    named = {str(c.id): c.record.name for c in list_campaigns(
        visit.installation, visit.connected.id, actor=visit.actor)}  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        which = filters.one(
            "Which", "which", ["todo", "gone", "all"],
            default="all" if "state" in st.query_params else "todo",
            words=lambda w: {"todo": f"To do {number(open_now)}",
                             "gone": f"Verified gone {number(counts[GONE])}",
                             "all": f"All {number(open_now + counts[GONE])}"}[w],
        )  # fmt: skip
        campaign = filters.order(
            "Campaign", "campaign", ["", *named], collapsed=True, width=210,
            words=lambda c: named.get(c, "All campaigns"),
        )  # fmt: skip
        search = filters.text("Search", "q", placeholder="Person or access", collapsed=True)
        with st.popover("More filters", icon=":material/filter_list:"):
            states = filters.many("State", "state", STATES, words=lambda s: badge(s).word)
            overdue = filters.flag("Overdue", "overdue")
    wanted = states or {"todo": TO_DO, "gone": (GONE,), "all": STATES}[which]
    return removals(
        visit.installation, visit.connected.id, actor=visit.actor, states=wanted, search=search,
        overdue=overdue, campaign_id=int(campaign) if campaign else None,
    )  # fmt: skip


def table_of(part: pd.DataFrame) -> pd.DataFrame:
    """What the list shows of each."""
    today = visit.installation.today()
    return pd.DataFrame(
        {
            "Access": part["resource"],
            "Person": part["person"],
            "State": part["state"].map(lambda state: badge(state).word),
            "Due": [removal_drawer.due(day, today, state)
                    for day, state in zip(part["due_on"], part["state"], strict=True)],
            "What the syncs show": [removal_drawer.proof(row) for row in part.to_dict("records")],
            "Ticket": part["ticket"],
        }
    )  # fmt: skip


with shown_errors():
    connection = published(visit, "Removals")
    now_only(visit)
    # How many are where; the rows themselves are read where they are shown.
    everything = removals(visit.installation, connection.id, actor=visit.actor, limit=0)
    head(visit, everything)
    if not everything.total:
        empty("person_remove", "No removals yet", "What reviewers revoke appears here, and the "
              "next sync shows whether it is gone.", "Go to campaigns", "campaigns")  # fmt: skip
        st.stop()
    cards(everything)
    found = toolbar(visit, everything)
    if found.frame.empty:
        empty("search_off", "No removal fits these filters", "Search less, or look at all of them.")
        st.button("Clear the filters", icon=":material/filter_alt_off:", on_click=filters.only)
        st.stop()
    frame = found.frame.assign(user_id=found.frame["item_id"].astype(str))
    listing = tables.paged(
        frame, table_of, key="removals", what=("removal", "removals"), order="overdue first",
        alt="Removals with their state; open one for what each sync showed",
        selection="multi-row", opens="Access", opens_as="item", width=190,
        columns={
            "Person": st.column_config.TextColumn(width=150),
            "Due": st.column_config.TextColumn(width=110),
            "Ticket": st.column_config.TextColumn(width=120),
        },
        pills={"State": ([pill(state) for state in STATES], 125)},
    )  # fmt: skip
    secondary("Countersign does not change Okta. Whoever removes the access notes the ticket here; "
              "the next sync decides whether it is gone.")  # fmt: skip
    if listing.ids:
        removal_drawer.selected(visit, listing)
    removal_drawer.follow(visit)
