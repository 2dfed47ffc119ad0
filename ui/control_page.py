"""One control, whole: the answer, its counts, findings, exclusions, history, and how."""

import pandas as pd
import streamlit as st

from ui import charts, exclusions, figures, filters, person_drawer, progress, tables
from ui.access import Visit, empty, note
from ui.figures import Figure
from ui.heading import card_title, heading, secondary
from ui.palette import pill
from ui.places import go
from ui.texts import badge, clock, count, exact, local, md, number, share, sort_key, when
from workflows.errors import CountersignError
from workflows.evaluate import ControlResult, findings, result_history, run_controls
from workflows.evaluate import result as result_by_id

OUTCOMES = ("FAIL", "UNKNOWN", "EXCLUDED", "PASS")
WORDS = {"FAIL": "Failed", "UNKNOWN": "Unknown", "EXCLUDED": "Excluded", "PASS": "Passed"}
TABS = {"findings": "Findings", "exclusions": "Exclusions", "history": "History"}


def draw(visit: Visit, newest: ControlResult) -> None:
    """The page of a control; of an earlier result of it when the address names one."""
    result = _earlier(visit, newest)
    past = result.result_id != newest.result_id
    _head(visit, result, past=past)
    _cards(result)
    left, right = st.columns([7, 4], gap="small")
    with left:
        drawn = filters.tabs("tab", TABS, default="findings")
        read_only = past or not visit.may_change
        for name, tab in drawn.items():
            if not tab.open:
                continue
            with tab:
                if name == "findings":
                    _findings(visit, result, read_only=read_only)
                elif name == "exclusions":
                    exclusions.show(visit, result.control_id, read_only=read_only)
                else:
                    _history(visit, result.control_id)
    with right:
        _over_time(visit, result)
        _frameworks(result)
        _how(result)


def _earlier(visit: Visit, newest: ControlResult) -> ControlResult:
    """The earlier result that the address asks for; the newest when it does not exist."""
    wanted = filters.number("result")
    if wanted is None:
        return newest
    try:
        found = result_by_id(visit.installation, wanted, connection_id=visit.connected.id)
    except CountersignError:
        return newest
    return found if found.control_id == newest.control_id else newest


def _head(visit: Visit, result: ControlResult, *, past: bool) -> None:
    words = [f"Test {result.test}"] if result.test else []
    words.append(md(result.question))
    if result.as_of is not None:
        at, now = result.as_of, visit.installation.now()
        words.append(f"as of {clock(at, now)} {local(at):%Z}, run {result.run_id}")
    with heading(
        md(result.title), " · ".join(words), badge=badge(result.outcome).markdown,
        back=("Controls", filters.only), help=exact(result.evaluated_at),
    ):  # fmt: skip
        if result.result_id is not None:
            tables.download(
                lambda: findings(visit.installation, result.result_id or 0).drop(
                    columns=["connection_id"]
                ),
                name=f"{result.control_id}-findings.csv", key=f"csv-{result.control_id}",
            )  # fmt: skip
        if visit.may_change and not past:
            _run_now(visit)
    if past:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":orange-badge[:material/history: The past] What was said about run "
                f"{result.run_id}. Nothing can be changed here.",
                width="stretch",
            )
            st.button("Back to the newest", icon=":material/undo:", on_click=filters.only,
                      kwargs={"control": result.control_id})  # fmt: skip
    st.markdown(f"**{md(result.reason, limit=1000)}** {_rest(result)}")


def _rest(result: ControlResult) -> str:
    """What the answer leaves open: the other counts, in words."""
    if not result.in_scope:
        return ""
    parts = [f"{number(result.passed)} passed"]
    if result.excluded:
        parts.append(
            f"{number(result.excluded)} {'is' if result.excluded == 1 else 'are'} excluded"
        )
    if result.unknown:
        parts.append(f"for {number(result.unknown)} it could not be told")
    return f"{', '.join(parts[:-1])} and {parts[-1]}." if len(parts) > 1 else f"{parts[0]}."


def _run_now(visit: Visit) -> None:
    sync_first = st.toggle("Sync first", value=True, key="sync-first",
                           help="A test on old data says nothing about today.")  # fmt: skip
    if st.button("Run now", icon=":material/play_arrow:", type="primary"):
        if sync_first:
            progress.start(visit)
            go("sync")
        run_controls(visit.installation, visit.connected.id, actor=visit.actor, sync_first=False)
        note("Evaluated on the newest published run.")
        st.rerun()


def _cards(result: ControlResult) -> None:
    total = result.in_scope
    figures.row(
        [
            Figure("In scope", number(total), icon=":material/group:"),
            Figure("Passed", number(result.passed), share(result.passed, total),
                   icon=badge("PASS").icon),
            Figure("Failed", number(result.failed), share(result.failed, total),
                   icon=badge("FAIL").icon),
            Figure("Excluded", number(result.excluded), icon=badge("EXCLUDED").icon),
            Figure("Unknown", number(result.unknown), icon=badge("UNKNOWN").icon),
        ]
    )  # fmt: skip


