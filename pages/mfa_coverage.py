"""MFA coverage: who can sign in with what, how it has gone, and whom to act on."""

import pandas as pd
import streamlit as st

from ui import as_of as moment
from ui import ask_mfa, charts, figures, filters, person_drawer, places, tables
from ui.access import empty, require, shown_errors
from ui.figures import Figure
from ui.heading import card_title, heading, published, secondary
from ui.palette import ACCENT, STRENGTH_COLORS, STRENGTHS, pill, strength_word
from ui.texts import as_of, badge, count, exact, number, share, sort_key
from workflows.mfa_coverage import COVERED, MfaCoverage, by_group, mfa_coverage
from workflows.people_search import departments
from workflows.personnel import STATUS_LABELS

visit = require("auditor")
WHO = {
    "none": "Without MFA",
    "weak": "Weak only",
    "unknown": "Unknown",
    "strong": "Strong",
    "phishing_resistant": "Phishing-resistant",
    "covered": "With MFA",
    "all": "All",
}
GROUPS = {"department": "Department", "employment": "Employment type", "manager": "Manager"}
# A line of words and the gap before it, in pixels.
_LINE = 36


def cards(found: MfaCoverage) -> None:
    """Five figures in the order of the scale, each with its people."""
    counts, total = found.counts, len(found.people)
    before = found.trend[found.trend["run_id"] < found.run_id].tail(1)
    # Where nobody's factors could be read, nothing is known of the others either.
    dark = 0 < total == counts["unknown"]
    shown = []
    for strength in STRENGTHS:
        here, delta = counts[strength], None
        said = not dark or strength == "unknown"
        if len(before):
            change = here - int(before[strength].iloc[0])
            delta = f"{change:+d}" if change else "0"
        shown.append(
            Figure(
                strength_word(strength), number(here) if said else "–",
                share(here, total) if said else "",
                "Why?" if strength == "unknown" and here else "See people", {"who": strength},
                icon=badge(strength).icon, delta=delta,
                since=f"since run {before['run_id'].iloc[0]}" if len(before) else None,
                good={"phishing_resistant": True, "none": False, "weak": False}.get(strength),
            )
        )  # fmt: skip
    figures.row(shown)


def show_charts(found: MfaCoverage, people: pd.DataFrame) -> None:
    """Over time, and by type of factor. A click shows its people."""
    left, right = st.columns([3, 2], gap="small")
    with left.container(border=True, height="stretch"):
        card_title("Coverage over time", f"share of {count(len(people), 'person', 'people')}")
        # As tall as its neighbour, which has a line of words below.
        kinds = people["factor_types"].explode().nunique()
        height = charts.bars_height(kinds) + _LINE
        run = charts.coverage_over_time(found.trend, key="mfa-trend", height=height)
        if len(found.trend) == 1:
            secondary("One run so far. The picture begins with the second.")
    factor = None
    with right.container(border=True, height="stretch"):
        card_title("By factor type", "active factors")
        if people["factor_types"].map(bool).any():
            factor = charts.by_factor_type(people, found.factor_strength, key="mfa-type")
        else:
            secondary("No factor is known: nobody has one, or none could be read.")
        secondary("E-mail, security question and password never count.")
    if run is not None:
        filters.put(as_of=moment.stamp(found.trend["as_of"].iloc[run]), who="all")
    elif factor:
        filters.only(factor=factor, who="all")
    else:
        return
    st.rerun()


