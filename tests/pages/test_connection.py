"""The Connection page: wrong input at its field, checks, disconnecting; keys are never shown."""

import pytest

from workflows.connect import current_connection


@pytest.fixture
def form(empty, visit):
    """The page with nothing connected."""
    return visit("connection")


def fill(app, **values):
    for name, value in values.items():
        app.text_input(key=f"form-{name}").set_value(value)
    return app


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "An address is missing"),
        ({"organization": "acme.example.com", "api_key": "00x"}, "is not an Okta address"),
        ({"organization": "acme.okta.com"}, "Enter the API key"),
        ({"organization": "acme.okta.com", "api_key": "00 x"}, "copy it again"),
        ({"organization": "acme.okta.com", "api_key": "00x"}, "at least one e-mail domain"),
        (
            {"organization": "acme.okta.com", "api_key": "00x", "client_secret": "s"},
            "needs its application client ID",
        ),
    ],
)
def test_wrong_input_is_answered_and_saves_nothing(empty, form, press, words, values, said):
    app = press(fill(form, **values), "Check and save")
    assert said in words(app).replace("\\", "")
    assert current_connection(empty) is None


def test_the_complaint_stands_under_its_field_and_goes_with_the_next_try(form, press, words):
    app = press(fill(form, organization="acme.example.com"), "Check and save")
    assert "is not an Okta address" in words(app)
    app = press(fill(app, organization="acme.okta.com"), "Check and save")
    assert "is not an Okta address" not in words(app)
    assert "Enter the API key" in words(app)


def test_what_is_connected_is_told_without_its_secrets(inst, visit, synced):
    app = visit("connection")
    shown = "\n".join(str(t.value) for t in app.table)
    assert "countersign" in shown
    assert "meridian.example" in shown.replace("\\", "").replace("\u2060", "")
    for element in (*app.text_input, *app.markdown, *app.table):
        assert "00demo" not in str(element.value)


def test_the_checks_are_tallied_out_of_all(inst, visit, words):
    view = current_connection(inst)
    passed = sum(check.state == "pass" for check in view.preflight)
    said = words(visit("connection", show="checks"))
    assert f"{passed} passed" in said
    assert f"of {len(view.preflight)} checks" in said


def test_only_checking_saves_nothing(empty, form, press, words):
    app = press(fill(form, organization="acme.example.com", api_key="00x"), "Only check")
    assert "is not an Okta address" in words(app)
    assert current_connection(empty) is None


def test_the_admin_consoles_address_is_corrected_and_says_so(form, words):
    app = fill(form, organization="acme-admin.okta.com").run()
    assert "Will be saved as **acme\\.okta\\.com**" in words(app)
