"""Controls: what each says; and one of them whole: findings, exclusions, history, how."""

import pandas as pd
import streamlit as st

from ui import control_page, figures, filters, person_drawer, progress, tables
from ui.access import Visit, note, require, shown_errors
from ui.figures import Figure
from ui.heading import heading, published
from ui.palette import pill
from ui.places import go
from ui.texts import as_of, badge, count, number
from workflows.evaluate import ControlResult, latest_results, run_controls

visit = require("auditor")
# As the list counts them, worst first. What has not run yet could not be told either.
GROUPS = {"FAILED": "Failed", "ERROR": "Could not tell", "PASSED": "Passed"}
FRAMEWORKS_SHOWN = 2


def run_all(visit: Visit) -> None:
    """Evaluate again, after a sync if wanted."""
    sync_first = st.toggle("Sync first", value=True, key="sync-first",
                           help="A test on old data says nothing about today.")  # fmt: skip
    if not st.button("Run all now", icon=":material/play_arrow:"):
        return
    if sync_first:
        progress.start(visit)
        go("sync")
    run_controls(visit.installation, visit.connected.id, actor=visit.actor, sync_first=False)
    note("Evaluated on the newest published run.")
    st.rerun()


def cards(results: list[ControlResult]) -> None:
    """How many of which outcome, and how many findings are excluded."""
    groups = [group_of(result) for result in results]
    excluded = sum(result.excluded for result in results)
    figures.row(
        [
            Figure(word, number(groups.count(group)), f"of {number(len(results))}",
                   "See them" if groups.count(group) else "", {"outcome": group},
                   icon=badge(group).icon)
            for group, word in sorted(GROUPS.items(), key=lambda g: g[0] != "PASSED")
        ]
        + [Figure("Exclusions", number(excluded), "in force", icon=badge("EXCLUDED").icon)]
    )  # fmt: skip


def group_of(result: ControlResult) -> str:
    """Failed, could not tell, or passed."""
    return result.outcome if result.outcome in GROUPS else "ERROR"


def toolbar(results: list[ControlResult]) -> list[ControlResult]:
    """The results that fit the filters, worst first."""
    groups = [group_of(result) for result in results]
    frameworks = sorted({name for result in results for name, _, _ in result.frameworks})
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        outcome = filters.one(
            "Outcome", "outcome", ["all", *GROUPS], default="all",
            words=lambda g: f"All {len(results)}" if g == "all"
            else f"{GROUPS[g]} {groups.count(g)}",
        )  # fmt: skip
        framework = filters.order(
            "Framework", "framework", ["", *frameworks], collapsed=True, width=200,
            words=lambda name: name or "All frameworks",
        )  # fmt: skip
    order = [*GROUPS]
    return sorted(
        (
            result
            for result in results
            if outcome in ("all", group_of(result))
            and (not framework or framework in {name for name, _, _ in result.frameworks})
        ),
        key=lambda result: order.index(group_of(result)),
    )


def show_list(results: list[ControlResult]) -> None:
    """One row a control; a click on its name opens it."""
    names = [
        [f"{name} {ref}" for name, ref, _ in result.frameworks][:FRAMEWORKS_SHOWN]
        for result in results
    ]
    every = sorted({name for some in names for name in some})
    tables.pick(
        pd.DataFrame(
            {
                "Outcome": [badge(result.outcome).word for result in results],
                "Control": [result.title for result in results],
                "Question": [result.question for result in results],
                "Passed": [f"{number(r.passed)} of {number(r.in_scope)}" for r in results],
                "Failed": [r.failed or None for r in results],
                "Excl.": [r.excluded or None for r in results],
                "Frameworks": names,
            }
        ),
        [result.control_id for result in results],
        param="control", column="Control", key="controls", width=250,
        alt="Controls with outcome and counts; open one for its findings",
        columns={
            "Question": st.column_config.TextColumn(width=270),
            "Passed": st.column_config.TextColumn(width=84),
            "Failed": st.column_config.NumberColumn(width=56, format="localized"),
            "Excl.": st.column_config.NumberColumn(width=50, format="localized"),
            "Frameworks": st.column_config.MultiselectColumn(options=every, color="gray"),
        },
        pills={"Outcome": ([pill(o) for o in (*GROUPS, "NOT_RUN")], 108)},
    )  # fmt: skip


with shown_errors():
    connection = published(visit, "Controls")
    results = latest_results(visit.installation, connection.id)
    asked = next((r for r in results if r.control_id == st.query_params.get("control")), None)
    if asked is not None:
        control_page.draw(visit, asked)
        person_drawer.follow(visit)
    else:
        said = f"{count(len(results), 'control')}. Nothing has been evaluated yet: sync first."
        if results[0].as_of is not None:
            said = as_of(results[0].as_of, results[0].run_id, visit.installation.now())
            said += " · a control is computed from what that run read, and nothing else"
        with heading("Controls", said):
            if visit.may_change:
                run_all(visit)
        cards(results)
        shown = toolbar(results)
        if shown:
            show_list(shown)
        else:
            st.info("No control fits these filters.", icon=":material/search_off:")
