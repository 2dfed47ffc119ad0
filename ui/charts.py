"""The charts: one scale of strength, one colour a meaning, a table beside each.

Every mark leads to its people: the functions return what was clicked.
"""

import html
from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ui.palette import HEX, STRENGTH_COLORS, STRENGTHS, strength_word
from ui.texts import plain, share, when

OUTCOMES = {
    "passed": ("Pass", HEX["green"]),
    "failed": ("Fail", HEX["red"]),
    "unknown": ("Unknown", HEX["gray"]),
    "excluded": ("Excluded", HEX["blue"]),
}
_LONGEST = 28
_MOST_BARS, _MOST_RUNS = 15, 30
_BAR, _FRAME, _LEGEND = 30, 44, 80

# A trace or a layout, as Plotly's JSON has it. A figure is made of them at once: each change to
# one that stands costs as much as making it.
_Json = dict[str, Any]


def coverage_over_time(trend: pd.DataFrame, *, key: str, height: int = 220) -> int | None:
    """The share of people with MFA, run by run. Returns the run clicked, by its row.

    trend: as_of, run_id, in_scope, covered, unknown. A run that could read nobody's factors says
    nothing about coverage: the line has a gap there.
    """
    known = trend["in_scope"] - trend["unknown"]
    percent = (100 * trend["covered"] / trend["in_scope"]).where(known > 0)
    runs = [f"Run {run_id}" for run_id in trend["run_id"]]
    shares = [share(c, n) for c, n in zip(trend["covered"], trend["in_scope"], strict=True)]
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(range(len(trend))),
        "y": percent.tolist(),
        "customdata": [
            f"{run}, {when(at)}<br>{part}, {covered:,} of {total:,}"
            for run, at, part, covered, total in zip(
                runs, trend["as_of"], shares, trend["covered"], trend["in_scope"], strict=True
            )
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "line": {"color": STRENGTH_COLORS["phishing_resistant"], "width": 2},
        "marker": {"size": 9},
    }
    floor = max(0, int((percent.min() if percent.notna().any() else 0) // 10 * 10 - 10))
    # Runs side by side, however far apart in time: a week without a sync is no flat line.
    marks = list(range(0, len(trend), max(1, -(-len(trend) // 6))))
    layout = {
        "xaxis": {
            "tickvals": marks, "ticktext": [runs[mark] for mark in marks],
            "range": [-0.5, len(trend) - 0.5], "showgrid": False, "zeroline": False,
        },
        "yaxis": {"range": [floor, 101], "ticksuffix": " %", "nticks": 6},
    }  # fmt: skip
    table = pd.DataFrame(
        {
            "Run": trend["run_id"],
            "As of": trend["as_of"].map(when),
            "People": trend["in_scope"],
            "With MFA": trend["covered"],
            "Unknown": trend["unknown"],
            "Share": shares,
        }
    )
    alt = "Share of people with MFA, run by run"
    point = _show([line], layout, table, key, alt, height=height)
    return point[1] if point and 0 <= point[1] < len(trend) else None


def by_strength(people: pd.DataFrame, *, key: str) -> str | None:
    """How many people have which strength. Returns the strength clicked."""
    count = Counter(people["strength"])
    numbers, total = [count[s] for s in STRENGTHS], len(people)
    words = [strength_word(s) for s in STRENGTHS]
    shares = [share(n, total) for n in numbers]
    texts = [f"{n:,} ({part})" for n, part in zip(numbers, shares, strict=True)]
    bars, layout = _bars(words, numbers, texts, [STRENGTH_COLORS[s] for s in STRENGTHS])
    table = pd.DataFrame({"Strength": words, "People": numbers, "Share": shares})
    alt = "People by the strength of their MFA"
    point = _show([bars], layout, table, key, alt, height=220)
    return STRENGTHS[point[1]] if point and 0 <= point[1] < len(STRENGTHS) else None


def by_factor_type(people: pd.DataFrame, strength_of: Mapping[str, str], *, key: str) -> str | None:
    """How many people have which kind of factor, coloured by its strength. Returns the type."""
    count = Counter(chain.from_iterable(people["factor_types"]))
    names = sorted(count, key=lambda name: (-count[name], name))
    numbers = [count[name] for name in names]
    levels = [strength_of.get(name, "unknown") for name in names]
    bars, layout = _bars(
        [_label(name) for name in names], numbers, [f"{n:,}" for n in numbers],
        [STRENGTH_COLORS[level] for level in levels],
    )  # fmt: skip
    table = pd.DataFrame(
        {
            "Factor type": [plain(name) for name in names],
            "Counts as": [strength_word(level) for level in levels],
            "People": numbers,
        }
    )
    height = _FRAME + 24 * max(3, len(names))
    point = _show([bars], layout, table, key, "People by type of factor", height=height)
    return names[point[1]] if point and 0 <= point[1] < len(names) else None


def by_group(people: pd.DataFrame, column: str, title: str, *, key: str) -> tuple[str, str] | None:
    """Strength within each department or employment status, as shares.

    Returns the group and the strength clicked.
    """
    count = Counter(zip(people[column], people["strength"], strict=True))
    totals = Counter(people[column])
    groups = sorted(totals, key=lambda group: (-totals[group], str(group)))
    shown = groups[:_MOST_BARS]
    levels = [s for s in STRENGTHS if any(count[group, s] for group in shown)]
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": strength_word(level),
            "x": [100 * count[group, level] / totals[group] for group in shown],
            "y": list(range(len(shown))),
            "marker": {"color": STRENGTH_COLORS[level]},
            "text": [f"{count[group, level]:,}" if count[group, level] else "" for group in shown],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "customdata": [
                f"{_label(group)}<br>{strength_word(level)}: "
                f"{count[group, level]:,} of {totals[group]:,}"
                for group in shown
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        for level in levels
    ]
    layout = {
        **_named([f"{_label(group)} ({totals[group]:,})" for group in shown]),
        "xaxis": {"range": [0, 100], "ticksuffix": " %", "nticks": 6},
        "barmode": "stack",
        "showlegend": True,
        "uniformtext": {"mode": "hide", "minsize": 9},
    }
    table = pd.DataFrame(
        {
            title: [plain(group) for group in groups],
            "People": [totals[group] for group in groups],
            **{strength_word(s): [count[group, s] for group in groups] for s in STRENGTHS},
        }
    )
    height = _FRAME + _LEGEND + _BAR * max(2, len(shown))
    alt = f"MFA strength by {title.lower()}, as shares"
    point = _show(bars, layout, table, key, alt, height=height)
    if len(groups) > len(shown):
        st.caption(f"The {len(shown)} largest of {len(groups):,}; the table has all.")
    if point is None or not (0 <= point[0] < len(levels) and 0 <= point[1] < len(shown)):
        return None
    return str(shown[point[1]]), levels[point[0]]


def outcomes(history: pd.DataFrame, *, key: str) -> tuple[int, str] | None:
    """What a control said, run by run. Returns the row and the outcome clicked ("failed")."""
    recent = history.tail(_MOST_RUNS)
    bars = [
        {
            "type": "bar",
            "name": word,
            "x": [f"Run {run_id}" for run_id in recent["run_id"]],
            "y": recent[name].tolist(),
            "marker": {"color": color},
            "customdata": [
                f"{when(at)}<br>{word}: {n:,} of {total:,}"
                for at, n, total in zip(
                    recent["as_of"], recent[name], recent["in_scope"], strict=True
                )
            ],
            "hovertemplate": "%{x}, %{customdata}<extra></extra>",
        }
        for name, (word, color) in OUTCOMES.items()
    ]
    layout = {
        # A single run is a bar among empty places, not a wall.
        "xaxis": {"range": [-0.5, max(8, len(recent)) - 0.5], "nticks": 8},
        "yaxis": {"nticks": 5},
        "barmode": "stack",
        "showlegend": True,
    }
    table = pd.DataFrame(
        {
            "Run": history["run_id"],
            "As of": history["as_of"].map(when),
            "In scope": history["in_scope"],
            **{word: history[name] for name, (word, _) in OUTCOMES.items()},
            "Evaluated": history["evaluated_at"].map(when),
        }
    )
    point = _show(bars, layout, table, key, "Findings of each run by outcome", height=260)
    if point is None or not (0 <= point[0] < len(OUTCOMES) and 0 <= point[1] < len(recent)):
        return None
    return len(history) - len(recent) + point[1], [*OUTCOMES][point[0]]


def _bars(
    names: list[str], counts: list[int], texts: list[str], colors: list[str]
) -> tuple[_Json, _Json]:
    """Horizontal bars, the first on top, each with its number; and their axes."""
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": counts,
        "y": list(range(len(names))),
        "text": texts,
        "customdata": names,
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
        "marker": {"color": colors},
        "hovertemplate": "%{customdata}: %{text}<extra></extra>",
    }
    # Room for the number beside the longest bar.
    room = {"range": [0, 1.25 * max([*counts, 1])], "showticklabels": False, "showgrid": False}
    return bars, {**_named(names), "xaxis": room}


def _named(names: list[str]) -> _Json:
    """Names for bars by their place, the first on top: two that read the same stay two."""
    return {
        "yaxis": {
            "tickvals": list(range(len(names))), "ticktext": names,
            "range": [len(names) - 0.5, -0.5], "showgrid": False, "zeroline": False,
        }
    }  # fmt: skip


def _show(
    data: list[_Json], layout: _Json, table: pd.DataFrame, key: str, alt: str, *, height: int
) -> tuple[int, int] | None:
    """Draw a figure with its table. Returns trace and mark clicked, as the browser says them."""
    below = _LEGEND + 20 if layout.get("showlegend") else 8
    figure = go.Figure(
        {
            "data": data,
            "layout": {
                "height": height, "bargap": 0.3, "dragmode": False, "font": {"size": 12},
                "margin": {"l": 8, "r": 20, "t": 8, "b": below},
                "legend": {
                    "orientation": "h", "traceorder": "normal", "font": {"size": 12},
                    "xref": "container", "x": 0, "xanchor": "left",
                    "yref": "container", "y": 0, "yanchor": "bottom",
                    "itemclick": False, "itemdoubleclick": False,
                    "entrywidth": 108, "entrywidthmode": "pixels", "itemwidth": 30,
                },
                **layout,
            },
        }
    )  # fmt: skip
    # A new name after each click: a click is told once, and the filters say what is chosen.
    clicks = f"{key}-clicks"
    number = st.session_state.get(clicks, 0)
    chosen: Any = st.plotly_chart(
        figure, width="stretch", key=f"{key}-{number}", on_select="rerun", selection_mode="points",
        config={"displayModeBar": False, "scrollZoom": False}, alt=alt,
    )  # fmt: skip
    with st.expander("Show as a table"):
        st.dataframe(table, hide_index=True, width="stretch", alt=alt)
    points = chosen["selection"]["points"] if chosen else []
    if not points:
        return None
    st.session_state[clicks] = number + 1
    trace = points[0].get("curve_number", 0)
    mark = points[0].get("point_index", points[0].get("point_number"))
    return (trace, mark) if isinstance(trace, int) and isinstance(mark, int) else None


def _label(name: object) -> str:
    """A category's name: Plotly would read HTML in it."""
    text = plain(name)
    return html.escape(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
