"""A reviewer's open campaigns: in the sidebar with what is left, and what to say when none is."""

import streamlit as st

from ui import places
from ui.access import Visit, empty
from ui.texts import badge, md
from workflows.my_reviews import SIGNALS, my_reviews


def draw(visit: Visit) -> None:
    """For the sidebar: each campaign, with what is left of it."""
    if visit.connection is None or visit.actor.okta_user_id is None:
        return
    mine = my_reviews(visit.present, visit.connection.id, actor=visit.actor)
    if not mine:
        return
    st.markdown("**Your reviews**")
    for review in mine:
        mark = f":orange-badge[{review.left} left]" if review.left else (
            ":green-badge[:material/check: Done]"
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            places.way(
                md(review.record.name, limit=24), "my_reviews",
                {"campaign": str(review.record.id)}, key=f"review-{review.record.id}",
            )  # fmt: skip
            st.markdown(mark, width="content")


def explain_signals() -> None:
    """Each signal, and how it is computed."""
    for code, signal in SIGNALS.items():
        st.markdown(f"{badge(code).markdown} :small[:gray[{md(signal.how, limit=400)}]]")


def nothing(visit: Visit) -> None:
    """Nobody waits for this person."""
    if visit.actor.okta_user_id is None:
        empty(
            "how_to_reg", "This account reviews nothing",
            "Reviewers are people whom Okta knows. In the demo, look as a manager from the menu "
            "at the left.",
        )  # fmt: skip
    else:
        empty("task_alt", "Nothing waits for you",
              "When a campaign gives you rows to decide, they appear here.")  # fmt: skip
