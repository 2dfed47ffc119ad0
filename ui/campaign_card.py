"""One campaign as a card: how far it is, by reviewer, app or department."""

from datetime import datetime

import pandas as pd
import streamlit as st

from ui import campaign_manage, filters, tables
from ui.access import Visit
from ui.heading import card_title, secondary
from ui.palette import ACCENT, pill
from ui.texts import badge, clock, count, day, local, md, number
from workflows.review_report import HOW_QUALITY, Part, parts, progress
from workflows.reviews import CampaignView

_BY = {"reviewer": "By reviewer", "resource": "By app", "department": "By department"}
_MOST = 10
_STATES = ("waiting", "deciding", "signed", "stale")


def due_words(view: CampaignView) -> str:
    """due 4 Dec 2026, in 10 days."""
    days = (view.record.due_on - view.today).days
    when = "today" if days == 0 else f"in {count(days, 'day')}" if days > 0 else (
        f"{count(-days, 'day')} ago"
    )  # fmt: skip
    return f"due {day(view.record.due_on)}, {when}"


def draw(visit: Visit, view: CampaignView, *, whole: bool) -> None:
    """The card; whole: with its table, and everything that can be done."""
    record = view.record
    with st.container(border=True):
        reviewers = parts(visit.installation, view.id, actor=visit.actor) if whole else []
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch", gap=None):
                late = f" {badge('late').markdown}" if view.overdue else ""
                card_title(f"{md(record.name)} {badge(record.state).markdown}{late}")
                frozen = day(local(record.frozen_at or record.created_at))
                who = f" for {count(len(reviewers), 'reviewer')}" if whole else ""
                secondary(f"{count(record.items, 'row')}{who} · frozen {frozen} from run "
                          f"{record.run_id} · {due_words(view)}")  # fmt: skip
            if not whole:
                st.markdown(
                    f":small[:gray[{number(view.decided)} of {number(record.items)} decided]]",
                    width="content",
                )
                st.button("Open", key=f"open-{view.id}", on_click=filters.only,
                          kwargs={"campaign": str(view.id)})  # fmt: skip
            else:
                campaign_manage.actions(visit, view, reviewers)
        if whole:
            _progress(view, reviewers)
            _not_reviewed(view)
            by = filters.one("Progress by", "by", [*_BY], default="reviewer",
                             words=_BY.__getitem__)  # fmt: skip
            if by == "reviewer":
                _reviewers(visit, view, reviewers)
            else:
                _shares(visit, view, by)


def _progress(view: CampaignView, reviewers: list[Part]) -> None:
    record = view.record
    said = {name: sum(getattr(part, name) for part in reviewers)
            for name in ("keep", "revoke", "change")}  # fmt: skip
    words = " · ".join(f"{number(n)} {name}" for name, n in said.items() if n)
    told = f"**{number(view.decided)} of {number(record.items)} decided**"
    st.progress(view.decided / max(1, record.items), text=f"{told} · {words}" if words else told)


def _not_reviewed(view: CampaignView) -> None:
    """What could not be read is named: silence about it would read as reviewed."""
    for item in (view.record.unread or [])[:_MOST]:
        st.markdown(f":orange-badge[:material/warning: Not reviewed] {md(item['label'])} "
                    f":small[:gray[{md(item['reason'], limit=300)}]]")  # fmt: skip
    if view.record.unread:
        secondary(f"Opened all the same: {md(view.record.unread_reason, limit=400)}")


def state_of(part: Part) -> str:
    """What a reviewer has come to: "waiting", "deciding", "signed" or "stale"."""
    if part.signed_at is not None:
        return "stale" if part.stale else "signed"
    return "deciding" if part.decided else "waiting"


def _reviewers(visit: Visit, view: CampaignView, reviewers: list[Part]) -> None:
    ordered = sorted(
        reviewers, key=lambda part: (-part.signals_left, part.decided - part.items, part.name)
    )
    now = visit.installation.now()
    tables.pick(
        pd.DataFrame(
            {
                "Reviewer": [part.name for part in ordered],
                "Team": [part.team or "" for part in ordered],
                "Progress": [100 * part.decided / max(1, part.items) for part in ordered],
                "Decided": [f"{number(p.decided)} of {number(p.items)}" for p in ordered],
                "Revoked": [part.revoke for part in ordered],
                "Signals left": [part.signals_left for part in ordered],
                "Last seen": [_seen(part, now) for part in ordered],
                "State": [badge(state_of(part)).word for part in ordered],
                "Quality": [" · ".join(p.quality.remarks) if p.quality else "" for p in ordered],
            }
        ),
        [part.user_id or "nobody" for part in ordered],
        param="reviewer", column="Reviewer", key=f"parts-{view.id}", width=140,
        keep=("campaign",), alt="Reviewers and how far each is; open one for the rows",
        columns={
            "Progress": st.column_config.ProgressColumn(
                min_value=0, max_value=100, format="%d%%", color=ACCENT, width=112
            ),
            "Quality": st.column_config.TextColumn(help=HOW_QUALITY),
            "Team": st.column_config.TextColumn(width=116),
            "Decided": st.column_config.TextColumn(width=84),
            "Revoked": st.column_config.NumberColumn(width=66, format="localized"),
            "Signals left": st.column_config.NumberColumn(
                width=86, help="Undecided rows with a signal; most of them first."
            ),
            "Last seen": st.column_config.TextColumn(
                width=100, help="When they last decided here, or were last signed in."
            ),
        },
        pills={"State": ([pill(state) for state in _STATES], 100)},
    )  # fmt: skip


def _seen(part: Part, now: datetime) -> str:
    return clock(part.seen_at, now).capitalize() or "Not yet"


def _shares(visit: Visit, view: CampaignView, by: str) -> None:
    counted = progress(visit.installation, view.id, by=by, actor=visit.actor)
    shown = pd.DataFrame(
        {
            "App" if by == "resource" else "Department": counted["label"],
            "Progress": 100 * counted["decided"] / counted["items"].clip(lower=1),
            "Rows": counted["items"],
            "Decided": counted["decided"],
            "Keep": counted["keep"],
            "Revoke": counted["revoke"],
            "Change": counted["change"],
        }
    )
    st.dataframe(
        tables.readable(shown), hide_index=True, width="stretch", row_height=tables.ROW,
        height=min(tables.HIGHEST, tables.HEADER + tables.ROW * max(1, len(shown))),
        alt=f"Progress {_BY[by].lower()}", placeholder="–",
        column_config={
            "Progress": st.column_config.ProgressColumn(
                min_value=0, max_value=100, format="%d%%", color=ACCENT
            )
        },
    )  # fmt: skip
