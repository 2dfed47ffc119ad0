"""My reviews: what is yours to decide, in as few presses as it takes."""

import streamlit as st

from ui import filters, review_one, review_rows, sign_off, your_reviews
from ui import review_saying as saying
from ui.access import Visit, empty, require, shown_errors
from ui.heading import heading
from ui.texts import badge, count, day, local, md, number
from workflows.my_reviews import MyReview, my_reviews
from workflows.review_list import ItemFilter

visit = require("reviewer")
VIEWS = {"person": "By person", "app": "By app", "one": "One at a time"}
HOW = (
    "**Keep** what the person needs for today's work; **Revoke** what they do not. **Change…** "
    "says what it should become, **Not mine…** hands it to the fallback. A note is asked for all "
    "but keeping, and for keeping privileged access. Everything is saved at once, and can be "
    "changed until the campaign closes. Signals help and never decide:"
)


def head(visit: Visit, review: MyReview) -> None:
    """What this is, how much, until when, and as of which moment."""
    record = review.record
    when = f"in {count(review.days_left, 'day')}" if review.days_left > 0 else (
        "today" if review.days_left == 0 else f"{count(-review.days_left, 'day')} ago"
    )  # fmt: skip
    frozen = record.frozen_at or record.created_at
    words = (
        f"{md(record.name)} · **{count(review.items, 'row')}** for you · due {day(record.due_on)}, "
        f"{when} · as it was in Okta on {day(local(frozen))}, run {record.run_id}"
    )
    with heading("Your access review", words):
        pass
    parts = [
        f"{number(review.states[state])} {badge(state).word.lower()}"
        for state in ("KEEP", "REVOKE", "CHANGE", "NOT_MINE")
        if review.states.get(state)
    ]
    told = " · ".join([f"**{number(review.decided)} of {number(review.items)} decided**", *parts])
    st.progress(review.decided / review.items, text=told)
    sign_off.signed(visit, review)


def toolbar(review: MyReview) -> tuple[str, ItemFilter]:
    """How the rows are shown, and which."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        by = filters.one("View", "view", [*VIEWS], default="person", words=VIEWS.__getitem__)
        counts = {
            "todo": f"To decide {number(review.left)}",
            "signal": f"With a signal {number(review.signals)}",
            "decided": f"Decided {number(review.decided)}",
            "all": "All",
        }
        which = filters.one(
            "Which", "which", [*counts], default="todo" if review.left else "all",
            words=counts.__getitem__,
        )  # fmt: skip
        search = filters.text("Search", "q", placeholder="Person or app", collapsed=True)
        with st.popover("How to decide", icon=":material/help:"):
            st.markdown(HOW)
            your_reviews.explain_signals()
    wanted = ItemFilter(
        review.record.id, search=search,
        decided={"todo": False, "signal": False, "decided": True}.get(which),
        signalled=True if which == "signal" else None,
    )  # fmt: skip
    return by, wanted


def rows(visit: Visit, review: MyReview) -> None:
    """The rows, and at the foot of the window what is left."""
    by, wanted = toolbar(review)
    order = "resource" if by == "app" else "person"
    views, fitted = review_rows.pinned(visit, wanted, order)
    review_one.refuse_others(visit, views)
    if not views:
        empty("task_alt", "Nothing here is left to decide" if not review.left
              else "No row fits these filters", "Look at all of them, or sign off."
              if not review.left else "Search less, or look at all of them.")  # fmt: skip
    elif by == "one":
        review_one.draw(visit, views)
    else:
        review_rows.cards(visit, review, views, by=by)
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if by == "one" and views:
            review_one.actions(visit, views)
        st.markdown(
            f"{review_rows.left_words(review)} :small[:gray[saved as you go]]", width="stretch"
        )
        if fitted > len(views) or any(view.decided for view in views):
            st.button("Next rows", icon=":material/arrow_downward:", type="tertiary",
                      on_click=review_rows.next_rows)  # fmt: skip
        st.button("Undo", icon=":material/undo:", shortcut="U", disabled=not saying.can_undo(),
                  on_click=saying.undo_last, args=(visit,))  # fmt: skip
        sign_off.button(review)


with shown_errors():
    mine = my_reviews(visit.installation, visit.connected.id, actor=visit.actor)
    asked = st.query_params.get("campaign", "")
    review = next((r for r in mine if str(r.record.id) == asked), None)
    review = review or next((r for r in mine if r.left), next(iter(mine), None))
    if review is None:
        with heading("My reviews", "What is yours to decide"):
            pass
        your_reviews.nothing(visit)
    else:
        head(visit, review)
        if sign_off.wanted() and not review.left:
            sign_off.draw(visit, review)
        else:
            rows(visit, review)
