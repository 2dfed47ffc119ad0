"""The row of figures at the top of a page: four or five at most, each a link to its people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from ui import filters, places
from ui.texts import count, number, share
from workflows.mfa_coverage import MfaCoverage


@dataclass(frozen=True)
class Figure:
    """One figure. below: its denominator, which is the link. page None: filters of this page.

    below is Markdown. delta: the change since `since`, already in words ("+0.2 points").
    """

    label: str
    value: str
    below: str
    query: Mapping[str, str | Sequence[str]]
    page: str | None = None
    help: str | None = None
    delta: str | None = None
    since: str | None = None


def row(figures: Sequence[Figure]) -> None:
    """Draw them side by side; two beside each other on a phone."""
    with st.grid(len(figures), min_column_width=150, gap="small", border=True) as grid:
        for number, figure in enumerate(figures):
            with grid.cell():
                st.metric(
                    figure.label,
                    figure.value,
                    help=figure.help,
                    delta=figure.delta,
                    delta_description=figure.since,
                )
                _link(figure, f"figure-{number}")


def coverage(
    found: MfaCoverage, query: Mapping[str, str | Sequence[str]], *, page: str | None = None
) -> Figure:
    """The share of people with MFA, with its change since the run before.

    No share at all when nobody's factors could be read: that is unknown, and not zero.
    """
    total, unknown = len(found.people), found.counts["unknown"]
    if total and unknown == total:
        return Figure(
            "With MFA", "–", f"{number(unknown)} of {number(total)} unknown",
            {**query, "who": "unknown"}, page=page,
        )  # fmt: skip
    before = found.trend[(found.trend["in_scope"] > 0) & (found.trend["run_id"] < found.run_id)]
    before = before[before["unknown"] < before["in_scope"]].tail(1)
    delta = since = None
    if total and len(before):
        earlier = before.iloc[0]
        points = 100 * found.covered / total - 100 * earlier["covered"] / earlier["in_scope"]
        delta = f"{points:+.1f} points" if abs(points) >= 0.05 else None
        since = f"since run {earlier['run_id']}" if delta else None
    return Figure(
        "With MFA", share(found.covered, total),
        f"{number(found.covered)} of {count(total, 'person', 'people')}", query, page=page,
        help="Out of current people who can sign in: those with an active factor that counts.",
        delta=delta, since=since,
    )  # fmt: skip


def _link(figure: Figure, key: str) -> None:
    if figure.page is not None:
        places.link(
            figure.page, f":primary[{figure.below}]", query=figure.query,
            icon=":material/arrow_forward:", icon_position="right",
        )  # fmt: skip
        return
    # A page's link to itself would look as if it were chosen, whatever its filters say.
    st.button(
        f":primary[{figure.below}]", type="tertiary", key=key, icon=":material/arrow_forward:",
        icon_position="right", on_click=filters.only, kwargs=dict(figure.query),
    )  # fmt: skip
