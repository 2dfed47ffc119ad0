"""Controls: what each says, about whom, with exclusions and history."""

import pandas as pd
import streamlit as st

from ui import charts, exclusions, filters, person_drawer, places, progress, tables
from ui.access import Visit, note, require, shown_errors
from ui.heading import connected, heading
from ui.palette import pill
from ui.texts import as_of, badge, count, exact, md, number, sort_key, when
from workflows.errors import CountersignError
from workflows.evaluate import (
    ControlResult,
    findings,
    latest_results,
    result_history,
    run_controls,
)
from workflows.evaluate import result as result_by_id

visit = require("auditor")
OUTCOMES = ("FAIL", "UNKNOWN", "EXCLUDED", "PASS")
OUTCOMES_OF_CONTROLS = ("PASSED", "FAILED", "ERROR", "NOT_RUN")
TABS = {
    "findings": "Findings",
    "exclusions": "Exclusions",
    "history": "History",
    "how": "How this was computed",
}


def top(visit: Visit) -> None:
    """The title, and beside it the way to evaluate again, after a sync if wanted."""
    pressed = sync_first = False
    with heading("Controls"):
        if visit.may_change:
            sync_first = st.toggle("Sync first", value=True, key="sync-first")
            pressed = st.button("Run now", icon=":material/play_arrow:", type="primary")
    if not pressed:
        return
    if sync_first:
        progress.start(visit)
        places.go("sync")
    run_controls(visit.installation, visit.connected.id, actor=visit.actor, sync_first=False)
    note("Evaluated on the newest published run.")
    st.rerun()


def choose(results: list[ControlResult]) -> ControlResult:
    """All controls with their outcome; the one in the address is shown below."""
    ids = [result.control_id for result in results]
    wanted = st.query_params.get("control")
    current = wanted if wanted in ids else ids[0]
    tables.pick(
        pd.DataFrame(
            {
                "Control": [result.named() for result in results],
                "Outcome": [badge(result.outcome).word for result in results],
                "Pass": [f"{number(r.passed)} of {number(r.in_scope)}" for r in results],
                "Fail": [number(result.failed) for result in results],
                "Unknown": [number(result.unknown) for result in results],
                "Excluded": [number(result.excluded) for result in results],
            }
        ),
        ids,
        param="control",
        current=current,
        column="Control",
        key="controls",
        alt="Controls with outcome and counts; select one for its findings",
        pills={"Outcome": [pill(o) for o in OUTCOMES_OF_CONTROLS]},
    )
    return results[ids.index(current)]


def earlier(visit: Visit, newest: ControlResult) -> ControlResult:
    """The earlier result that the address asks for; the newest when it does not exist."""
    wanted = st.query_params.get("result", "")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 12):
        return newest
    try:
        found = result_by_id(visit.installation, int(wanted), connection_id=visit.connected.id)
    except CountersignError:
        return newest
    return found if found.control_id == newest.control_id else newest


def head(visit: Visit, result: ControlResult, *, past: bool) -> None:
    """What was asked, what came out, of how many, and for which frameworks."""
    st.markdown(
        f"### {badge(result.outcome).markdown} {result.named()}\n"
        f"{md(result.question)} **{md(result.reason)}**"
    )
    if past:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":orange-badge[:material/history: The past] What was said about run "
                f"{result.run_id}. Nothing can be changed here.",
                width="stretch",
            )
            st.button("Back to the newest", icon=":material/undo:", on_click=filters.only,
                      kwargs={"control": result.control_id})  # fmt: skip
    if result.as_of is not None:
        st.caption(
            f"Of {number(result.in_scope)} in scope in run {result.run_id}: "
            f"{number(result.passed)} pass, {number(result.failed)} fail, "
            f"{number(result.excluded)} excluded, {number(result.unknown)} unknown.",
            help=f"Data as of {exact(result.as_of)}, evaluated {exact(result.evaluated_at)}",
        )
    st.markdown(" ".join(f":gray-badge[{f} {md(n)}]" for f, n, _ in result.frameworks))


