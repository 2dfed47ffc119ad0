"""The connection's form: Drata's words, wrong input answered at the field, keys never shown."""

import streamlit as st

from ui import access
from ui.checks import WANTING, checklist, live
from ui.texts import count, md
from workflows.connect import (
    Blocked,
    ConnectionForm,
    ConnectionView,
    connect,
    offer_email_domains,
)
from workflows.errors import CountersignError
from workflows.sync import start_sync

_ERROR, _FAILED = "connection_error", "connection_failed_checks"
# At which field a check that must pass is answered.
_FIELDS = {
    "organization": "organization",
    "api_key": "api_key",
    "population": "api_key",
    "group_label": "group_label",
}
_SECRETS = ("form-api_key", "form-client_secret")


def draw(visit: access.Visit, known: ConnectionView | None) -> None:
    """The form, filled with what is known; saves and starts the first sync."""
    problem: tuple[str | None, str] | None = st.session_state.get(_ERROR)
    _field("organization", "Organization", known and known.organization, problem,
           placeholder="acme.okta.com", help="The address you sign in to Okta with.")  # fmt: skip
    custom = known and known.custom_domain
    _field("custom_domain", "Custom URL Domain (optional)", custom, problem,
           placeholder="login.acme.com",
           help="For sign-in only. The API key never goes there.")  # fmt: skip
    stored = "Stored. Leave empty to keep it." if known else None
    _field("api_key", "API Key", None, problem, secret=True, placeholder=stored)
    _field("group_label", "Group Label (optional)", known and known.group_label, problem,
           help="Exactly one Okta group. Its direct members are your personnel.")  # fmt: skip
    if known and known.group_id:
        st.toggle(
            "Change the group",
            key="form-change_group",
            help="Without it, a label that names another group than now is refused.",
        )
    _domains(visit, known, problem)
    there = bool(problem and problem[0] in ("client_id", "client_secret"))
    with st.expander("Sign-in application (optional until sign-in is wanted)", expanded=there):
        _field("client_id", "Application Client ID", known and known.client_id, problem)
        kept = "Stored. Leave empty to keep it." if known and known.has_client_secret else None
        _field("client_secret", "Application Client Secret", None, problem, secret=True,
               placeholder=kept)  # fmt: skip
    st.toggle(
        "User Access Review",
        value=bool(known and known.access_reviews),
        key="form-access_reviews",
        help="Also sync applications and who has them.",
    )
    if problem and problem[0] is None:
        st.error(md(problem[1], limit=2000))
    label = "Check and save" if known else "Check and connect"
    if st.button(label, type="primary", icon=":material/cable:", on_click=_forget):
        _save(visit, first=known is None)
    if failed := st.session_state.get(_FAILED):
        st.markdown("**Nothing was saved.** These checks want something:")
        checklist(check for check in failed if check.state in WANTING)


def _save(visit: access.Visit, *, first: bool) -> None:
    try:
        with st.status("Checking the connection", expanded=True):
            view = connect(visit.installation, _form(), actor=visit.actor, on_check=live())
        # The keys have done their work; the browser's session must not keep them.
        for name in _SECRETS:
            st.session_state.pop(name, None)
        if first:
            start_sync(visit.installation, view.id, actor=visit.actor)
        st.rerun()
    except Blocked as error:
        first_failed = next(c for c in error.checks if c.blocking and c.state == "fail")
        said = f"{first_failed.message} {first_failed.action}".strip()
        st.session_state[_ERROR] = (_FIELDS.get(first_failed.id), said)
        st.session_state[_FAILED] = error.checks
        st.rerun()
    except CountersignError as error:
        st.session_state[_ERROR] = (error.field, str(error))
        st.rerun()


def _forget() -> None:
    """What was said about the last try is no longer true once there is another."""
    st.session_state.pop(_ERROR, None)
    st.session_state.pop(_FAILED, None)


def _form() -> ConnectionForm:
    typed = {
        name: str(st.session_state.get(f"form-{name}") or "")
        for name in (
            "organization",
            "custom_domain",
            "api_key",
            "group_label",
            "client_id",
            "client_secret",
        )
    }
    return ConnectionForm(
        **typed,
        email_domains=tuple(st.session_state.get("form-email_domains") or ()),
        access_reviews=bool(st.session_state.get("form-access_reviews")),
        change_group=bool(st.session_state.get("form-change_group")),
    )


def _field(
    name: str,
    label: str,
    value: str | None,
    problem: tuple[str | None, str] | None,
    *,
    secret: bool = False,
    placeholder: str | None = None,
    help: str | None = None,
) -> None:
    st.text_input(
        label,
        value=value or "",
        key=f"form-{name}",
        type="password" if secret else "default",
        placeholder=placeholder,
        help=help,
        autocomplete="new-password" if secret else "off",
    )
    if problem and problem[0] == name:
        st.markdown(f":red[:material/error: {md(problem[1], limit=600)}]")


def _domains(
    visit: access.Visit, known: ConnectionView | None, problem: tuple[str | None, str] | None
) -> None:
    offered: dict[str, int] = st.session_state.get("offered_domains", {})
    chosen = list(known.email_domains) if known else []
    st.multiselect(
        "Email domains",
        options=list(dict.fromkeys([*chosen, *offered])),
        default=chosen or None,
        format_func=lambda d: f"{d} ({count(offered[d], 'user')})" if d in offered else d,
        key="form-email_domains",
        accept_new_options=True,
        placeholder="Type a domain and press Enter, or look them up",
        help="People at other domains are kept as identities but are not personnel.",
    )
    if problem and problem[0] == "email_domains":
        st.markdown(f":red[:material/error: {md(problem[1], limit=600)}]")
    if offered:
        found = ", ".join(f"{md(domain)} ({count(n, 'user')})" for domain, n in offered.items())
        st.caption(f"Okta's users have: {found}. Choose yours.")
    look = st.button(
        "Look up e-mail domains", icon=":material/search:", type="tertiary", on_click=_forget
    )
    if look:
        try:
            with st.spinner("Asking Okta which e-mail domains its users have"):
                found_now = offer_email_domains(visit.installation, _form())
            st.session_state["offered_domains"] = found_now
        except CountersignError as error:
            st.session_state[_ERROR] = (error.field, str(error))
        st.rerun()
