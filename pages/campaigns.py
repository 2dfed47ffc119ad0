"""Campaigns: who reviews what, how far they are, and a new one in one sitting."""

import pandas as pd
import streamlit as st

from ui import campaign_card, campaign_changes, campaign_new, campaign_rows, filters, tables
from ui.access import Visit, empty, require, shown_errors
from ui.heading import card_title, heading, now_only, published
from ui.palette import pill
from ui.texts import badge, day, local, md, number
from workflows.removals import removals
from workflows.reviews import CampaignView, list_campaigns

visit = require("auditor")
ENDED = ("CLOSED", "CANCELLED")


def closed(visit: Visit, views: list[CampaignView]) -> None:
    """What has been closed or cancelled, newest first; opening one shows it whole."""
    gone = [removals(visit.installation, visit.connected.id, actor=visit.actor, campaign_id=v.id,
                     limit=0).counts for v in views]  # fmt: skip
    card_title("Closed")
    tables.pick(
        pd.DataFrame(
            {
                "Campaign": [view.record.name for view in views],
                "State": [badge(view.record.state).word for view in views],
                "Ended": [day(local(v.record.closed_at)) if v.record.closed_at else ""
                          for v in views],
                "Rows": [view.record.items for view in views],
                "Decided": [view.decided for view in views],
                "Verified gone": [f"{number(g['VERIFIED_GONE'])} of {number(sum(g.values()))}"
                                  for g in gone],
            }
        ),
        [str(view.id) for view in views],
        param="campaign", column="Campaign", key="closed", width=320,
        alt="Campaigns that have ended; open one for its reviewers",
        pills={"State": ([pill(state) for state in ENDED], 110)},
    )  # fmt: skip


def drafts(visit: Visit, views: list[CampaignView]) -> None:
    """What was kept for later."""
    card_title("Drafts")
    for view in views:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            name = f"**{md(view.record.name)}** {badge('DRAFT').markdown}"
            st.markdown(f"{name} :small[:gray[{campaign_card.due_words(view)}]]", width="stretch")
            if not visit.may_change:
                continue
            st.button("Go on with it", key=f"draft-{view.id}", on_click=filters.only,
                      kwargs={campaign_new.NEW: view.record.template,
                              campaign_new.DRAFT: str(view.id)})  # fmt: skip
            if st.button("Discard…", key=f"discard-{view.id}", type="tertiary"):
                campaign_new.ask_discard(visit, view)


def overview(visit: Visit, views: list[CampaignView]) -> None:
    """All campaigns: the active ones as cards, the chosen one whole."""
    active = [view for view in views if view.record.state == "ACTIVE"]
    ended = [view for view in views if view.record.state in ENDED]
    words = (
        f"{number(len(active))} active, {number(len(ended))} ended · reviewers decide; Countersign "
        "proves from later syncs that what was revoked is gone"
    )
    with heading("Campaigns", words):
        if visit.may_change:
            st.button("New campaign", icon=":material/add:", type="primary",
                      on_click=filters.only, kwargs={campaign_new.NEW: "quarterly"})  # fmt: skip
    if not views:
        empty("fact_check", "No access review yet", "A campaign freezes who has what, asks their "
              "managers, and proves that what they revoke has gone.")  # fmt: skip
        return
    asked = next((v for v in views if str(v.id) == st.query_params.get("campaign")), None)
    whole = asked or next(iter(active), None)
    if asked is not None and asked.record.state in ENDED:
        campaign_card.draw(visit, asked, whole=True)
    for view in active:
        campaign_card.draw(visit, view, whole=view is whole)
    waiting = [view for view in views if view.record.state == "DRAFT"]
    if waiting:
        drafts(visit, waiting)
    if ended:
        closed(visit, ended)


with shown_errors():
    connection = published(visit, "Campaigns")
    if not connection.access_reviews:
        with heading("Campaigns"):
            pass
        empty("fact_check", "User Access Review is off", "Nobody's access is read until it is on: "
              "change the connection, and sync.", "Go to Connection", "connection")  # fmt: skip
        st.stop()
    if campaign_new.NEW in st.query_params and visit.may_change:
        campaign_new.draw(visit)
        st.stop()
    now_only(visit)
    views = [
        view
        for view in list_campaigns(visit.installation, connection.id, actor=visit.actor)
        if not view.discarded
    ]
    shown = next((v for v in views if str(v.id) == st.query_params.get("campaign")), None)
    asked_for = st.query_params.get("show")
    if shown is not None and ("reviewer" in st.query_params or asked_for == "rows"):
        campaign_rows.draw(visit, shown)
    elif shown is not None and asked_for == "mails":
        campaign_rows.draw_mails(visit, shown)
    elif shown is not None and asked_for == "changes":
        campaign_changes.draw(visit, shown)
    else:
        overview(visit, views)
