"""The pages by name: one list for the navigation, for ways to other pages and for jumps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

import streamlit as st

from ui import filters

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Place:
    """One page: its file in pages/, and how the navigation shows it.

    role: whom the page's own guard asks for; the navigation shows it to nobody else. first: it is
    there before anything is connected. menu: reached from the menu with one's name instead.
    """

    name: str
    title: str
    icon: str
    section: str
    help: str
    role: str = "auditor"
    first: bool = False
    menu: bool = False


PLACES = (
    Place("overview", "Overview", "space_dashboard", "", "What is the state, what must I do?",
          first=True),
    Place("connection", "Connection", "cable", "Directory", "Connect an Okta organization.",
          first=True),
    Place("sync", "Sync", "sync", "Directory", "Read from Okta, and what each run changed."),
    Place("personnel", "Personnel", "group", "Directory", "Who your people are, and why."),
    Place("mfa_coverage", "MFA coverage", "passkey", "Tests", "Who has which factors."),
    Place("controls", "Controls", "rule", "Tests", "Tests, findings and exclusions."),
    Place("campaigns", "Campaigns", "fact_check", "Access reviews", "Who reviews what, how far."),
    Place("my_reviews", "My reviews", "how_to_reg", "Access reviews", "What is yours to decide.",
          "reviewer"),
    Place("removals", "Removals", "person_remove", "Access reviews", "Whether what was revoked is "
          "gone."),
    Place("access", "Roles and sessions", "key", "Evidence", "Who may do what, and where you are "
          "signed in.", "reviewer", first=True, menu=True),
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


def navigation(
    may_open: Callable[[str], bool], *, connected: bool = True
) -> dict[str, list[st.Page]]:
    """The pages by section, for st.navigation. All of them are there, so that an address that is
    not for the visitor is answered by its guard; may_open(role) says which ones are shown."""
    sections: dict[str, list[st.Page]] = {}
    for place in PLACES:
        shown = may_open(place.role) and (connected or place.first) and not place.menu
        sections.setdefault(place.section, []).append(page_of(place.name, hidden=not shown))
    return sections


def landing() -> str:
    """Where people begin who may not see the overview."""
    return next(name for name in _LANDINGS if name in _BY_NAME)


def way(
    label: str,
    name: str | None,
    query: Mapping[str, Any] | None = None,
    *,
    key: str,
    type: Literal["primary", "secondary", "tertiary"] = "tertiary",
    icon: str | None = None,
    help: str | None = None,
) -> None:
    """A button that leads to a page with its filters; name None: to filters of this page.

    A link of Markdown would open another tab, and a page's link to itself looks as if chosen.
    label is Markdown: escape names with texts.md.
    """
    if st.button(label, type=type, icon=icon, key=key, help=help):
        if name is not None:
            go(name, query)
        filters.only(**dict(query or {}))
        st.rerun()


def go(name: str, query: Mapping[str, object] | None = None) -> NoReturn:
    """Go to a page now."""
    st.switch_page(page_of(name), query_params=_texts(query))


def _texts(query: Mapping[str, object] | None) -> dict[str, str | list[str]]:
    return {
        key: [str(v) for v in value] if isinstance(value, list | tuple | set) else str(value)
        for key, value in (query or {}).items()
        if value is not None
    }
