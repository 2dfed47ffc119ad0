"""The pages by name: one list for the navigation, for links and for jumps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Place:
    """One page: its file in pages/, and how the navigation shows it.

    role: whom the page's own guard asks for; the navigation shows it to nobody else.
    """

    name: str
    title: str
    icon: str
    section: str
    help: str
    role: str = "analyst"


PLACES = (
    Place("overview", "Overview", "dashboard", "", "Where things stand and what needs doing next.",
          "auditor"),
    Place("personnel", "Personnel", "group", "People", "Who your people are, and why.", "auditor"),
    Place("mfa_coverage", "MFA coverage", "verified_user", "People", "Who has which factors.",
          "auditor"),
    Place("controls", "Controls", "fact_check", "Checks", "Tests, findings and exclusions.",
          "auditor"),
    Place("connection", "Connection", "cable", "Set-up", "Connect an Okta organization.",
          "auditor"),
    Place("sync", "Sync", "sync", "Set-up", "Read from Okta, and what each run changed.",
          "auditor"),
    Place("access", "Access", "key", "Set-up", "Roles, and where you are signed in.", "reviewer"),
)  # fmt: skip
# Where people land who may not see the overview, the first that there is.
_LANDINGS = ("my_reviews", "access")
_BY_NAME = {place.name: place for place in PLACES}


def page_of(name: str, *, hidden: bool = False) -> st.Page:
    """The Streamlit page with this name ("mfa_coverage")."""
    place = _BY_NAME[name.removeprefix("pages/").removesuffix(".py")]
    return st.Page(
        ROOT / "pages" / f"{place.name}.py",
        title=place.title,
        icon=f":material/{place.icon}:",
        url_path=place.name,
        default=place.name == "overview",
        visibility="hidden" if hidden else "visible",
        help=place.help,
    )


def navigation(may_open: Callable[[str], bool]) -> dict[str, list[st.Page]]:
    """The pages by section, for st.navigation. All of them are there, so that an address that is
    not for the visitor is answered by its guard; may_open(role) says which ones are shown."""
    sections: dict[str, list[st.Page]] = {}
    for place in PLACES:
        page = page_of(place.name, hidden=not may_open(place.role))
        sections.setdefault(place.section, []).append(page)
    return sections


def landing() -> str:
    """Where people begin who may not see the overview."""
    return next(name for name in _LANDINGS if name in _BY_NAME)


def link(
    name: str,
    label: str,
    *,
    query: Mapping[str, object] | None = None,
    icon: str | None = None,
    icon_position: Literal["left", "right"] = "left",
    help: str | None = None,
    width: Literal["content", "stretch"] = "content",
) -> None:
    """Draw a link to a page, with its filters. label is Markdown: escape names with texts.md."""
    st.page_link(
        page_of(name),
        label=label,
        icon=icon,
        icon_position=icon_position,
        help=help,
        width=width,
        query_params=_texts(query),
    )


def go(name: str, query: Mapping[str, object] | None = None) -> NoReturn:
    """Go to a page now."""
    st.switch_page(page_of(name), query_params=_texts(query))


def _texts(query: Mapping[str, object] | None) -> dict[str, str | list[str]]:
    return {
        key: [str(v) for v in value] if isinstance(value, list | tuple | set) else str(value)
        for key, value in (query or {}).items()
        if value is not None
    }
