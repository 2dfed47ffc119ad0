"""The row of figure cards at the top of a page: four or five at most, each a way to its people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from ui import places
from ui.texts import number, share
from workflows.mfa_coverage import MfaCoverage


@dataclass(frozen=True)
class Figure:
    """One card: label, value and what it is of; the way on, at most 20 characters.

    page None: filters of this page. label, of and link are Markdown. delta: the change `since`;
    good: whether more of it is better, None where neither is.
    """

    label: str
    value: str
    of: str = ""
    link: str = ""
    query: Mapping[str, str | Sequence[str]] | None = None
    page: str | None = None
    help: str | None = None
    icon: str | None = None
    delta: str | None = None
    since: str | None = None
    good: bool | None = None


def row(figures: Sequence[Figure]) -> None:
    """Draw them side by side, equally high; two beside each other on a phone."""
    many = len(figures)
    with st.grid(many, min_column_width=150 if many > 4 else 165, gap="small"):
        for place, figure in enumerate(figures):
            with st.container(border=True, gap="xsmall", height="stretch"):
                _card(figure, f"figure-{place}")


def _card(figure: Figure, key: str) -> None:
    color: Literal["normal", "inverse", "off"] = (
        "off" if figure.good is None else "normal" if figure.good else "inverse"
    )
    st.metric(
        figure.label,
        f"{figure.value} :small[:gray[{figure.of}]]" if figure.of else figure.value,
        delta=figure.delta,
        delta_color=color,
        delta_arrow="auto" if figure.delta and figure.delta[0] in "+-" else "off",
        delta_description=figure.since,
        icon=figure.icon,
        help=figure.help,
    )
    if figure.link:
        st.space("stretch")
        places.way(
            f":primary[{figure.link} :material/arrow_forward:]", figure.page, figure.query, key=key
        )


def coverage(found: MfaCoverage, *, page: str | None = None) -> Figure:
    """The share of people with MFA, with its change since the run before.

    No share at all when nobody's factors could be read: that is unknown, and not zero.
    """
    total, unknown, without = len(found.people), found.counts["unknown"], found.counts["none"]
    if total and unknown == total:
        return Figure(
            "MFA coverage", "–", f"{number(unknown)} unknown", "Why?", {"who": "unknown"}, page
        )
    before = found.trend[(found.trend["in_scope"] > 0) & (found.trend["run_id"] < found.run_id)]
    before = before[before["unknown"] < before["in_scope"]].tail(1)
    delta = since = None
    if total and len(before):
        earlier = before.iloc[0]
        points = 100 * found.covered / total - 100 * earlier["covered"] / earlier["in_scope"]
        delta = f"{points:+.1f} pts" if abs(points) >= 0.05 else None
        since = f"since run {earlier['run_id']}" if delta else None
    return Figure(
        "MFA coverage", share(found.covered, total), f"{number(found.covered)} of {number(total)}",
        f"{number(without)} without" if without else "See people",
        {"who": "none" if without else "covered"}, page,
        help="Out of current people who can sign in: those with an active factor that counts.",
        delta=delta, since=since, good=True,
    )  # fmt: skip
