"""Filters that live in the URL, so that a view can be sent to a colleague.

The URL is the truth and carries codes, not words: links from other pages need not know how a
choice is called here. What is in it is checked against the choices that there are.

But the address that a browser sends is the one that it knew: who is quicker than the server sends
the second change with the address of before the first. So a change by hand writes every choice
that the page shows, as the browser sends all of them, and always as they are.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from ui.texts import plain

_LONGEST = 200
_YES = ("true", "1", "yes")
# A page of a list: other filters make it another list, which begins at its first page.
_PAGE = "page"
_ALL = "all"
_Written = str | Collection[str] | None
# What stays when a figure or a chart sets the filters anew: the moment that is looked at.
_MOMENT = "as_of"
# In the session: key -> how its value is written in the address, of each choice drawn so far.
_DRAWN = "filters-drawn"


def text(label: str, key: str, *, placeholder: str = "", collapsed: bool = False) -> str:
    """A search that filters while it is typed in."""
    _follow(key, st.query_params.get(key, "")[:_LONGEST], _same)
    said = st.text_input(
        label, key=key, type="search", live=True, placeholder=placeholder, max_chars=_LONGEST,
        on_change=_keep, label_visibility="collapsed" if collapsed else "visible",
    )  # fmt: skip
    return (said or "").strip()


def many(
    label: str, key: str, options: Sequence[str], *, words: Callable[[str], str] = plain
) -> list[str]:
    """Any number of choices; none chosen means all."""
    _follow(key, [one for one in options if one in st.query_params.get_all(key)], _same)
    return st.multiselect(
        label, options, key=key, format_func=words, placeholder="All",
        on_change=_keep,
    )  # fmt: skip


def one(
    label: str, key: str, options: Sequence[str], *, default: str, words: Callable[[str], str],
    silent: bool = True,
) -> str:  # fmt: skip
    """Exactly one of a few, as buttons side by side. words: Markdown.

    silent: whether the default is left out of the address.
    """
    said = st.query_params.get(key)
    _follow(key, said if said in options else default, _unless(default) if silent else _same)
    st.segmented_control(
        label, options, key=key, format_func=words, required=True, label_visibility="collapsed",
        on_change=_keep,
    )  # fmt: skip
    chosen = st.session_state.get(key)
    return chosen if chosen in options else default


def some(
    label: str, key: str, options: Sequence[str], *, default: Sequence[str],
    words: Callable[[str], str],
) -> list[str]:  # fmt: skip
    """Any of a few, as pills that wrap on a phone; none means all. words: Markdown."""
    said = st.query_params.get_all(key)
    if said:
        wanted = [one for one in options if one in said]
    else:
        wanted = [one for one in options if one in default]

    def write(chosen: list[str]) -> str | list[str] | None:
        # Nothing in the address means the default, so that none chosen needs a word.
        return None if set(chosen) == set(default) else chosen or _ALL

    _follow(key, wanted, write)
    st.pills(label, options, key=key, format_func=words, selection_mode="multi", on_change=_keep)
    return [one for one in st.session_state.get(key) or [] if one in options]


def order(
    label: str, key: str, options: Sequence[str], *, words: Callable[[str], str],
    collapsed: bool = False, width: int | Literal["stretch"] = "stretch",
) -> str:  # fmt: skip
    """One of many in a list that opens; the first is the default."""
    said = st.query_params.get(key)
    _follow(key, said if said in options else options[0], _unless(options[0]))
    return st.selectbox(
        label, options, key=key, format_func=words, on_change=_keep,
        label_visibility="collapsed" if collapsed else "visible", width=width,
    )  # fmt: skip


def flag(label: str, key: str, *, help: str | None = None) -> bool:
    """Yes or no."""
    _follow(key, st.query_params.get(key, "").lower() in _YES, lambda on: "true" if on else None)
    return st.toggle(label, key=key, help=help, on_change=_keep)


def asked_page(pages: int, key: str = _PAGE) -> int:
    """Which page of a list; the first when the address asks for one that is not there."""
    known = number(key) or 1
    return known if known <= pages else 1


def number(key: str, *, digits: int = 9) -> int | None:
    """An id that the address names; None where it is no number that the store could know."""
    said = st.query_params.get(key, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= digits else None


def page(pages: int, key: str = _PAGE) -> int:
    """The choice of a page of a list."""
    known = asked_page(pages, key)
    # Streamlit warns of a pagination that is set from code, so another address makes another one.
    turned = f"{key}-turned"
    times = st.session_state.get(turned, 0)
    if st.session_state.get(f"{key}-{times}", known) != known:
        times += 1
        st.session_state[turned] = times
    name = f"{key}-{times}"
    return int(
        st.pagination(pages, default=known, key=name, on_change=_keep_page, args=(key, name))
    )


def tabs(key: str, labels: Mapping[str, str], *, default: str) -> dict[str, Any]:
    """Tabs by code; the address names the open one, and only its content is worth drawing."""
    codes = {label: code for code, label in labels.items()}
    said = st.query_params.get(key)
    code = _unless(default)
    _follow(key, labels[said if said in labels else default], lambda label: code(codes.get(label)))
    return dict(zip(labels, st.tabs([*codes], key=key, on_change=_keep), strict=True))


def put(**values: _Written) -> None:
    """Set filters from code; None or nothing clears one."""
    for key, value in values.items():
        if value:
            st.query_params[key] = [*value] if not isinstance(value, str) else value
        else:
            st.query_params.pop(key, None)


def also(**values: _Written) -> None:
    """These beside every choice that the page shows: for what opens over a list."""
    put(**_shown() | values)


def only(keep: Collection[str] = (), **values: _Written) -> None:
    """Exactly these filters, at the moment that is looked at: for figures and charts."""
    for key in [*st.query_params]:
        if key != _MOMENT and key not in keep:
            st.query_params.pop(key)
    put(**values)


def clear(*keys: str) -> None:
    """Take these filters out of the URL: for a button's on_click."""
    put(**dict.fromkeys(keys))


def _follow(key: str, wanted: object, write: Callable[[Any], _Written]) -> None:
    st.session_state.setdefault(_DRAWN, {})[key] = write
    # Only when it differs: setting a text field on each run would fight with who types in it.
    if st.session_state.get(key) != wanted:
        st.session_state[key] = wanted


def _same(value: Any) -> _Written:
    return value or None


def _unless(default: str) -> Callable[[Any], _Written]:
    return lambda value: None if value == default else value


def _keep() -> None:
    put(**_shown() | {_PAGE: None})


def _keep_page(key: str, name: str) -> None:
    chosen = st.session_state[name]
    put(**_shown() | {key: str(chosen) if chosen > 1 else None})


def _shown() -> dict[str, _Written]:
    drawn: dict[str, Callable[[Any], _Written]] = st.session_state.get(_DRAWN, {})
    state = st.session_state
    return {key: write(state[key]) for key, write in drawn.items() if key in state}
