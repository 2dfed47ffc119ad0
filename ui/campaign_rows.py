"""The rows of a campaign as an analyst sees them: whose, where each stands, and handing on."""

from typing import Any

import pandas as pd
import streamlit as st

from ui import filters, tables
from ui import review_saying as saying
from ui.access import Visit, empty
from ui.heading import card_title, heading, secondary
from ui.palette import pill
from ui.texts import badge, clock, count, md
from workflows.mail import mails
from workflows.review_list import (
    DECISION_WORDS,
    HANDED_ON_WORDS,
    KIND_WORDS,
    ItemFilter,
    ItemView,
    history,
    item,
    items,
)
from workflows.review_report import parts
from workflows.reviews import CampaignView

_STATES = ("PENDING", "KEEP", "REVOKE", "CHANGE", "NOT_MINE")
_ITEM = "item"
_MAIL_WORDS = {"TO_COPY": "To copy: no mail server is set", "PENDING": "Waits for the next round",
               "SENDING": "Being sent", "SENT": "Sent", "FAILED": "Failed"}  # fmt: skip


def draw(visit: Visit, view: CampaignView) -> None:
    """A page of rows, filtered; opening one shows its history."""
    known = {p.user_id or "nobody": p.name
             for p in parts(visit.installation, view.id, actor=visit.actor)}  # fmt: skip
    with heading(
        md(view.record.name), f"{count(view.record.items, 'row')}, as they were frozen",
        badge=badge(view.record.state).markdown,
        back=("Campaigns", lambda: filters.only(campaign=str(view.id))),
    ):  # fmt: skip
        pass
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        search = filters.text("Search", "q", placeholder="Person or access", collapsed=True)
        reviewer = filters.order(
            "Reviewer", "reviewer", ["", *known], collapsed=True, width=220,
            words=lambda r: known.get(r, "All reviewers"),
        )  # fmt: skip
        states = filters.some("State", "state", _STATES, default=(),
                              words=DECISION_WORDS.__getitem__)  # fmt: skip
    wanted = ItemFilter(
        view.id, search=search, states=tuple(states), unassigned=reviewer == "nobody",
        reviewer_id=reviewer if reviewer and reviewer != "nobody" else None,
    )  # fmt: skip
    # How many fit is known only with the first page.
    first = items(visit.installation, wanted, actor=visit.actor, limit=1)
    if not first.total:
        empty("search_off", "No row fits these filters", "Search less, or look at all of them.")
        return
    pages = -(-first.total // tables.PER_PAGE)
    start = (filters.asked_page(pages) - 1) * tables.PER_PAGE
    page = items(visit.installation, wanted, actor=visit.actor, limit=tables.PER_PAGE, offset=start)
    chosen = tables.pick(
        table_of(page.items), [str(view.id) for view in page.items],
        param=_ITEM, column="Access", key="rows", width=180,
        alt="Rows of the campaign; open one for what was said about it",
        pills={"State": ([pill(state) for state in _STATES], 100)},
        keep=("campaign", "show", "reviewer", "state", "q", "page"), many=True,
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":small[:gray[{count(first.total, 'row')}, by person]]", width="stretch")
        if pages > 1:
            filters.page(pages)
    if chosen and visit.may_change and view.record.state == "ACTIVE":
        with st.bottom, st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{count(len(chosen), 'row')} selected**", width="stretch")
            if st.button("Give to somebody else…", icon=":material/forward:", type="primary"):
                saying.ask_hand_on(visit, view.id, [int(i) for i in chosen])
    _follow(visit)


def table_of(views: list[ItemView]) -> pd.DataFrame:
    """What the list shows of each row."""
    return pd.DataFrame(
        {
            "Access": [view.row["resource"] for view in views],
            "Person": [view.row["person"] for view in views],
            "State": [badge(view.row["state"]).word for view in views],
            "Reviewer": [view.reviewer_name or "Nobody yet" for view in views],
            "Signals": [", ".join(badge(s["signal"]).word for s in view.signals)
                        for view in views],
            "Note": [view.row["note"] or "" for view in views],
        }
    )  # fmt: skip


def _follow(visit: Visit) -> None:
    wanted = filters.number(_ITEM, digits=14)
    if wanted is None:
        return
    drawer = st.dialog(
        "What was said", position="right", width=640, icon=":material/history:",
        on_dismiss=lambda: filters.clear(_ITEM),
    )(_draw_item)  # fmt: skip
    drawer(visit, wanted)


def _draw_item(visit: Visit, item_id: int) -> None:
    view = item(visit.installation, item_id, actor=visit.actor)
    row, now = view.row, visit.installation.now()
    st.markdown(f"**{md(row['resource'])}** ({KIND_WORDS[row['kind']]}), {md(row['person'])} "
                f"{badge(row['state']).markdown}")  # fmt: skip
    st.markdown(f"{md(view.sentence, limit=600)} {md(view.drift)}")
    secondary(md(row["routed_why"], limit=400))
    told = history(visit.installation, item_id, actor=visit.actor)
    _events("Decisions", [
        (clock(d["decided_at"], now), md(d["decided_by_name"]), badge(d["decision"]).markdown,
         md(d["note"]) + (" :small[in bulk]" if d["bulk"] else ""))
        for d in told.decisions
    ], ["When", "Who", "What", "Note"])  # fmt: skip
    _events("Handed on", [
        (clock(a["assigned_at"], now), md(a["assigned_by_name"]), HANDED_ON_WORDS[a["why"]],
         md(a["note"]))
        for a in told.assignments
    ], ["When", "Who", "Why", "Note"])  # fmt: skip
    _events("What the syncs showed", [
        (clock(e["at"], now), f"Run {e['run_id']}" if e["run_id"] else "–",
         badge(e["state"]).markdown)
        for e in told.removal
    ], ["When", "Shown by", "State"])  # fmt: skip


def _events(title: str, rows: list[tuple[Any, ...]], columns: list[str]) -> None:
    if rows:
        card_title(title)
        st.table(pd.DataFrame(rows, columns=columns), border="horizontal", hide_index=True,
                 alt=title)  # fmt: skip


def draw_mails(visit: Visit, view: CampaignView) -> None:
    """The e-mails of a campaign and what became of them; texts to copy where none can be sent."""
    with heading(
        md(view.record.name), "E-mails to reviewers, newest first",
        back=("Campaigns", lambda: filters.only(campaign=str(view.id))),
    ):  # fmt: skip
        pass
    sent = mails(visit.installation, visit.connected.id, actor=visit.actor, campaign_id=view.id)
    if not sent:
        empty("mail", "No e-mail yet", "Reviewers are told when a campaign opens, half-way, the "
              "day before it is due, and once it is overdue.")  # fmt: skip
    now = visit.installation.now()
    for mail in sent:
        words = f"{md(mail['to_name'])}, {clock(mail['created_at'], now)}"
        with st.expander(
            f"**{md(mail['subject'])}** · {words} · {_MAIL_WORDS.get(mail['state'], '')}"
        ):
            if mail["error"]:
                st.markdown(f":red[:material/error: {md(mail['error'], limit=600)}]")
            st.code(f"To: {mail['to_email']}\nSubject: {mail['subject']}\n\n{mail['body']}",
                    language=None, wrap_lines=True)  # fmt: skip