def show_groups(people: pd.DataFrame) -> None:
    """Shares within each department, employment type or manager's team."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch"):
                card_title("By group", "sorted by people without MFA")
            group = filters.one("Group by", "by", [*GROUPS], default="department",
                                words=GROUPS.__getitem__)  # fmt: skip
        table = by_group(people, group)
        shown = pd.DataFrame(
            {
                GROUPS[group]: table[group],
                "People": table["people"],
                "Any MFA": 100 * table["covered"] / table["people"],
                "Phishing-resistant": 100 * table["phishing_resistant"] / table["people"],
                **{strength_word(s): table[s] for s in ("strong", "weak", "none", "unknown")},
            }
        )
        bar = {"min_value": 0, "max_value": 100, "format": "%d%%"}
        st.dataframe(
            tables.readable(shown), hide_index=True, width="stretch", row_height=tables.ROW,
            height=tables.HEADER + tables.ROW * min(12, max(1, len(shown))),
            alt=f"MFA by {GROUPS[group].lower()}", placeholder="–",
            column_config={
                "Any MFA": st.column_config.ProgressColumn(**bar, color=ACCENT),
                "Phishing-resistant": st.column_config.ProgressColumn(
                    **bar, color=STRENGTH_COLORS["phishing_resistant"]
                ),
            },
        )  # fmt: skip


def show_people(people: pd.DataFrame) -> None:
    """The people to act on, one page at a time."""
    counts = people["strength"].value_counts()
    words = {who: f"{WHO[who]} {number(counts.get(who, 0))}" for who in ("none", "weak", "unknown")}
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            with st.container(width="stretch"):
                card_title("People to act on")
            who = filters.one("Who", "who", [*WHO], default="none",
                              words=lambda w: words.get(w, WHO[w]))  # fmt: skip
        rows = narrowed(people, who)
        if rows.empty:
            empty("check_circle", f"{WHO[who]}: no one", "Look at others, or at all.")
            st.button("Show all", on_click=filters.only, kwargs={"who": "all"})
            return
        rows = rows.sort_values("name", key=lambda names: names.map(sort_key), kind="stable")
        listing = tables.paged(
            rows, table_of, key="mfa", what=("person", "people"), order="by name",
            selection="multi-row" if visit.may_change else "single-row", opens="Person",
            alt="People with their factors; select one for the details, several to ask them",
            pills={"Test 86": ((pill("PASS"), pill("FAIL"), pill("UNKNOWN")), 90)},
        )  # fmt: skip
        with st.container(horizontal=True):
            person_drawer.open_button(listing.ids)
            tables.download(lambda: table_of(rows), name="mfa-coverage.csv", key="mfa-csv")
        if listing.ids and visit.may_change:
            ask_mfa.selected(visit, listing, rows)


def narrowed(people: pd.DataFrame, who: str) -> pd.DataFrame:
    """Those who fit the filters."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        search = filters.text("Search", "q", placeholder="Name or e-mail", collapsed=True)
        with st.popover("More filters", icon=":material/filter_list:"):
            chosen = {
                column: filters.many(label, column, sorted(set(people[column]), key=sort_key))
                for column, label in GROUPS.items()
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
    return rows


def table_of(part: pd.DataFrame) -> pd.DataFrame:
    """What the list shows of each person, in words."""
    outcome = part["strength"].map(lambda s: {"none": "FAIL", "unknown": "UNKNOWN"}.get(s, "PASS"))
    return pd.DataFrame(
        {
            "Person": part["name"],
            "Department": part["department"],
            "Manager": part["manager"],
            "Has": part["factors"].where(part["factors"] != "", "Nothing active"),
            "MFA": part["strength"].map(strength_word),
            "Test 86": outcome.map(lambda o: badge(o).word),
            "E-mail": part["email"].fillna("–"),
        }
    )


with shown_errors():
    connection = published(visit, "MFA coverage")
    found = mfa_coverage(visit.installation, connection.id)
    total = count(len(found.people), "current person", "current people")
    said = f"{as_of(found.as_of, found.run_id, visit.installation.now())} · {total} who can sign in"
    if found.not_counted:
        not_counted = f"{number(found.not_counted)} suspended or not yet activated"
        said += f"; {not_counted} {'is' if found.not_counted == 1 else 'are'} not counted"
    with heading("MFA coverage", said, help=exact(found.as_of)):
        places.way("Open Test 86", "controls", {"control": "test-86"}, key="open-test-86",
                   type="secondary", icon=":material/rule:")  # fmt: skip
    cards(found)
    people = found.people.assign(
        department=departments(found.people),
        employment=found.people["employment_status"].map(STATUS_LABELS),
        manager=found.people["manager"].fillna("").replace("", "Not stated"),
    )
    show_charts(found, people)
    show_groups(people)
    show_people(people)
    person_drawer.follow(visit)
