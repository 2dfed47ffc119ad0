"""Personnel: who your people are, where each value comes from, and overrides."""

import pandas as pd
import streamlit as st

from ui import as_of as moment
from ui import figures, filters, person_drawer, tables
from ui.access import Visit, require, shown_errors
from ui.figures import Figure
from ui.override_form import override_form
from ui.palette import STRENGTH_PILLS, STRENGTHS, strength_word
from ui.texts import count, number, okta_word, sort_key
from workflows.people_search import ORDERS, Wanted, departments, find, ordered
from workflows.personnel import FIELD_LABELS, STATUS_LABELS, People, people

visit = require("auditor")
FORMER = ("FORMER_EMPLOYEE", "FORMER_CONTRACTOR")
PLURALS = {
    "CURRENT_EMPLOYEE": "Current employees",
    "CURRENT_CONTRACTOR": "Current contractors",
    "FUTURE_HIRE": "Future hires",
    "SERVICE_ACCOUNT": "Service accounts",
}


@st.dialog("Override for several people", width="medium", on_dismiss="rerun")
def bulk(visit: Visit, user_ids: list[str], names: list[str]) -> None:
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    st.text(f"{count(len(names), 'person', 'people')}: {shown}")
    override_form(visit, user_ids, key="bulk", closes=True)


def table_of(frame: pd.DataFrame) -> pd.DataFrame:
    """What the list shows of each person, in words."""
    return pd.DataFrame(
        {
            "Name": frame["name"],
            "E-mail": frame["email"],
            "Status": frame["employment_status"].map(STATUS_LABELS),
            "Okta": frame["okta_status"].map(okta_word),
            # Nobody asks for the factors of those who have left.
            "MFA": frame["strength"].map(strength_word).where(frame["current"], ""),
            "Department": frame["department"],
            "Start": tables.days(frame["start_date"]),
            "Separation": tables.days(frame["separation_date"]),
            "Notes": [
                ". ".join([*(f"Overridden: {FIELD_LABELS[f].lower()}" for f in fields), *warnings])
                for fields, warnings in zip(frame["overridden"], frame["warnings"], strict=True)
            ],
        }
    )


def top(found: People) -> None:
    """The figures, each with its people out of all."""
    counts = found.frame["employment_status"].value_counts()
    total = count(len(found.frame), "person", "people")
    former = sum(int(counts.get(kind, 0)) for kind in FORMER)
    figures.row(
        [
            *(
                Figure(label, number(int(counts.get(status, 0))), f"of {total}", {"status": status})
                for status, label in PLURALS.items()
            ),
            Figure("Former people", number(former), f"of {total}", {"status": FORMER}),
        ]
    )


def wanted(found: People) -> tuple[Wanted, str]:
    """The filters and the order, as the address says them."""
    names = sorted(set(departments(found.frame)), key=sort_key)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = filters.text("Search", "q", placeholder="Name, e-mail, login, department")
        statuses = filters.many(
            "Employment status", "status", [*STATUS_LABELS], words=STATUS_LABELS.__getitem__
        )
        strengths = filters.many("MFA strength", "strength", STRENGTHS, words=strength_word)
        chosen = filters.many("Department", "department", names)
        order = filters.order("Order", "order", [*ORDERS], words=ORDERS.__getitem__)
    with st.container(horizontal=True, vertical_alignment="center"):
        overridden = filters.flag("Overridden", "overridden")
        warned = filters.flag("With a warning", "warnings")
        outside = filters.flag("Identities outside too", "outside")
    return Wanted(text, statuses, strengths, chosen, overridden, warned, outside), order


def show_list(visit: Visit, rows: pd.DataFrame, *, read_only: bool) -> None:
    """The people found, with what can be done with those who are selected."""
    if rows.empty:
        st.info("Nobody fits these filters.", icon=":material/search_off:")
        st.button("Clear the filters", icon=":material/filter_alt_off:", on_click=filters.only)
        return
    listing = tables.paged(
        rows,
        table_of,
        key="people",
        what=("person", "people"),
        alt="People with employment status, MFA and dates; select one for the details",
        selection="multi-row",
        columns={"Okta": st.column_config.TextColumn(width=120)},
        pills={"MFA": STRENGTH_PILLS},
        opens="Name",
    )
    chosen = listing.ids
    with listing.bar:
        person_drawer.open_button(chosen)
        label = f"Override {len(chosen)} selected" if chosen else "Override selected"
        if visit.may_change and st.button(
            label, icon=":material/edit:", disabled=not chosen or read_only
        ):
            bulk(visit, chosen, rows.set_index("user_id").loc[chosen, "name"].tolist())
        tables.download(lambda: table_of(rows), name="personnel.csv", key="people-csv")


at = moment.heading("Personnel", visit)
with shown_errors():
    found = people(visit.installation, visit.connected.id, as_of=at)
    outside = f"{count(found.outside_domain, 'identity', 'identities')} at other e-mail domains"
    if found.outside_group:
        outside += f" and {number(found.outside_group)} outside the group"
    moment.caption(
        visit, found.as_of, found.run_id, at,
        f"{count(len(found.frame), 'person', 'people')}; {outside} are not personnel.",
    )  # fmt: skip
    top(found)
    who, order = wanted(found)
    show_list(visit, ordered(find(found, who), order, by_name=sort_key), read_only=at is not None)
    with st.expander("How this was computed", icon=":material/calculate:"):
        st.markdown(
            "The first rule that fits decides the **employment status**: an override; "
            "deactivated, deleted or out of the connected group: former; start date still to "
            "come: future hire; a mailbox name or a user type marked as service: service account; "
            "otherwise current. A person is a contractor when `drataContractor` is true.\n\n"
            "The **start date** is an override, else `drataStartDate`, else the day the account "
            "was created. The **separation date** is an override, else the first deactivation "
            "seen, else the day the account was first missing. Suspended people stay current, "
            "with a badge."
        )
    person_drawer.follow(visit, at)
