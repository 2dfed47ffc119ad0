"""The connection's form: Drata's words, wrong input answered at the field, keys never shown."""

import streamlit as st

from ui import access, filters
from ui.checks import badges, line, show
from ui.heading import secondary
from ui.texts import count, md
from workflows.connect import (
    Blocked,
    Check,
    ConnectionForm,
    ConnectionView,
    check_form,
    connect,
    corrected_organization,
    offer_email_domains,
)
from workflows.errors import CountersignError
from workflows.sync import start_sync

_ERROR, _CHECKS = "connection_error", "connection_checks"
# At which field a check that must pass is answered.
_FIELDS = {
    "organization": "organization",
    "api_key": "api_key",
    "population": "api_key",
    "group_label": "group_label",
}
_TYPED = (
    "organization", "custom_domain", "api_key", "group_label", "client_id", "client_secret",
)  # fmt: skip
_SECRETS = ("form-api_key", "form-client_secret")
_STORED = "Stored. Leave empty to keep it."


def failed_checks(visit: access.Visit, known: ConnectionView | None) -> None:
    """What the last try's checks said, above the form; nothing that was typed is lost."""
    checks: list[Check] | None = st.session_state.get(_CHECKS)
    if checks is None:
        return
    failed = sum(check.state == "fail" and check.blocking for check in checks)
    with st.container(border=True):
        if failed:
            st.markdown(
                f"**Not saved: {count(failed, 'check')} failed.** :gray[Fix it in Okta, then check "
                "again. Nothing that you typed is lost.]"
            )
        else:
            st.markdown("**Only checked, and not saved.** :gray[Nothing that must pass fails.]")
        st.markdown(badges(checks))
    show(checks)


def draw(visit: access.Visit, known: ConnectionView | None) -> None:
    """The form, filled with what is known; saves and starts the first sync."""
    problem: tuple[str | None, str] | None = st.session_state.get(_ERROR)
    _organization(known, problem)
    _field("api_key", "API key", None, problem, secret=True,
           placeholder=_STORED if known else None,
           help="Of the service account. It is stored encrypted and never shown.")  # fmt: skip
    left, right = st.columns(2, gap="small")
    with left:
        _field("group_label", "Group label", known and known.group_label, None,
               help="Optional: exactly one Okta group, whose direct members are your "
               "personnel.")  # fmt: skip
    with right:
        _domains(visit, known)
    _answer("group_label", problem)
    _answer("email_domains", problem)
    if known and known.group_id:
        st.toggle("Change the group", key="form-change_group",
                  help="Without it, a label that names another group than now is "
                  "refused.")  # fmt: skip
    there = bool(problem and problem[0] in ("client_id", "client_secret", "custom_domain"))
    with st.expander(
        "Custom domain and sign-in with Okta", expanded=there, icon=":material/login:"
    ):
        _field("custom_domain", "Custom URL domain", known and known.custom_domain, problem,
               placeholder="login.acme.com",
               help="For sign-in only. The API key never goes there.")  # fmt: skip
        _field("client_id", "Application client ID", known and known.client_id, problem)
        kept = _STORED if known and known.has_client_secret else None
        _field("client_secret", "Application client secret", None, problem, secret=True,
               placeholder=kept)  # fmt: skip
    st.toggle(
        "User access review", value=bool(known and known.access_reviews),
        key="form-access_reviews", help="Also read applications and who has them.",
    )  # fmt: skip
    if problem and problem[0] is None:
        st.error(md(problem[1], limit=2000))
    with st.container(horizontal=True, vertical_alignment="center"):
        save = st.button("Check and save", type="primary", icon=":material/fact_check:",
                         on_click=_forget)  # fmt: skip
        only = st.button("Only check", on_click=_forget)
        st.markdown(":small[:gray[18 checks, about 5 seconds]]", width="content")
    if save:
        _save(visit, first=known is None)
    if only:
        _check(visit)


def _organization(known: ConnectionView | None, problem: tuple[str | None, str] | None) -> None:
    _field("organization", "Organization", known and known.organization, problem,
           placeholder="acme.okta.com", help="The address you sign in to Okta with.")  # fmt: skip
    typed = str(st.session_state.get("form-organization") or "")
    if corrected := corrected_organization(typed):
        host, why = corrected
        st.markdown(
            f":orange[:material/auto_fix_high: Will be saved as **{md(host)}**: {md(why)}.]"
        )


def _save(visit: access.Visit, *, first: bool) -> None:
    try:
        with st.status("Checking the connection", expanded=True):
            view = connect(visit.installation, _form(), actor=visit.actor, on_check=line)
        # The keys have done their work; the browser's session must not keep them.
        for name in _SECRETS:
            st.session_state.pop(name, None)
        if first:
            start_sync(visit.installation, view.id, actor=visit.actor)
        else:
            filters.put(show="checks")
            access.note("Saved.")
    except Blocked as error:
        first_failed = next(c for c in error.checks if c.blocking and c.state == "fail")
        said = f"{first_failed.message} {first_failed.action}".strip()
        st.session_state[_ERROR] = (_FIELDS.get(first_failed.id), said)
        st.session_state[_CHECKS] = error.checks
    except CountersignError as error:
        st.session_state[_ERROR] = (error.field, str(error))
    st.rerun()


def _check(visit: access.Visit) -> None:
    try:
        with st.status("Checking the connection", expanded=True):
            st.session_state[_CHECKS] = check_form(
                visit.installation, _form(), actor=visit.actor, on_check=line
            )
    except CountersignError as error:
        st.session_state[_ERROR] = (error.field, str(error))
    st.rerun()


def _forget() -> None:
    """What was said about the last try is no longer true once there is another."""
    st.session_state.pop(_ERROR, None)
    st.session_state.pop(_CHECKS, None)


def _form() -> ConnectionForm:
    typed = {name: str(st.session_state.get(f"form-{name}") or "") for name in _TYPED}
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
    with st.container(gap="xxsmall"):
        st.text_input(
            label, value=value or "", key=f"form-{name}", placeholder=placeholder, help=help,
            type="password" if secret else "default",
            autocomplete="new-password" if secret else "off",
        )  # fmt: skip
        _answer(name, problem)


def _answer(name: str, problem: tuple[str | None, str] | None) -> None:
    if problem and problem[0] == name:
        st.markdown(f":red[:material/error: {md(problem[1], limit=600)}]")


def _domains(visit: access.Visit, known: ConnectionView | None) -> None:
    offered: dict[str, int] = st.session_state.get("offered_domains", {})
    chosen = list(known.email_domains) if known else []
    st.multiselect(
        "E-mail domains", options=list(dict.fromkeys([*chosen, *offered])), default=chosen or None,
        format_func=lambda d: f"{d} ({count(offered[d], 'user')})" if d in offered else d,
        key="form-email_domains", accept_new_options=True, placeholder="Type one, press Enter",
        help="People at other domains are kept as identities but are not personnel.",
    )  # fmt: skip
    if offered:
        found = ", ".join(f"{md(domain)} ({count(n, 'user')})" for domain, n in offered.items())
        secondary(f"Okta’s users have: {found}")
    if st.button("Look up the domains", type="tertiary", icon=":material/search:",
                 on_click=_forget):  # fmt: skip
        try:
            with st.spinner("Asking Okta which e-mail domains its users have"):
                found_now = offer_email_domains(visit.installation, _form())
            st.session_state["offered_domains"] = found_now
        except CountersignError as error:
            st.session_state[_ERROR] = (error.field, str(error))
        st.rerun()
