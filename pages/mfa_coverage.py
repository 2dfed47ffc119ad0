"""MFA coverage: who can sign in with what, over time and by kind."""

from datetime import datetime

import pandas as pd
import streamlit as st

from ui import as_of as moment
from ui import charts, figures, filters, person_drawer, tables
from ui.access import require, shown_errors
from ui.figures import Figure, coverage
from ui.palette import STRENGTH_PILLS, strength_word
from ui.texts import count, number, okta_word, share, sort_key
from workflows.evaluate import latest_results
from workflows.mfa_coverage import COVERED, MfaCoverage, mfa_coverage
from workflows.people_search import departments
from workflows.personnel import STATUS_LABELS

visit = require("auditor")
WHO = {
    "none": "Without MFA",
    "weak": "Weak only",
    "strong": "Strong",
    "phishing_resistant": "Phishing-resistant",
    "unknown": "Unknown",
    "covered": "With MFA",
    "all": "All",
}
FILTERS = ("who", "department", "employment", "factor", "q")


def top(found: MfaCoverage) -> None:
    """The figures; people whose factors could not be read get one of their own."""
    counts, total = found.counts, len(found.people)
    nothing_known = 0 < total == counts["unknown"]
    shown = [(WHO[strength], strength) for strength in ("phishing_resistant", "weak", "none")]
    if counts["unknown"]:
        shown.append((WHO["unknown"], "unknown"))
    figures.row(
        [
            coverage(found, {"who": "covered"}),
            *(
                Figure(
                    label,
                    "–" if nothing_known and who != "unknown" else share(counts[who], total),
                    f"{number(counts[who])} of {count(total, 'person', 'people')}", {"who": who},
                )
                for label, who in shown
            ),
        ]
    )  # fmt: skip


def show_charts(found: MfaCoverage, people: pd.DataFrame) -> None:
    """The charts. A click shows its people, and takes back what other charts said."""
    st.caption("Click a bar or a point to see its people.")
    left, right = st.columns(2, gap="small")
    with left.container(border=True):
        st.markdown("**Share with MFA over time**")
        if len(found.trend) == 1:
            st.caption("One run so far. The line begins with the second.")
        run = charts.coverage_over_time(found.trend, key="mfa-trend")
    with right.container(border=True):
        st.markdown("**By strength**")
        strength = charts.by_strength(people, key="mfa-strength")
    with left.container(border=True):
        st.markdown("**By department**")
        department = charts.by_group(people, "department", "Department", key="mfa-department")
    with right.container(border=True):
        st.markdown("**By type of factor**")
        factor = None
        if people["factor_types"].map(bool).any():
            factor = charts.by_factor_type(people, found.factor_strength, key="mfa-type")
        else:
            st.caption("No factor is known: nobody has one, or none could be read.")
    with left.container(border=True):
        st.markdown("**By employment type**")
        employment = charts.by_group(people, "employment", "Employment type", key="mfa-employment")
    if run is not None:
        filters.put(as_of=moment.stamp(found.trend["as_of"].iloc[run]), view="people", who="all")
    elif strength:
        filters.only(who=strength)
    elif department:
        filters.only(department=department[0], who=department[1])
    elif factor:
        filters.only(factor=factor, who="all")
    elif employment:
        filters.only(employment=employment[0], who=employment[1])
    else:
        return
    st.rerun()


def show_people(people: pd.DataFrame) -> None:
    """The people, filtered, one page at a time."""
    who = filters.one("Who", "who", [*WHO], default="none", words=WHO.__getitem__)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = filters.text("Search", "q", placeholder="Name or e-mail")
        chosen = {
            column: filters.many(label, key, sorted(options, key=sort_key))
            for label, key, column, options in (
                ("Department", "department", "department", set(people["department"])),
                ("Employment", "employment", "employment", set(people["employment"])),
            )
        }
        kinds = sorted({kind for types in people["factor_types"] for kind in types})
        factor = filters.many("Type of factor", "factor", kinds)
    wanted = {"all": None, "covered": COVERED}.get(who, (who,))
    rows = people if wanted is None else people[people["strength"].isin(wanted)]
    for column, values in chosen.items():
        if values:
            rows = rows[rows[column].isin(values)]
    if factor:
        rows = rows[[not set(factor).isdisjoint(types) for types in rows["factor_types"]]]
    if search:
        text = (rows["name"].fillna("") + "\n" + rows["email"].fillna("")).str.casefold()
        rows = rows[text.str.contains(search.casefold(), regex=False)]
    if rows.empty:
        st.info("Nobody fits these filters.", icon=":material/search_off:")
        st.button("Show all", icon=":material/filter_alt_off:", on_click=filters.only,
                  kwargs={"who": "all"})  # fmt: skip
        return
    rows = rows.sort_values("name", key=lambda names: names.map(sort_key), kind="stable")
    listing = tables.paged(
        rows, table_of, key="mfa", what=("person", "people"), selection="single-row",
        alt="People with their factors; select one for the details",
        pills={"MFA": STRENGTH_PILLS}, opens="Name",
    )  # fmt: skip
    with listing.bar:
        person_drawer.open_button(listing.ids)
        tables.download(lambda: table_of(rows), name="mfa-coverage.csv", key="mfa-csv")


def table_of(part: pd.DataFrame) -> pd.DataFrame:
    """What the list shows of each person, in words."""
    return pd.DataFrame(
        {
            "Name": part["name"],
            "E-mail": part["email"],
            "MFA": part["strength"].map(strength_word),
            "Factors": part["factors"],
            "Department": part["department"],
            "Employment": part["employment"],
            "Okta": part["okta_status"].map(okta_word),
        }
    )


def show(at: datetime | None) -> None:
    """The page, as of a moment."""
    found = mfa_coverage(visit.installation, visit.connected.id, as_of=at)
    total = count(len(found.people), "current person", "current people")
    moment.caption(visit, found.as_of, found.run_id, at, f"{total} who can sign in.")
    top(found)
    people = found.people.assign(
        department=departments(found.people),
        employment=found.people["employment_status"].map(STATUS_LABELS),
    )
    asked = any(key in st.query_params for key in FILTERS)
    views = filters.tabs(
        "view", {"charts": "Charts", "people": "People"}, default="people" if asked else "charts"
    )
    with views["charts"]:
        if views["charts"].open:
            show_charts(found, people)
    with views["people"]:
        if views["people"].open:
            show_people(people)
    with st.expander("How this was computed", icon=":material/calculate:"):
        st.markdown(latest_results(visit.installation, visit.connected.id)[0].how)


at = moment.heading("MFA coverage", visit)
with shown_errors():
    show(at)
    person_drawer.follow(visit, at)
