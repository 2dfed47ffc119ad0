"""A campaign in one sitting: what, who decides, when; and what it would open, counted now."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from ui import filters, places, tables
from ui.access import Visit, note, shown_errors
from ui.asking import last_button
from ui.campaign_owners import ask_owners
from ui.heading import card_title, heading, secondary
from ui.palette import ACCENT
from ui.texts import clock, count, md, number
from workflows.errors import CountersignError
from workflows.review_choices import Answers, Choices, answers_of, choices, form_of_answers
from workflows.review_open import Preview, discard_draft, open_campaign, preview, save_draft
from workflows.review_scope import ALL, TEMPLATES, CampaignForm
from workflows.reviews import CampaignView

# In the address: the kind of campaign, and the draft that is gone on with.
NEW, DRAFT = "new", "draft"
_TITLES = {
    "quarterly": "Quarterly, all apps", "admin-roles": "Administrators", "app-owner": "One app",
    "contractors": "Contractors", "custom": "Own choice",
}  # fmt: skip
_STRATEGIES = {"manager": "Their manager", "owner": "Owners", "named": "One person"}
_REPEATS = {0: "Once", 1: "Every month", 3: "Every 3 months", 6: "Every 6 months",
            12: "Every year"}  # fmt: skip
_RESTS = {"no_decision": "No decision", "revoke": "Revoke requested"}
_RULES = {"manager": "Manager in Okta", "owner": "Owner", "named": "Named here",
          "fallback": "To the fallback", "nobody": "Nobody may decide"}  # fmt: skip
_MANY, _REASONS = 400, 5
_UNREAD = "new-unread"


def draw(visit: Visit) -> None:
    """The form at the left, what it would open at the right."""
    draft_id = filters.number(DRAFT)
    kept = None
    if draft_id is not None:
        kept = answers_of(visit.installation, draft_id, actor=visit.actor)
    found = choices(visit.installation, visit.connected.id, actor=visit.actor, kept=kept)
    now = visit.installation.now()
    words = (
        "Nothing is sent until you open it. Opening freezes the rows as of "
        f"run {found.run_id}, {clock(found.as_of, now)}."
    )
    with heading("New campaign" if kept is None else "Draft of a campaign", words,
                 back=("Campaigns", filters.only)):  # fmt: skip
        pass
    left, right = st.columns([6, 5], gap="medium")
    with left:
        answers = _ask(visit, found, kept, f"-{draft_id}" if draft_id else "")
    with right, st.container(border=True):
        card_title("This would open", "counted now")
        form, would, problem = _counted(visit, answers)
        if problem is not None:
            secondary(f":material/info: {md(str(problem), limit=900)}")
        # It stays once it is answered: a field that goes takes its answer along.
        if (would and would.unread) or (problem and problem.code == "not_read"):
            st.text_input("Open without it, because", key=_UNREAD, value=answers.unread_reason,
                          placeholder="It is then named as not reviewed")  # fmt: skip
        if form is not None and would is not None:
            _show(form, would)
            _finish(visit, form, would, draft_id)


def _counted(
    visit: Visit, answers: Answers
) -> tuple[CampaignForm | None, Preview | None, CountersignError | None]:
    """The form that the answers make and what it would open, or what is wrong with them."""
    inst, connection_id = visit.installation, visit.connected.id
    try:
        form = form_of_answers(inst, connection_id, answers, actor=visit.actor)
        return form, preview(inst, connection_id, form, actor=visit.actor), None
    except CountersignError as error:
        return None, None, error


def _usual(template: str, today: date) -> Answers:
    """What a kind of campaign begins with."""
    usual = TEMPLATES.get(template)
    return Answers(
        template=template, name=f"{_quarter(today)}, {_TITLES[template].lower()}", apps=(),
        groups=(), admin_roles=False, contractors_only=False, departments=(),
        strategy=usual.strategy if usual else "manager", named="", fallback="",
        due_on=today + timedelta(days=usual.days if usual else 14),
        repeat_months=usual.repeat_months if usual else 0, rest="no_decision",
    )  # fmt: skip


def _ask(visit: Visit, found: Choices, kept: Answers | None, draft: str) -> Answers:
    """Ask for everything. kept: what a draft answers; draft: how its fields' keys end."""
    today = visit.installation.today()
    with st.container(border=True):
        card_title("1. What")
        template = filters.one(
            "Kind of campaign", NEW, [*_TITLES], default="quarterly", words=_TITLES.__getitem__,
            silent=False,
        )  # fmt: skip
        start = kept if kept and kept.template == template else _usual(template, today)
        end = f"-{template}{draft}"
        name = st.text_input("Name", start.name, key=f"new-name{end}", max_chars=120)
        apps, groups, roles = _resources(start, found, end)
        contractors, departments = _people(start, found, end)
    with st.container(border=True):
        card_title("2. Who decides")
        strategy = st.segmented_control(
            "Who decides", [*_STRATEGIES], format_func=_STRATEGIES.__getitem__, required=True,
            default=start.strategy, key=f"new-strategy{end}", label_visibility="collapsed",
        )  # fmt: skip
        named = ""
        if strategy == "named":
            named = _person("Who", f"new-named{draft}", found, start.named)
        elif strategy == "owner":
            ask_owners(visit, found, _looked_at(found, apps, groups, roles=roles), end)
        fallback = _person(
            # The same for each kind of campaign.
            "Fallback", f"new-fallback{draft}", found, (kept or start).fallback,
            help="Decides where nobody else can: no manager in Okta, a manager who has left, or "
            "one’s own access.",
        )  # fmt: skip
    with st.container(border=True):
        card_title("3. When")
        due, repeat, rest = st.columns(3)
        due_on = due.date_input("Due", max(start.due_on, today), key=f"new-due{end}",
                                min_value=today, format="YYYY-MM-DD")  # fmt: skip
        months = repeat.selectbox(
            "Repeat", [*_REPEATS], format_func=_REPEATS.__getitem__, key=f"new-repeat{end}",
            index=[*_REPEATS].index(start.repeat_months),
        )  # fmt: skip
        left = rest.selectbox(
            "If undecided",
            [*_RESTS],
            format_func=_RESTS.__getitem__,
            index=[*_RESTS].index(start.rest),
            key=f"new-rest{end}",
            help="What becomes of rows that nobody has decided when the campaign is closed.",
        )
        secondary("Reviewers get an e-mail when it opens, half-way, the day before, and once it "
                  "is overdue.")  # fmt: skip
    return Answers(
        template=template, name=name, apps=apps, groups=groups, admin_roles=roles,
        contractors_only=contractors, departments=departments, strategy=strategy or "",
        named=named, fallback=fallback, due_on=due_on, repeat_months=months, rest=left,
        unread_reason=st.session_state.get(_UNREAD, start.unread_reason),
    )  # fmt: skip


