"""The end of a reviewer's part: what will change, and a statement to tick."""

import pandas as pd
import streamlit as st

from ui import filters
from ui.access import Visit, note, shown_errors
from ui.heading import card_title, secondary
from ui.texts import badge, clock, count, local, md
from workflows.my_reviews import MyReview, changing
from workflows.review_decide import sign_off

STATEMENT = (
    "I have looked at each row above and at what I kept, and this is what my team needs for its "
    "work today."
)
_SIGN = "sign"


def wanted() -> bool:
    """Whether the address asks for the signature."""
    return _SIGN in st.query_params


def button(review: MyReview) -> None:
    """The way there, once everything is decided."""
    if review.signed_at is None:
        st.button(
            "Sign off…", icon=":material/draw:", disabled=bool(review.left),
            type="secondary" if review.left else "primary",
            help="When every row has a decision." if review.left else None,
            on_click=filters.put, kwargs={_SIGN: "1"},
        )  # fmt: skip


def draw(visit: Visit, review: MyReview) -> None:
    """What is signed: the rows that will change, named one by one."""
    with st.container(border=True):
        card_title("Sign off your part")
        views = changing(visit.installation, review.record.id, actor=visit.actor)
        st.markdown(
            f"You decided {count(review.decided, 'row')}. "
            + ("These are the ones that will change:" if views else "Nothing of it will change.")
        )
        if views:
            rows = [
                (md(view.row["person"]), md(view.row["resource"]), md(view.row["note"]),
                 badge(view.row["state"]).markdown)
                for view in views
            ]  # fmt: skip
            st.table(
                pd.DataFrame(rows, columns=["Person", "Access", "Your note", "Decision"]),
                border="horizontal", hide_index=True, alt="What will change, with your notes",
            )  # fmt: skip
        ticked = st.checkbox(STATEMENT, key=f"statement-{review.record.id}")
        with st.container(horizontal=True, gap="xsmall"):
            pressed = st.button(
                "Sign off", type="primary", icon=":material/draw:", disabled=not ticked
            )
            st.button("Back to the rows", type="tertiary", icon=":material/arrow_back:",
                      on_click=filters.clear, args=(_SIGN,))  # fmt: skip
        secondary("You can still change a decision until the campaign closes; you would then sign "
                  "off again.")  # fmt: skip
    if pressed:
        with shown_errors():
            sign_off(visit.installation, review.record.id, actor=visit.actor, statement=STATEMENT)
            note("Signed off. Thank you.")
            filters.clear(_SIGN)
            st.rerun()


def signed(visit: Visit, review: MyReview) -> None:
    """That it is signed, and when."""
    if review.signed_at is not None:
        now = visit.installation.now()
        st.markdown(
            f"{badge('signed').markdown} {clock(review.signed_at, now).capitalize()} "
            f"{local(now):%Z}. Thank you."
        )
