"""The charts: one scale of strength, one colour a meaning, a table beside each.

Every mark leads to its people: the functions return what was clicked. A figure is made of its
JSON at once: each change to one that stands costs as much as making it.
"""

import html
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ui.palette import ACCENT, HEX, INK, STRENGTH_COLORS, STRENGTHS, strength_word
from ui.texts import local, plain, share, when

_LONGEST = 28
_RIGHT = 0.09
_FEW = 4
_QUARTERS = (0, 25, 50, 75, 100)
_Json = dict[str, Any]


def two_lines(trend: pd.DataFrame, *, key: str, height: int = 250) -> int | None:
    """Any MFA and phishing-resistant, as shares over time. Returns the run clicked, by its row.

    trend: as_of, run_id, in_scope, covered and a column a strength. A run that could read nobody's
    factors says nothing about coverage: the lines have a gap there.
    """
    lines = (("Any MFA", "covered", ACCENT), ("Phishing-resistant", "phishing_resistant",
             STRENGTH_COLORS["phishing_resistant"]))  # fmt: skip
    data = []
    for place, (name, column, color) in enumerate(lines):
        percent = _percent(trend, column)
        last = f"<b>{share(trend[column].iloc[-1], trend['in_scope'].iloc[-1])}</b>"
        data.append(
            {
                "type": "scatter", "name": name, "x": _times(trend), "y": percent.tolist(),
                "mode": "lines+markers+text", "text": [""] * (len(trend) - 1) + [last],
                "textposition": "middle right", "textfont": {"size": 12},
                "cliponaxis": False, "line": {"color": color, "width": 2},
                "marker": {"size": 6 if len(trend) < 20 else 3},
                "fill": "tozeroy" if place == 0 else "none",
                "fillcolor": "rgba(99, 102, 241, 0.08)",
                "customdata": _of(trend, column), "hovertemplate": "%{customdata}<extra></extra>",
            }
        )  # fmt: skip
    # The last share stands beside its mark.
    margin = {"l": 8, "r": 32, "t": 8, "b": 8}
    layout = {"xaxis": _dates(trend), "yaxis": _shares(), "margin": margin}
    alt = "Share of people with any MFA and with phishing-resistant MFA, over time"
    point = _show(data, layout, _trend_table(trend), key, alt, height=height,
                  legend=[(name, color) for name, _, color in lines])  # fmt: skip
    return point[1] if point and 0 <= point[1] < len(trend) else None


def coverage_over_time(trend: pd.DataFrame, *, key: str, height: int) -> int | None:
    """Everybody by strength, stacked, as shares over time. Returns the run clicked, by its row."""
    data = [
        {
            "type": "scatter", "name": strength_word(strength), "x": _times(trend),
            "y": _percent(trend, strength).fillna(0).tolist(), "stackgroup": "all",
            "mode": "lines+markers" if len(trend) < 20 else "lines",
            "line": {"color": color, "width": 0.5}, "marker": {"size": 4},
            "fillcolor": f"rgba({', '.join(str(int(color[i : i + 2], 16)) for i in (1, 3, 5))}, "
            "0.82)",
            "customdata": _of(trend, strength), "hovertemplate": "%{customdata}<extra></extra>",
        }
        for strength, color in STRENGTH_COLORS.items()
    ]  # fmt: skip
    layout = {"xaxis": _dates(trend, room=0.0), "yaxis": _shares()}
    alt = "People by the strength of their MFA, as shares over time"
    point = _show(data, layout, _trend_table(trend), key, alt, height=height,
                  legend=[(strength_word(s), STRENGTH_COLORS[s]) for s in STRENGTHS])  # fmt: skip
    return point[1] if point and 0 <= point[1] < len(trend) else None


def bars_height(bars: int) -> int:
    """How tall a chart of so many bars is, in pixels."""
    return max(240, 24 * bars + 20)


def by_factor_type(people: pd.DataFrame, strength_of: Mapping[str, str], *, key: str) -> str | None:
    """How many people have which kind of factor, coloured by its strength. Returns the type."""
    count = Counter(chain.from_iterable(people["factor_types"]))
    rank = {strength: place for place, strength in enumerate(STRENGTHS)}
    levels = {name: strength_of.get(name, "unknown") for name in count}
    names = sorted(count, key=lambda name: (rank[levels[name]], -count[name], name))
    bars = {
        "type": "bar", "orientation": "h", "x": [count[name] for name in names],
        "y": list(range(len(names))), "text": [f"{count[name]:,}" for name in names],
        "customdata": [_label(name) for name in names], "textposition": "outside",
        "textangle": 0, "cliponaxis": False,
        "marker": {"color": [STRENGTH_COLORS[levels[name]] for name in names]},
        "hovertemplate": "%{customdata}: %{text}<extra></extra>",
    }  # fmt: skip
    layout = {
        # Names by their place, the first on top: two that read the same stay two.
        "yaxis": {
            "tickvals": list(range(len(names))), "ticktext": [_label(name) for name in names],
            "range": [len(names) - 0.5, -0.5], "showgrid": False, "zeroline": False,
            "automargin": True,
        },
        # Room for the number beside the longest bar.
        "xaxis": {
            "range": [0, 1.2 * max([*count.values(), 1])], "showticklabels": False,
            "showgrid": False, "zeroline": False,
        },
    }  # fmt: skip
    table = pd.DataFrame(
        {
            "Factor type": [plain(name) for name in names],
            "Counts as": [strength_word(levels[name]) for name in names],
            "People": [count[name] for name in names],
        }
    )
    alt, height = "People by type of factor", bars_height(len(names))
    point = _show([bars], layout, table, key, alt, height=height)
    return names[point[1]] if point and 0 <= point[1] < len(names) else None