def show_findings(visit: Visit, result: ControlResult, *, past: bool) -> None:
    """The findings, filtered, with a way to exclude."""
    if result.result_id is None:
        st.info("Nothing has been evaluated yet. Sync first, or press Run now.")
        return
    found = findings(visit.installation, result.result_id)
    counts = found["outcome"].value_counts()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        outcome = filters.some(
            "Outcome", "outcome", OUTCOMES,
            default=[o for o in ("FAIL", "UNKNOWN") if counts.get(o)],
            words=lambda o: f"{badge(o).icon} {badge(o).word} ({counts.get(o, 0):,})",
        )  # fmt: skip
        search = filters.text("Search", "q", placeholder="Name, or part of the finding")
    shown = found[found["outcome"].isin(outcome)] if outcome else found
    if search:
        text = (shown["label"].astype(str) + " " + shown["message"].astype(str)).str.casefold()
        shown = shown[text.str.contains(search.casefold(), regex=False)]
    if shown.empty:
        st.info("No findings fit these filters.", icon=":material/search_off:")
        st.button("Show all findings", icon=":material/filter_alt_off:", on_click=filters.put,
                  kwargs={"outcome": "all", "q": None})  # fmt: skip
        return
    shown = shown.sort_values("label", key=lambda names: names.map(sort_key), kind="stable")
    shown = shown.sort_values("outcome", key=lambda o: o.map(OUTCOMES.index), kind="stable")
    listing = tables.paged(
        shown,
        lambda part: findings_table(part, result.subject.capitalize()),
        key=f"findings-{result.result_id}",
        what=("finding", "findings"),
        alt="Findings with outcome and sentence",
        selection="multi-row",
        columns={"Finding": st.column_config.TextColumn(width=560)},
        pills={"Outcome": [pill(outcome) for outcome in OUTCOMES]},
        opens=result.subject.capitalize() if result.subject == "person" else None,
    )
    chosen = listing.ids
    with listing.bar:
        label = f"Exclude {len(chosen):,} selected" if chosen else "Exclude selected"
        if visit.may_change and st.button(
            label, icon=":material/block:", disabled=not chosen or past
        ):
            exclusions.ask(visit, result.control_id, chosen)
        if result.subject == "person":
            person_drawer.open_button(chosen)
        tables.download(
            lambda: shown.drop(columns=["connection_id"]),
            name=f"{result.control_id}-findings.csv",
            key=f"csv-{result.control_id}",
        )


def findings_table(part: pd.DataFrame, subject: str) -> pd.DataFrame:
    """What the list shows of each finding; columns that say the same of all are left out."""
    table = pd.DataFrame(
        {
            subject: part["label"],
            "Outcome": part["outcome"].map(lambda o: badge(o).word),
            "Finding": part["message"],
            "Warning": part["warning"],
        }
    )
    same = [] if part["warning"].astype(bool).any() else ["Warning"]
    if part["outcome"].nunique() == 1:
        same.append("Outcome")
    return table.drop(columns=same)


def show_history(visit: Visit, control_id: str) -> None:
    """What the control said about each run; a click leads to those findings."""
    past = result_history(visit.installation, visit.connected.id, control_id)
    if past.empty:
        st.info("The history begins with the first published run.")
        return
    st.caption("Click a part of a bar to see its people.")
    clicked = charts.outcomes(past, key=f"history-{control_id}")
    if clicked is not None:
        row, outcome = clicked
        code = {"passed": "PASS", "failed": "FAIL"}.get(outcome, outcome.upper())
        result_id = str(past["result_id"].iloc[row])
        filters.only(control=control_id, result=result_id, outcome=code)
        st.rerun()


def show_how(result: ControlResult) -> None:
    """The rule in words, the frameworks' titles, the parameters."""
    st.markdown(result.how)
    st.markdown(
        "\n".join(f"- {name} **{md(ref)}**: {md(title)}" for name, ref, title in result.frameworks)
    )
    st.caption(f"Version {md(result.version)}, evaluated {when(result.evaluated_at)}.")
    with st.expander("Parameters", icon=":material/tune:"):
        st.json(result.parameters)


def show_control(visit: Visit, newest: ControlResult) -> None:
    """One control, whole."""
    result = earlier(visit, newest)
    past = result.result_id != newest.result_id
    head(visit, result, past=past)
    drawn = filters.tabs("tab", TABS, default="findings")
    for name, tab in drawn.items():
        if not tab.open:
            continue
        with tab:
            match name:
                case "findings":
                    show_findings(visit, result, past=past)
                case "exclusions":
                    read_only = past or not visit.may_change
                    exclusions.show(visit, result.control_id, read_only=read_only)
                case "history":
                    show_history(visit, result.control_id)
                case _:
                    show_how(result)


with shown_errors():
    connection = connected(visit, "Controls")
    top(visit)
    results = latest_results(visit.installation, connection.id)
    if results[0].as_of is not None:
        st.caption(
            f"{as_of(results[0].as_of, results[0].run_id, visit.installation.now())}. "
            f"{count(len(results), 'control')}. Click one for its findings."
        )
    chosen = choose(results)
    with st.container(border=True):
        show_control(visit, chosen)
    person_drawer.follow(visit, None)
