"""Every page for every role, anonymous included: who sees it, and who is refused and noted."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from storage import audit_log, connections, roles, sessions
from ui import access, places
from ui.access import MAY_OPEN
from workflows import guard

ROOT = Path(__file__).resolve().parents[2]
# The role that each page asks for. A new page that is not here fails.
PAGES = {
    "access": "reviewer",
    "campaigns": "auditor",
    "connection": "auditor",
    "controls": "auditor",
    "mfa_coverage": "auditor",
    "my_reviews": "reviewer",
    "overview": "auditor",
    "personnel": "auditor",
    "removals": "auditor",
    "sync": "auditor",
}
# What only an analyst is offered, by page.
CHANGES = {
    "connection": {"Check again", "Switch sign-in off…"},
    "controls": {"Run all now"},
    "overview": {"Sync now"},
    "sync": {"Sync now"},
    "access": {"Give this role", "Withdraw"},
}


@pytest.fixture
def as_role(inst, monkeypatch):
    """Sign-in is on, and the browser belongs to somebody with a role, or to nobody."""
    now = inst.now()
    with inst.database.write() as conn:
        [connection] = connections.list_all(conn)
        sealed = inst.vault.seal("secret")
        connections.update(
            conn, connection.id, sign_in=True, client_id="0oa1", client_secret_sealed=sealed
        )
        for role in MAY_OPEN:
            if role != "reviewer":
                roles.add(
                    conn, role=role, okta_user_id=f"00u-{role}", email=f"{role}@x.com",
                    name=role.title(), given=True, ends_on=None, as_of_limit=None, reason="r",
                    author="me", created_at=now,
                )  # fmt: skip
            sessions.start(
                conn, token=f"token-{role}", now=now, kind="okta", login=f"{role}@x.com",
                connection_id=connection.id, okta_user_id=f"00u-{role}", email=f"{role}@x.com",
                name=role.title(), id_token_sealed=None, address="", browser="",
                expires_at=now + timedelta(hours=1),
            )  # fmt: skip
    monkeypatch.setattr(guard, "_noted", {})

    def go(role):
        monkeypatch.setattr(access, "session_cookie", lambda: f"token-{role}" if role else None)

    return go


def opened(page):
    app = AppTest.from_file(str(ROOT / "ui" / "frame.py"), default_timeout=120)
    app.run()
    if page != "overview":
        app.switch_page(f"../pages/{page}.py")
        app.run()
    assert not app.exception
    return app


def said(app):
    kinds = (app.title, app.markdown, app.caption, app.error, app.warning, app.info, app.text)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def guard_of(page):
    for node in ast.walk(ast.parse((ROOT / "pages" / f"{page}.py").read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "require":
            return ast.literal_eval(node.args[0])
    return None


def test_every_page_is_listed_here_and_in_the_navigation_with_the_role_of_its_guard():
    files = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert files == set(PAGES)
    assert {page: guard_of(page) for page in files} == PAGES
    assert {place.name: place.role for place in places.PLACES} == PAGES


def test_the_roles_are_those_of_the_product():
    assert {
        "analyst": {"analyst"},
        "auditor": {"analyst", "auditor"},
        "reviewer": {"analyst", "auditor", "reviewer"},
    } == MAY_OPEN


@pytest.mark.parametrize("role", ["analyst", "auditor", "reviewer"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_for_its_roles_and_refuses_the_others(inst, as_role, page, role):
    as_role(role)
    app = opened(page)
    lands_elsewhere = page == "overview" and role == "reviewer"
    if role in MAY_OPEN[PAGES[page]] or lands_elsewhere:
        assert "You do not have access" not in said(app)
        assert "Something went wrong" not in said(app)
        return
    assert "You do not have access to this page." in said(app)
    assert not app.dataframe
    assert not app.title
    with inst.database.read() as conn:
        [event] = audit_log.events(conn, limit=5, action="access.refused")
    assert (event["actor"], event["subject"]) == (f"{role}@x.com", f"page:{page}")


@pytest.mark.parametrize("page", PAGES)
def test_without_a_session_no_page_shows_anything(inst, as_role, page):
    as_role(None)
    app = opened(page)
    assert [title.value for title in app.title] == ["Sign in"]
    assert [button.label for button in app.button] == ["Sign in with Okta"]
    assert not app.dataframe
    assert not app.sidebar.markdown


@pytest.mark.parametrize("page", PAGES)
def test_a_page_by_itself_without_its_frame_shows_nothing(inst, as_role, page):
    as_role("analyst")
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=120).run()
    assert "opens only inside the app" in said(app)
    assert not app.title


@pytest.mark.parametrize("page", CHANGES)
def test_only_an_analyst_is_offered_what_changes_something(inst, as_role, page):
    labels = {}
    for role in ("analyst", "auditor"):
        as_role(role)
        labels[role] = {button.label for button in opened(page).button}
    assert CHANGES[page] <= labels["analyst"]
    assert not CHANGES[page] & labels["auditor"]
