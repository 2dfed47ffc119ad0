"""A new campaign in one sitting: what, who decides, when; and what it would open, counted now."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from ui import filters, places, tables
from ui.access import Visit, note, shown_errors
from ui.heading import card_title, heading, secondary
from ui.palette import ACCENT
from ui.texts import clock, count, md, number
from workflows.errors import CountersignError
from workflows.review_choices import Answers, Choices, choices, form_of_answers
from workflows.review_open import Preview, open_campaign, preview, save_draft
from workflows.review_scope import ALL, TEMPLATES, CampaignForm, form_of
from workflows.reviews import CampaignView

NEW = "new"
_TITLES = {
    "quarterly": "Quarterly, all apps", "admin-roles": "Administrators", "app-owner": "One app",
    "contractors": "Contractors", "custom": "Own choice",
}  # fmt: skip
_STRATEGIES = {"manager": "Their manager", "owner": "Owner of the app", "named": "One person"}
_REPEATS = {0: "Once", 1: "Every month", 3: "Every 3 months", 6: "Every 6 months",
            12: "Every year"}  # fmt: skip
_RESTS = {"no_decision": "No decision", "revoke": "Revoke requested"}
_RULES = {"manager": "Manager in Okta", "owner": "Owner", "named": "Named here",
          "fallback": "To the fallback", "nobody": "Nobody may decide"}  # fmt: skip
_MANY, _REASONS = 400, 5


def draw(visit: Visit) -> None:
    """The form at the left, what it would open at the right."""
    found = choices(visit.installation, visit.connected.id, actor=visit.actor)
    now = visit.installation.now()
    words = (
        "Nothing is sent until you open it. Opening freezes the rows as of "
        f"run {found.run_id}, {clock(found.as_of, now)}."
    )
    with heading("New campaign", words, back=("Campaigns", filters.only)):
        pass
    left, right = st.columns([6, 5], gap="medium")
    with left:
        answers = _ask(visit, found)
    with right, st.container(border=True):
        card_title("This would open", "counted now")
        try:
            form = form_of_answers(
                visit.installation, visit.connected.id, answers, actor=visit.actor
            )
            would = preview(visit.installation, visit.connected.id, form, actor=visit.actor)
        except CountersignError as error:
            secondary(f":material/info: {md(str(error), limit=900)}")
            if error.code == "not_read":
                st.text_input("Open without it, because", key="new-unread",
                              placeholder="It is then named as not reviewed")  # fmt: skip
            return
        _show(would)
        _finish(visit, form, would)


def _ask(visit: Visit, found: Choices) -> Answers:
    with st.container(border=True):
        card_title("1. What")
        template = filters.one(
            "Kind of campaign", NEW, [*_TITLES], default="quarterly", words=_TITLES.__getitem__,
            silent=False,
        )  # fmt: skip
        usual = TEMPLATES.get(template)
        today = visit.installation.today()
        days = usual.days if usual else 14
        name = st.text_input(
            "Name", key=f"new-name-{template}", max_chars=120,
            value=f"{_quarter(today)}, {_TITLES[template].lower()}",
        )  # fmt: skip
        apps, groups, roles = _resources(template, found)
        contractors, departments = _people(template, found)
    with st.container(border=True):
        card_title("2. Who decides")
        strategy = st.segmented_control(
            "Who decides", [*_STRATEGIES], format_func=_STRATEGIES.__getitem__, required=True,
            default=usual.strategy if usual else "manager", key=f"new-strategy-{template}",
            label_visibility="collapsed",
        )  # fmt: skip
        named = ""
        if strategy != "manager":
            named = _person("Who", "new-named", found)
        fallback = _person(
            "Fallback", "new-fallback", found,
            help="Decides where nobody else can: no manager in Okta, a manager who has left, or "
            "one’s own access.",
        )  # fmt: skip
    with st.container(border=True):
        card_title("3. When")
        due, repeat, rest = st.columns(3)
        due_on = due.date_input("Due", today + timedelta(days=days), key=f"new-due-{template}",
                                min_value=today, format="YYYY-MM-DD")  # fmt: skip
        months = repeat.selectbox(
            "Repeat", [*_REPEATS], format_func=_REPEATS.__getitem__, key=f"new-repeat-{template}",
            index=[*_REPEATS].index(usual.repeat_months if usual else 0),
        )  # fmt: skip
        unread = st.session_state.get("new-unread", "")
        left = rest.selectbox(
            "If undecided",
            [*_RESTS],
            format_func=_RESTS.__getitem__,
            key="new-rest",
            help="What becomes of rows that nobody has decided when the campaign is closed.",
        )
        secondary("Reviewers get an e-mail when it opens, half-way, the day before, and once it "
                  "is overdue.")  # fmt: skip
    return Answers(
        template=template, name=name, apps=apps, groups=groups, admin_roles=roles,
        contractors_only=contractors, departments=departments, strategy=strategy or "",
        named=named, fallback=fallback, due_on=due_on, repeat_months=months, rest=left,
        unread_reason=unread,
    )  # fmt: skip


def _resources(
    template: str, found: Choices
) -> tuple[str | tuple[str, ...], tuple[str, ...], bool]:
    """The applications, groups, and whether admin roles."""
    if template == "app-owner":
        chosen = st.selectbox("Application", [*found.apps], format_func=found.apps.__getitem__,
                              key="new-app", index=None, placeholder="Choose one")  # fmt: skip
        return (chosen,) if chosen else (), (), False
    if template == "custom":
        apps = st.multiselect("Applications", [*found.apps], format_func=found.apps.__getitem__,
                              key="new-apps", placeholder="None")  # fmt: skip
        groups = st.multiselect("Groups", [*found.groups], format_func=found.groups.__getitem__,
                                key="new-groups", placeholder="None")  # fmt: skip
        return tuple(apps), tuple(groups), st.toggle("Admin roles", key="new-roles")
    scope = TEMPLATES[template].scope
    parts = []
    if scope.apps == ALL:
        parts.append(count(len(found.apps), "app"))
    if scope.admin_roles == ALL:
        parts.append("all admin roles")
    secondary(f"Looks at {' and '.join(parts)}.")
    return scope.apps, (), scope.admin_roles == ALL


def _people(template: str, found: Choices) -> tuple[bool, tuple[str, ...]]:
    if template == "contractors":
        return True, ()
    chosen = st.multiselect("Departments", found.departments, key=f"new-departments-{template}",
                            placeholder="All current people")  # fmt: skip
    return False, tuple(chosen)


def _person(label: str, key: str, found: Choices, *, help: str | None = None) -> str:
    """A manager from the list, or anybody by e-mail."""
    said = st.selectbox(
        label, [*found.reviewers], key=key, index=None, accept_new_options=True, help=help,
        format_func=lambda login: found.reviewers.get(login, login),
        placeholder="Choose a manager, or type an e-mail",
    )  # fmt: skip
    # Who types a name and presses Enter means the one who is called so.
    wanted = (said or "").casefold()
    fitting = [login for login, name in found.reviewers.items() if wanted in name.casefold()]
    return fitting[0] if wanted and len(fitting) == 1 else said or ""


def _show(would: Preview) -> None:
    to_fallback = sum(share.rules.get("fallback", 0) for share in would.reviewers)
    for column, (label, value) in zip(
        st.columns(3),
        (("Rows", would.items), ("Reviewers", len([r for r in would.reviewers if r.user_id])),
         ("To the fallback", to_fallback)),
        strict=True,
    ):  # fmt: skip
        column.metric(label, number(value))
    rules: dict[str, list[int]] = {}
    for share in would.reviewers:
        for rule, rows in share.rules.items():
            counted = rules.setdefault(rule, [0, 0])
            counted[0] += rows
            counted[1] += 1
    why = pd.DataFrame(
        [(_RULES.get(rule, rule), number(rows), number(who)) for rule, (rows, who) in
         sorted(rules.items(), key=lambda item: -item[1][0])],
        columns=["Routed because", "Rows", "Reviewers"],
    )  # fmt: skip
    st.table(why, border="horizontal", hide_index=True, alt="Why rows go to whom")
    for item in would.unread[:_REASONS]:
        st.markdown(f":orange-badge[:material/warning: Not reviewed] {md(item.label)} "
                    f":small[:gray[{md(item.reason, limit=300)}]]")  # fmt: skip
    if would.unassigned:
        many = count(would.unassigned, "row")
        st.markdown(f":orange-badge[:material/warning: {many} for nobody] "
                    "Until somebody is named, nobody can decide them.")  # fmt: skip
    for reason in [r for share in would.reviewers for r in share.examples][:_REASONS]:
        secondary(md(reason, limit=300))
    largest = [share for share in would.reviewers if share.user_id][:5]
    if largest and largest[0].items > _MANY:
        st.markdown(
            f":orange-badge[:material/warning: {md(largest[0].name)} has over {_MANY} rows] "
            ":small[:gray[Consider the owners of apps.]]"
        )
    card_title("Largest")
    most = max((share.items for share in largest), default=1)
    st.dataframe(
        tables.readable(pd.DataFrame({
            "Reviewer": [share.name for share in largest],
            "Rows": [share.items for share in largest],
            "Share": [share.items for share in largest],
        })),
        hide_index=True, width="stretch", alt="Reviewers with the most rows",
        row_height=tables.ROW, height=tables.HEADER + tables.ROW * max(1, len(largest)),
        column_config={
            "Share": st.column_config.ProgressColumn(
                "", min_value=0, max_value=most, format=" ", color=ACCENT
            )
        },
    )  # fmt: skip


def _finish(visit: Visit, form: CampaignForm, would: Preview) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        if st.button("Open the campaign…", type="primary", icon=":material/play_arrow:"):
            _confirm(visit, form, would)
        if st.button("Save as draft"):
            with shown_errors():
                save_draft(visit.installation, visit.connected.id, form, actor=visit.actor)
                note("Saved as a draft.")
                places.go("campaigns")


def open_draft(visit: Visit, view: CampaignView) -> None:
    """Ask whether a draft is to be opened, counted now."""
    with shown_errors():
        form = form_of(view.record)
        would = preview(visit.installation, visit.connected.id, form, actor=visit.actor)
        _confirm(visit, form, would, view.id)


@st.dialog("Open the campaign")
def _confirm(
    visit: Visit, form: CampaignForm, would: Preview, draft_id: int | None = None
) -> None:  # fmt: skip
    st.markdown(
        f"**{md(form.name)}**: {count(would.items, 'row')} for "
        f"{count(len(would.reviewers), 'reviewer')}, due {form.due_on:%-d %B %Y}. The rows are "
        f"frozen as of run {would.run_id}, and reviewers are told."
    )
    if st.button("Open it", type="primary", icon=":material/play_arrow:"):
        with shown_errors():
            made = open_campaign(
                visit.installation, visit.connected.id, form, actor=visit.actor, draft_id=draft_id
            )
            note(f"The campaign is open: {count(made.record.items, 'row')} to decide.")
            places.go("campaigns", {"campaign": str(made.id)})


def _quarter(today: date) -> str:
    return f"Q{(today.month - 1) // 3 + 1} {today.year}"