def _findings(visit: Visit, result: ControlResult, *, read_only: bool) -> None:
    """The findings, filtered, with a way to exclude."""
    if result.result_id is None:
        empty("hourglass_empty", "Not run yet", "Sync first; every control runs with it.")
        return
    found = findings(visit.installation, result.result_id)
    counts = found["outcome"].value_counts()
    numbers = {**{outcome: counts.get(outcome, 0) for outcome in OUTCOMES}, "all": len(found)}
    first = next((outcome for outcome in OUTCOMES if counts.get(outcome)), "FAIL")
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        outcome = filters.one(
            "Outcome", "outcome", [*OUTCOMES, "all"], default=first,
            words=lambda o: f"{WORDS.get(o, 'All')} {number(numbers[o])}",
        )  # fmt: skip
        search = filters.text("Search", "q", placeholder="Search findings", collapsed=True)
    shown = found if outcome == "all" else found[found["outcome"] == outcome]
    if search:
        text = (shown["label"].astype(str) + " " + shown["message"].astype(str)).str.casefold()
        shown = shown[text.str.contains(search.casefold(), regex=False)]
    if shown.empty:
        empty("search_off", "No findings fit these filters", "Look at all of them.")
        st.button("Show all findings", on_click=filters.put, kwargs={"outcome": "all", "q": None})
        return
    shown = shown.sort_values("label", key=lambda names: names.map(sort_key), kind="stable")
    shown = shown.sort_values("outcome", key=lambda o: o.map(OUTCOMES.index), kind="stable")
    person = result.subject == "person"
    listing = tables.paged(
        shown, lambda part: _table(part, result.subject.capitalize()),
        key=f"findings-{result.result_id}", what=("finding", "findings"),
        alt="Findings with outcome and sentence", selection="multi-row",
        columns={"Finding": st.column_config.TextColumn(width="large")},
        pills={"Outcome": ([pill(outcome) for outcome in OUTCOMES], 90)},
        opens="Person" if person else None,
    )  # fmt: skip
    with st.container(horizontal=True):
        label = f"Exclude {len(listing.ids):,} selected…" if listing.ids else "Exclude selected…"
        if visit.may_change and st.button(
            label, icon=badge("EXCLUDED").icon, disabled=not listing.ids or read_only
        ):
            exclusions.ask(visit, result.control_id, listing.ids)
        if person:
            person_drawer.open_button(listing.ids)


def _table(part: pd.DataFrame, subject: str) -> pd.DataFrame:
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


def _history(visit: Visit, control_id: str) -> None:
    """What the control said about each run; opening one shows those findings."""
    past = result_history(visit.installation, visit.connected.id, control_id)
    if past.empty:
        secondary("The history begins with the first published run.")
        return
    newest = past.iloc[::-1]
    tables.pick(
        pd.DataFrame(
            {
                "Run": [f"Run {run_id}" for run_id in newest["run_id"]],
                "As of": newest["as_of"].map(when),
                "Outcome": newest["outcome"].map(lambda o: badge(o).word),
                "In scope": newest["in_scope"],
                "Passed": newest["passed"],
                "Failed": newest["failed"],
                "Excl.": newest["excluded"],
                "Unknown": newest["unknown"],
            }
        ),
        [str(result_id) for result_id in newest["result_id"]],
        param="result", column="Run", key=f"history-{control_id}", keep=("control",), width=90,
        alt="What the control said about each run; open one for its findings",
        pills={"Outcome": ([pill(o) for o in ("PASSED", "FAILED", "ERROR")], 108)},
    )  # fmt: skip


def _over_time(visit: Visit, result: ControlResult) -> None:
    past = result_history(visit.installation, visit.connected.id, result.control_id)
    with st.container(border=True):
        card_title("Result over time", "how many fail")
        if past.empty:
            secondary("The history begins with the first published run.")
            return
        row = charts.failing(past, key=f"over-time-{result.control_id}")
    if row is not None:
        filters.only(control=result.control_id, result=str(past["result_id"].iloc[row]))
        st.rerun()


def _frameworks(result: ControlResult) -> None:
    with st.container(border=True):
        card_title("Frameworks")
        st.markdown(
            " ".join(f":gray-badge[{md(name)} · {md(ref)}]" for name, ref, _ in result.frameworks)
        )


def _how(result: ControlResult) -> None:
    """The rule in words, the frameworks' titles, the parameters."""
    with st.expander("How this was computed", icon=":material/function:"):
        st.markdown(result.how)
        rows = [
            ("Read by", f"Run {result.run_id}, {when(result.as_of)}"),
            ("In scope", count(result.in_scope, result.subject, _many(result.subject))),
            ("Rule", f"{result.control_id}, version {md(result.version)}"),
            ("Evaluated", when(result.evaluated_at)),
        ]
        st.table(pd.DataFrame(rows, columns=["What", "Value"]), border="horizontal",
                 hide_index=True, hide_header=True, alt="How it was computed")  # fmt: skip
        st.markdown(
            "\n".join(
                f"- {md(n)} **{md(ref)}**: {md(title)}" for n, ref, title in result.frameworks
            )
        )
        lines = [f"{name} = {value}" for name, value in result.parameters.items()]
        st.code("\n".join(lines) or "no parameters", language=None, wrap_lines=True)


def _many(subject: str) -> str:
    return {"person": "people"}.get(subject, f"{subject}s")
