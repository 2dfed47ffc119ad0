"""Personnel: find anyone, and see why they count as what they count as."""

import pandas as pd
import streamlit as st

from ui import filters, person_drawer, tables
from ui.access import Visit, empty, require, shown_errors
from ui.heading import heading, published
from ui.override_form import override_form
from ui.palette import STRENGTH_PILLS, STRENGTHS, strength_word
from ui.tables import OKTA_PILLS
from ui.texts import as_of, count, exact, md, number, okta_word, sort_key
from workflows.people_search import ORDERS, Wanted, departments, find, ordered
from workflows.personnel import STATUS_GROUPS, STATUS_LABELS, People, people

visit = require("auditor")
NARROW = ("status", "strength", "overridden", "warnings", "outside", "order")


@st.dialog("Set status for several people", width="medium", on_dismiss="rerun")
def bulk(visit: Visit, user_ids: list[str], names: list[str]) -> None:
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    st.text(f"{count(len(names), 'person', 'people')}: {shown}")
    override_form(visit, user_ids, key="bulk", closes=True)


def words(visit: Visit, found: People) -> str:
    """As of when, from which run, of how many, and who is outside."""
    current = count(int(found.frame["current"].sum()), "current person", "current people")
    said = f"{as_of(found.as_of, found.run_id, visit.installation.now())} · {current} of "
    said += count(len(found.everyone), "identity", "identities")
    domains = md(", ".join(found.connection.email_domains), limit=60)
    outside = [
        (found.outside_domain, f"outside {domains}"),
        (found.outside_group, "not in the group"),
    ]
    parts = [f"{number(n)} {'is' if n == 1 else 'are'} {where}" for n, where in outside if n]
    return f"{said}; {' and '.join(parts)} and not counted" if parts else said


def toolbar(found: People) -> tuple[Wanted, str]:
    """Search and filters, as the address says them."""
    counts = found.frame["employment_status"].value_counts()
    groups = {
        group: sum(int(counts.get(status, 0)) for status in statuses)
        for group, (_, statuses) in STATUS_GROUPS.items()
    }
    names = sorted(set(departments(found.frame)), key=sort_key)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        text = filters.text("Search", "q", placeholder="Name, e-mail or Okta id", collapsed=True)
        group = filters.one(
            "Who", "group", [*groups, "all"], default="all" if _narrowed() else "current",
            words=lambda g: f"All {number(len(found.frame))}" if g == "all"
            else f"{STATUS_GROUPS[g][0]} {number(groups[g])}",
        )  # fmt: skip
        department = filters.order(
            "Department", "department", ["", *names], collapsed=True, width=190,
            words=lambda name: name or "All departments",
        )  # fmt: skip
        with st.popover("More filters", icon=":material/filter_list:"):
            statuses = filters.many(
                "Employment status", "status", [*STATUS_LABELS], words=STATUS_LABELS.__getitem__
            )
            strengths = filters.many("MFA strength", "strength", STRENGTHS, words=strength_word)
            overridden = filters.flag("Overridden", "overridden")
            warned = filters.flag("With a warning", "warnings")
            outside = filters.flag("Identities outside too", "outside")
            order = filters.order("Order", "order", [*ORDERS], words=ORDERS.__getitem__)
    chosen = statuses or (() if group == "all" else STATUS_GROUPS[group][1])
    departments_ = [department] if department else []
    return Wanted(text, chosen, strengths, departments_, overridden, warned, outside), order


def _narrowed() -> bool:
    """Whether the address asks for people who need not be current."""
    return any(key in st.query_params for key in NARROW)


def table_of(frame: pd.DataFrame) -> pd.DataFrame:
    """What the list shows of each person, in words."""
    now = visit.installation.now()
    seen = frame["last_login_at"].dt.to_pydatetime() if len(frame) else []
    return pd.DataFrame(
        {
            "Person": frame["name"],
            # Nobody asks for the factors of those who have left.
            "MFA": frame["strength"].map(strength_word).where(frame["current"], ""),
            "Okta": frame["okta_status"].map(okta_word),
            "Department": frame["department"].fillna("–"),
            "E-mail": frame["email"].fillna("–"),
            "Employment": frame["employment_status"].map(tables.short_status),
            "Started": tables.days(frame["start_date"]),
            "Last sign-in": [tables.ago_or_never(moment, now) for moment in seen],
        }
    )


def show_list(visit: Visit, rows: pd.DataFrame) -> None:
    """The people found, with what can be done with those who are selected."""
    if rows.empty:
        empty("search_off", "No one fits these filters", "Search less, or look among all people.")
        st.button("Clear the filters", icon=":material/filter_alt_off:", on_click=filters.only)
        return
    listing = tables.paged(
        rows, table_of, key="people", what=("person", "people"), order="by name",
        alt="People with MFA, Okta status and dates; select one for the details",
        selection="multi-row", opens="Person", width=176,
        columns={
            "Department": st.column_config.TextColumn(width=124),
            "E-mail": st.column_config.TextColumn(width=196),
            "Employment": st.column_config.TextColumn(width=90),
            "Started": st.column_config.TextColumn(width=96),
            "Last sign-in": st.column_config.TextColumn(width=98),
        },
        pills={"MFA": (STRENGTH_PILLS, 135), "Okta": (OKTA_PILLS, 124)},
    )  # fmt: skip
    if listing.ids:
        selected(visit, rows, listing)


def selected(visit: Visit, rows: pd.DataFrame, listing: tables.Listing) -> None:
    """What can be done with those who are selected, at the foot of the window."""
    chosen = listing.ids
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{count(len(chosen), 'person', 'people')} selected**", width="stretch")
        st.button("Clear", type="tertiary", on_click=listing.clear)
        person_drawer.open_button(chosen)
        if visit.may_change and st.button("Set status…", icon=":material/edit:", type="primary"):
            bulk(visit, chosen, rows.set_index("user_id").loc[chosen, "name"].tolist())


with shown_errors():
    connection = published(visit, "Personnel")
    found = people(visit.installation, connection.id)
    with heading("Personnel", words(visit, found), help=exact(found.as_of)):
        export = st.empty()
    who, order = toolbar(found)
    rows = ordered(find(found, who), order, by_name=sort_key)
    with export:
        tables.download(lambda: table_of(rows), name="personnel.csv", key="people-csv")
    show_list(visit, rows)
    person_drawer.follow(visit)
