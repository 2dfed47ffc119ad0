"""Rows to decide, in a card a person or an application: what it is, what helps, two buttons.

The rows of a page stay where they are while they are decided; the next ones come when asked for.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import streamlit as st

from ui import review_saying as saying
from ui.access import Visit
from ui.heading import card_title, secondary
from ui.palette import strength_word
from ui.texts import ago, badge, count, local, md
from workflows.my_reviews import MyReview
from workflows.review_list import KIND_WORDS, ItemFilter, ItemView, items, peers_sentence, some

AT_ONCE = 40
_PINNED = "review-rows"
CHANGE, NOT_MINE, GIVE, NOTE, WHAT = (
    "Change…", "Not mine…", "Give to somebody…", "Add a note…", "What would go?",
)  # fmt: skip


def pinned(visit: Visit, wanted: ItemFilter, order: str) -> tuple[list[ItemView], int]:
    """The rows of this page as they are now, and how many fitted when it was opened."""
    key = (visit.actor.id, wanted, order)
    kept = st.session_state.get(_PINNED)
    if kept and kept[0] == key:
        views = some(visit.installation, wanted.campaign_id, kept[1], actor=visit.actor)
        return views, kept[2]
    page = items(visit.installation, wanted, actor=visit.actor, order=order, limit=AT_ONCE)
    st.session_state[_PINNED] = (key, [view.id for view in page.items], page.total)
    return page.items, page.total


def next_rows() -> None:
    """Let the page begin anew with what fits now: for a button's on_click."""
    st.session_state.pop(_PINNED, None)


def cards(visit: Visit, review: MyReview, views: Sequence[ItemView], *, by: str) -> None:
    """All rows, a card for each person or application in a row."""
    name = "user_id" if by == "person" else "resource_id"
    for key, group in groupby(views, key=lambda view: str(view.row[name])):
        with st.container(border=True, gap="small"):
            _card(visit, review, list(group), by=by, key=key)


def _card(
    visit: Visit, review: MyReview, views: list[ItemView], *, by: str, key: str
) -> None:  # fmt: skip
    row = views[0].row
    decided = sum(view.decided for view in views)
    simple = {
        view.id: int(view.row["version"])
        for view in views
        if not view.decided and not view.signals and not view.row["privileged"]
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap=None):
            whose = row["person"] if by == "person" else row["resource"]
            more = [md(row["title"])] if by == "person" and row["title"] else []
            if by != "person":
                more = [KIND_WORDS[row["kind"]]]
            more.append(f"{decided} of {len(views)} decided")
            card_title(f"{md(whose)} :gray[· {' · '.join(more)}]")
            if by == "person":
                secondary(about(visit, row))
        if len(simple) > 1 and st.button(
            f"Keep {len(simple)} without signals", icon=":material/done_all:", key=f"bulk-{key}"
        ):
            saying.ask_bulk(visit, review.record.id, simple, str(whose))
    for view in views:
        draw_row(visit, review, view, by=by)


def about(visit: Visit, row: dict[str, Any]) -> str:
    """What is known of the person: MFA, last sign-in, department."""
    strength = strength_word(row["strength"])
    mfa = "No MFA" if row["strength"] == "none" else f"{strength} MFA"
    seen = row["last_login_at"]
    signed = f"signed in {ago(seen, visit.installation.now())}" if seen else "never signed in"
    parts = [mfa, signed, md(row["department"]) if row["department"] else ""]
    return " · ".join(part for part in parts if part)


def marks(view: ItemView) -> str:
    """Its signals as badges: they help, and never decide."""
    codes = ["privileged"] if view.row["privileged"] else []
    codes += [signal["signal"] for signal in view.signals]
    codes += ["new"] if view.row["is_new"] else []
    return " ".join(badge(code).markdown for code in codes)