def _resources(
    start: Answers, found: Choices, end: str
) -> tuple[str | tuple[str, ...], tuple[str, ...], bool]:
    """The applications, groups, and whether admin roles."""
    template, known = start.template, [app for app in start.apps if app in found.apps]
    if template == "app-owner":
        chosen = st.selectbox("Application", [*found.apps], format_func=found.apps.__getitem__,
                              key=f"new-app{end}", placeholder="Choose one",
                              index=[*found.apps].index(known[0]) if known else None)  # fmt: skip
        return (chosen,) if chosen else (), (), False
    if template == "custom":
        apps = st.multiselect("Applications", [*found.apps], format_func=found.apps.__getitem__,
                              default=known, key=f"new-apps{end}", placeholder="None")  # fmt: skip
        groups = st.multiselect("Groups", [*found.groups], format_func=found.groups.__getitem__,
                                default=[g for g in start.groups if g in found.groups],
                                key=f"new-groups{end}", placeholder="None")  # fmt: skip
        roles = st.toggle("Admin roles", start.admin_roles, key=f"new-roles{end}")
        return tuple(apps), tuple(groups), roles
    scope = TEMPLATES[template].scope
    parts = []
    if scope.apps == ALL:
        parts.append(count(len(found.apps), "app"))
    if scope.admin_roles == ALL:
        parts.append("all admin roles")
    secondary(f"Looks at {' and '.join(parts)}.")
    return scope.apps, (), scope.admin_roles == ALL


