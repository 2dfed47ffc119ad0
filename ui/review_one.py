"""One row at a time: everything that is known of it, and the decision by one key."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from ui import filters
from ui import review_saying as saying
from ui.access import Visit
from ui.heading import card_title, secondary
from ui.review_rows import about, marks, past
from ui.texts import badge, md
from workflows.review_list import KIND_WORDS, ItemView, item, peers_sentence

_ROW = "row"
# Streamlit keeps C and R for itself.
_KEYS = {"KEEP": ("Keep", "K"), "REVOKE": ("Revoke", "X"), "CHANGE": ("Change…", "E"),
         "NOT_MINE": ("Not mine…", "N")}  # fmt: skip


def draw(visit: Visit, views: Sequence[ItemView]) -> None:
    """The row that the address names, else the first that is undecided."""
    place = _place(views)
    view = views[place]
    with st.container(horizontal_alignment="center"), st.container(border=True, width=820):
        with st.container(horizontal=True, vertical_alignment="top"):
            with st.container(width="stretch", gap=None):
                title = f" :gray[· {md(view.row['title'])}]" if view.row["title"] else ""
                card_title(f"{md(view.row['person'])}{title}")
                secondary(about(visit, view.row))
            _turn(views, place)
        kind = "" if view.row["kind"] == "app" else f" · {KIND_WORDS[view.row['kind']]}"
        state = f" {badge(view.row['state']).markdown}" if view.decided else ""
        st.markdown(f"**{md(view.row['resource'])}**{kind}{state}  \n{marks(view)}")
        st.markdown(f"{md(view.sentence, limit=600)} {md(view.drift)}")
        _facts(view)
        if said := saying.problem(view):
            st.markdown(f":red[:material/error: {md(said, limit=600)}]")
        saying.note_field(visit, view)


def actions(visit: Visit, views: Sequence[ItemView]) -> None:
    """The decisions on the row that is shown, with their keys, for the foot of the window."""
    view = views[_place(views)]
    for decision, (word, key) in _KEYS.items():
        st.button(
            word, icon=badge(decision).icon, shortcut=key, key=f"one-{decision}",
            on_click=_decide, args=(visit, views, view, decision),
        )  # fmt: skip


def refuse_others(visit: Visit, views: Sequence[ItemView]) -> None:
    """Say so when the address names a row that is not for this visitor, and write it down."""
    asked = filters.number(_ROW, digits=14)
    if asked is not None and asked not in {view.id for view in views}:
        item(visit.installation, asked, actor=visit.actor)


def _decide(visit: Visit, views: Sequence[ItemView], view: ItemView, decision: str) -> None:
    saying.choose(visit, view, decision)
    if not saying.waiting(view):
        # The address names the next one only where the reviewer has turned the pages.
        later = [v for v in views if not v.decided and v.id != view.id]
        filters.put(**{_ROW: str(later[0].id) if later else None})


def _place(views: Sequence[ItemView]) -> int:
    asked = st.query_params.get(_ROW, "")
    for place, view in enumerate(views):
        if str(view.id) == asked:
            return place
    return next((place for place, view in enumerate(views) if not view.decided), 0)


def _turn(views: Sequence[ItemView], place: int) -> None:
    st.markdown(f":small[:gray[{place + 1} of {len(views)}]]", width="content")
    for icon, step, key, word in (
        ("arrow_back", -1, "Left", "Before"),
        ("arrow_forward", 1, "Right", "Next"),
    ):
        there = 0 <= place + step < len(views)
        st.button(
            word, icon=f":material/{icon}:", type="tertiary", shortcut=key,
            key=f"turn-{key}", disabled=not there, on_click=filters.put,
            kwargs={_ROW: str(views[place + step].id) if there else None},
        )  # fmt: skip


def _facts(view: ItemView) -> None:
    rows = [
        ("In the department", md(peers_sentence(view.row))),
        ("If you revoke", " ".join(md(sentence, limit=600) for sentence in view.ending)),
        ("Before", md(past(view)) or "Never reviewed"),
        ("Why you", md(view.row["routed_why"], limit=400)),
    ]
    rows += [(badge(s["signal"]).word, md(s["how"])) for s in view.signals]
    frame = pd.DataFrame([(f":gray[{name}]", value) for name, value in rows],
                         columns=["What", "Value"])  # fmt: skip
    st.table(frame, border="horizontal", hide_index=True, hide_header=True,
             alt="What is known of this access")  # fmt: skip