def failing(history: pd.DataFrame, *, key: str, height: int = 150) -> int | None:
    """How many fail a control, run by run, as steps. Returns the row of the run clicked."""
    color = HEX["red"]
    steps = {
        "type": "scatter", "mode": "lines+markers" if len(history) < 20 else "lines",
        "x": _times(history), "y": history["failed"].tolist(),
        "line": {"color": color, "width": 2, "shape": "hv"}, "marker": {"size": 5},
        "fill": "tozeroy", "fillcolor": "rgba(209, 60, 72, 0.08)",
        "customdata": [
            f"Run {run_id}, {when(at)}<br>{failed:,} of {total:,} fail"
            for run_id, at, failed, total in zip(
                history["run_id"], history["as_of"], history["failed"], history["in_scope"],
                strict=True,
            )
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip
    top = max([*history["failed"], 4])
    layout = {"xaxis": _dates(history, room=0.0), "yaxis": {"range": [0, 1.1 * top], "nticks": 4}}
    table = pd.DataFrame(
        {
            "Run": history["run_id"],
            "As of": history["as_of"].map(when),
            "In scope": history["in_scope"],
            "Passed": history["passed"],
            "Failed": history["failed"],
            "Excluded": history["excluded"],
            "Unknown": history["unknown"],
        }
    )
    point = _show([steps], layout, table, key, "How many fail, run by run", height=height)
    return point[1] if point and 0 <= point[1] < len(history) else None


def _times(trend: pd.DataFrame) -> list[str]:
    """Moments by the installation's clock, which Plotly shows as they are written."""
    return [local(at).strftime("%Y-%m-%d %H:%M:%S") for at in trend["as_of"]]


def _percent(trend: pd.DataFrame, column: str) -> pd.Series:
    known = trend["in_scope"] - trend["unknown"]
    return (100 * trend[column] / trend["in_scope"]).where(known > 0)


def _of(trend: pd.DataFrame, column: str) -> list[str]:
    return [
        f"Run {run_id}, {when(at)}<br>{share(part, total)}, {part:,} of {total:,}"
        for run_id, at, part, total in zip(
            trend["run_id"], trend["as_of"], trend[column], trend["in_scope"], strict=True
        )
    ]


def _dates(trend: pd.DataFrame, *, room: float = _RIGHT) -> _Json:
    """An axis of time; room: for a number at the end of the line, as a part of the width."""
    moments = pd.to_datetime(pd.Series(_times(trend)))
    first, last = moments.min(), moments.max()
    # A single run stands in the middle of an hour.
    width = last - first if last > first else pd.Timedelta(hours=1)
    before = 0.01 if last > first else 0.5
    ends = [first - before * width, last + (room + before) * width]
    clock = "%H:%M" if width > pd.Timedelta(minutes=5) else "%H:%M:%S"
    # As many runs as there are marks: each is told by its own moment.
    ticks: _Json = {"nticks": 5} if len(moments) > _FEW else {"tickvals": _times(trend)}
    return {
        "type": "date", "range": [str(end) for end in ends], "showgrid": False, "zeroline": False,
        "tickformat": "%-d %b" if width > pd.Timedelta(days=3) else f"%-d %b<br>{clock}", **ticks,
    }  # fmt: skip


def _shares() -> _Json:
    return {
        "range": [0, 101], "tickvals": _QUARTERS, "ticktext": [f"{part}%" for part in _QUARTERS],
        "zeroline": False,
    }  # fmt: skip


def _trend_table(trend: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Run": trend["run_id"],
            "As of": trend["as_of"].map(when),
            "People": trend["in_scope"],
            "With MFA": trend["covered"],
            **{strength_word(strength): trend[strength] for strength in STRENGTHS},
        }
    )


def _show(
    data: list[_Json],
    layout: _Json,
    table: pd.DataFrame,
    key: str,
    alt: str,
    *,
    height: int,
    legend: Sequence[tuple[str, str]] = (),
) -> tuple[int, int] | None:
    """Draw a figure with its table. Returns trace and mark clicked, as the browser says them.

    legend: names and colours.
    """
    # Streamlit fills in what is not said, in a grey too pale to read.
    ink = {"color": INK[st.context.theme.type or "light"]}
    axes = {axis: {**layout.pop(axis), "tickfont": ink} for axis in ("xaxis", "yaxis")}
    figure = go.Figure(
        {
            "data": data,
            "layout": {
                "height": height, "bargap": 0.35, "dragmode": False, "font": {"size": 12, **ink},
                "margin": {"l": 8, "r": 12, "t": 8, "b": 8}, "showlegend": False, **layout, **axes,
            },
        }
    )  # fmt: skip
    # A new name after each click: a click is told once, and the filters say what is chosen.
    clicks = f"{key}-clicks"
    number = st.session_state.get(clicks, 0)
    chosen: Any = st.plotly_chart(
        figure, width="stretch", height=height, key=f"{key}-{number}", on_select="rerun",
        selection_mode="points", config={"displayModeBar": False, "scrollZoom": False}, alt=alt,
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        if legend:
            # As text: Plotly's own legend wraps badly on a phone.
            marks = [f':color[■]{{foreground="{color}"}} {name}' for name, color in legend]
            st.markdown(f":small[{' &ensp;'.join(marks)}]", width="stretch")
        with st.popover("As a table", type="tertiary", icon=":material/table_rows:"):
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