def _looked_at(
    found: Choices, apps: str | tuple[str, ...], groups: tuple[str, ...], *, roles: bool
) -> dict[tuple[str, str], str]:
    """Kind and id -> label of what is reviewed."""
    return {
        **{("app", i): name for i, name in found.apps.items() if apps == ALL or i in apps},
        **{("group", i): name for i, name in found.groups.items() if i in groups},
        **{("admin_role", i): name for i, name in found.roles.items() if roles},
    }


def _people(start: Answers, found: Choices, end: str) -> tuple[bool, tuple[str, ...]]:
    if start.template == "contractors":
        return True, ()
    chosen = st.multiselect(
        "Departments", found.departments, key=f"new-departments{end}",
        default=[name for name in start.departments if name in found.departments],
        placeholder="All current people",
    )  # fmt: skip
    return False, tuple(chosen)


def _person(label: str, key: str, found: Choices, start: str, *, help: str | None = None) -> str:
    """A manager from the list, or anybody by e-mail."""
    known = [*found.reviewers, *([start] if start and start not in found.reviewers else [])]
    said = st.selectbox(
        label, known, key=key, accept_new_options=True, help=help,
        index=known.index(start) if start else None,
        format_func=lambda who: found.reviewers.get(who, who),
        placeholder="Choose a manager, or type an e-mail",
    )  # fmt: skip
    # Who types a name and presses Enter means the one who is called so.
    return found.meant(said or "")


def _show(form: CampaignForm, would: Preview) -> None:
    for column, (label, value) in zip(
        st.columns(3),
        (("Rows", would.items), ("Reviewers", len([r for r in would.reviewers if r.user_id])),
         ("To the fallback", would.rules.get("fallback", 0))),
        strict=True,
    ):  # fmt: skip
        column.metric(label, number(value))
    why = pd.DataFrame(
        [(_RULES.get(rule, rule), number(rows),
          number(sum(rule in share.rules for share in would.reviewers)))
         for rule, rows in sorted(would.rules.items(), key=lambda item: -item[1])],
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
    if largest and largest[0].items > _MANY and form.strategy != "owner":
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
            "Rows": st.column_config.NumberColumn(format="localized"),
            "Share": st.column_config.ProgressColumn(
                "", min_value=0, max_value=most, format=" ", color=ACCENT
            )
        },
    )  # fmt: skip


def _finish(visit: Visit, form: CampaignForm, would: Preview, draft_id: int | None) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        if st.button("Open the campaign…", type="primary", icon=":material/play_arrow:"):
            _confirm(visit, form, would, draft_id)
        if st.button("Save as draft" if draft_id is None else "Save the draft"):
            with shown_errors():
                save_draft(visit.installation, visit.connected.id, form, actor=visit.actor,
                           campaign_id=draft_id)  # fmt: skip
                note("Saved as a draft.")
                places.go("campaigns")


@st.dialog("Open the campaign")
def _confirm(visit: Visit, form: CampaignForm, would: Preview, draft_id: int | None) -> None:
    st.markdown(
        f"**{md(form.name)}**: {count(would.items, 'row')} for "
        f"{count(len(would.reviewers), 'reviewer')}, due {form.due_on:%-d %B %Y}. The rows are "
        f"frozen as of run {would.run_id}, and reviewers are told."
    )

    def act() -> str:
        made = open_campaign(
            visit.installation, visit.connected.id, form, actor=visit.actor, draft_id=draft_id
        )
        filters.only(campaign=str(made.id))
        return f"The campaign is open: {count(made.record.items, 'row')} to decide."

    last_button("Open it", act, key="open-it", icon=":material/play_arrow:")


@st.dialog("Discard the draft")
def ask_discard(visit: Visit, view: CampaignView) -> None:
    """Ask whether a draft is to be forgotten."""
    st.markdown(f"**{md(view.record.name)}** is forgotten. Nothing was frozen or sent for it.")

    def act() -> str:
        discard_draft(visit.installation, view.id, actor=visit.actor)
        return "The draft is discarded."

    last_button("Discard it", act, key="discard-it", icon=":material/delete:")


def _quarter(today: date) -> str:
    return f"Q{(today.month - 1) // 3 + 1} {today.year}"