def facts(view: ItemView) -> str:
    """How the person has it, who else does, what has changed since, what was said before."""
    parts = [md(view.sentence, limit=600), md(peers_sentence(view.row)), md(view.drift)]
    if view.also:
        others = ", ".join(str(who["name"]) for who in view.also)
        parts.append(md(f"Also for {others}; the first to decide settles it.", limit=400))
    if view.past:
        parts.append(md(past(view), limit=400))
    return " ".join(part for part in parts if part)


def past(view: ItemView) -> str:
    """What the last campaign said about it."""
    if not view.past:
        return ""
    said = badge(view.past["decision"]).word.lower()
    who = f" by {view.past['by']}" if view.past.get("by") else ""
    when = f" on {local(view.past['at']):%-d %b %Y}" if view.past.get("at") else ""
    return f"Last time: {said}{who}{when}."


def draw_row(visit: Visit, review: MyReview, view: ItemView, *, by: str) -> None:
    """One access: what it is on the left, what is decided on the right."""
    row = view.row
    title = row["resource"] if by == "person" else row["person"]
    left, right = st.columns([2, 1], vertical_alignment="center")
    kind = "" if row["kind"] == "app" or by != "person" else f" · {KIND_WORDS[row['kind']]}"
    left.markdown(f"**{md(title)}**{kind} {marks(view)}  \n:small[:gray[{facts(view)}]]")
    with (
        right,
        st.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="xsmall"
        ),
    ):
        _decide(visit, review, view)
    if said := saying.problem(view):
        st.markdown(f":red[:material/error: {md(said, limit=600)}]")
    saying.note_field(visit, view)
    if view.decided and view.row["note"]:
        secondary(f":material/edit_note: {md(view.row['note'], limit=600)}")


def _decide(visit: Visit, review: MyReview, view: ItemView) -> None:
    state = view.row["state"]
    if state in ("CHANGE", "NOT_MINE"):
        st.markdown(badge(state).markdown, width="content")
    key = f"say-{view.id}-{view.row['version']}"
    stands = saying.waiting(view) or state
    if key not in st.session_state:
        st.session_state[key] = stands if stands in ("KEEP", "REVOKE") else None
    st.segmented_control(
        f"Decision on {md(view.row['resource'])} of {md(view.row['person'])}", ["KEEP", "REVOKE"],
        key=key, format_func=lambda d: f"{badge(d).icon} {badge(d).word}",
        label_visibility="collapsed", on_change=_chose, args=(visit, view, key),
    )  # fmt: skip
    options = [WHAT] if view.decided else [CHANGE, NOT_MINE, GIVE, WHAT]
    if view.decided:
        options = [NOTE, CHANGE, WHAT]
    chosen = st.menu_button(
        "More", options, type="tertiary", key=f"more-{key}",
    )  # fmt: skip
    wanted = {CHANGE: "CHANGE", NOT_MINE: "NOT_MINE", NOTE: state}.get(chosen or "")
    if wanted:
        saying.ask_note(view, wanted)
        st.rerun()
    if chosen == GIVE:
        saying.ask_hand_on(visit, review.record.id, [view.id])
    if chosen == WHAT:
        _what(visit, view)


def _chose(visit: Visit, view: ItemView, key: str) -> None:
    saying.choose(visit, view, st.session_state[key])


@st.dialog("What revoking would take")
def _what(visit: Visit, view: ItemView) -> None:
    row = view.row
    st.markdown(f"**{md(row['resource'])}**, {md(row['person'])}")
    for sentence in view.ending:
        st.markdown(f"- {md(sentence, limit=600)}")
    for signal in view.signals:
        st.markdown(f"{badge(signal['signal']).markdown} :small[:gray[{md(signal['how'])}]]")
    secondary(f"As it was frozen. {md(row['routed_why'], limit=400)}")


def left_words(review: MyReview) -> str:
    """19 left."""
    return f"**{count(review.left, 'row')} left**" if review.left else "**Everything is decided**"
