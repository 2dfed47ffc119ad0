"""One removal in a side drawer: what each sync showed of it; and tickets noted on several."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from ui import filters, tables
from ui.access import Visit, shown_errors
from ui.asking import last_button
from ui.heading import card_title, secondary
from ui.texts import badge, clock, count, day, local, md
from workflows.removals import removal_events, removals, set_ticket
from workflows.review_list import KIND_WORDS, item

_ITEM = "item"
_SHOWN = {
    "OPEN": "Expected to go",
    "STILL_PRESENT": "Every way to it still stands",
    "STILL_EFFECTIVE": "One way has gone, another still gives it",
    "VERIFIED_GONE": "Gone",
    "CAME_BACK": "It was gone and is there again",
    "COULD_NOT_TELL": "The list was not read whole, so this run shows nothing",
    "WITHDRAWN": "No longer expected: the decision was changed",
}


def due(on: date, today: date, state: str) -> str:
    """Overdue 3 d, Due in 4 d; the day alone once it has gone."""
    days = (on - today).days
    if state == "VERIFIED_GONE":
        return day(on)
    return f"Due in {days} d" if days >= 0 else f"Overdue {-days} d"


def proof(row: dict[str, Any]) -> str:
    """What the newest publish showed, with its run."""
    if row["state"] == "OPEN" or pd.isna(row["run_id"]):
        return "The next sync shows"
    run, checked = int(row["run_id"]), row["checked_run_id"]
    said = f"{_SHOWN[row['state']]}, since run {run}"
    return said if pd.isna(checked) or int(checked) == run else f"{said}; last run {int(checked)}"


def selected(visit: Visit, listing: tables.Listing) -> None:
    """What can be done with those who are selected, at the foot of the window."""
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{count(len(listing.ids), 'removal')} selected**", width="stretch")
        st.button("Clear", type="tertiary", on_click=listing.clear)
        st.button("Details", icon=":material/history:", disabled=len(listing.ids) != 1,
                  on_click=filters.also, kwargs={_ITEM: listing.ids[0]})  # fmt: skip
        if visit.may_change and st.button("Note a ticket…", icon=":material/edit_note:"):
            _ask_ticket(visit, [int(i) for i in listing.ids])


@st.dialog("Note a ticket")
def _ask_ticket(visit: Visit, item_ids: list[int]) -> None:
    secondary(f"On {count(len(item_ids), 'removal')}. It replaces what is noted there.")
    ticket = st.text_input("Ticket", key="ticket", placeholder="IT-1234, or an address")

    def act() -> str:
        many = set_ticket(
            visit.installation, visit.connected.id, item_ids, ticket, actor=visit.actor
        )
        return f"The ticket was noted on {count(many, 'removal')}."

    last_button("Note the ticket", act, key="ticket-note")


def follow(visit: Visit) -> None:
    """Open the drawer of the removal in the address, if any. For the end of a page."""
    wanted = filters.number(_ITEM, digits=14)
    if wanted is None:
        return
    rows = removals(
        visit.installation, visit.connected.id, actor=visit.actor, item_ids=[wanted]
    ).frame
    if rows.empty:
        return
    row = rows.iloc[0].to_dict()
    title = md(f"{row['resource']}, {row['person']}", limit=120)
    drawer = st.dialog(
        title, position="right", width=640, icon=":material/person_remove:", on_dismiss=_close
    )(_draw)
    drawer(visit, row)


def _close() -> None:
    filters.clear(_ITEM)


def _draw(visit: Visit, row: dict[str, Any]) -> None:
    with shown_errors():
        now = visit.installation.now()
        late = due(row["due_on"], visit.installation.today(), row["state"])
        st.markdown(f"{badge(row['state']).markdown} {KIND_WORDS[row['kind']]} · {late}")
        st.markdown(
            f"Revoked by **{md(row['decided_by_name'])}** {clock(row['requested_at'], now)} "
            f"{local(now):%Z}, in {md(row['campaign'])}: “{md(row['note'], limit=600)}”"
        )
        if row["ticket"]:
            st.markdown(f"Ticket: {md(row['ticket'])}")
        card_title("What the syncs showed")
        events = removal_events(visit.installation, int(row["item_id"]), actor=visit.actor)
        told = pd.DataFrame(
            [
                (clock(event["at"], now), f"Run {event['run_id']}" if event["run_id"] else "–",
                 badge(event["state"]).markdown, _SHOWN.get(event["state"], ""))
                for event in events
            ],
            columns=["When", "Shown by", "State", "What it showed"],
        )  # fmt: skip
        st.table(told, border="horizontal", hide_index=True, alt="States with the run that shows")
        card_title("What has to go for it to end")
        for sentence in item(visit.installation, int(row["item_id"]), actor=visit.actor).ending:
            st.markdown(f"- {md(sentence, limit=600)}")
