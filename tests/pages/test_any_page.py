"""What holds on every page: nothing connected yet, and nonsense in the address."""

import pytest


@pytest.mark.parametrize(
    "page", ["personnel", "mfa_coverage", "controls", "sync", "campaigns", "removals"]
)
def test_before_anything_is_connected_it_says_what_to_do(empty, visit, words, page):
    assert "Nothing is connected yet" in words(visit(page))


@pytest.mark.parametrize(
    ("page", "title", "query"),
    [
        ("personnel", "Personnel", {"status": "BOSS", "as_of": "yesterday", "page": "-1"}),
        ("personnel", "Personnel", {"order": "x", "group": "BOSS", "person": "../../x"}),
        ("mfa_coverage", "MFA coverage", {"who": "nobody", "as_of": "9999-99-99", "by": "x"}),
        ("controls", "Controls", {"control": "test-0", "tab": "x", "outcome": "MAYBE"}),
        (
            "controls",
            "MFA on Identity Provider",
            {"control": "test-86", "result": "-1", "tab": "x"},
        ),
        ("sync", "Sync", {"run": "99999999", "page": "77", "runs": "x", "kind": "y"}),
        ("sync", "Sync", {"run": "<script>"}),
        ("connection", "Connection", {"show": "x"}),
        ("campaigns", "Campaigns", {"campaign": "x", "show": "rows", "reviewer": "9", "by": "x"}),
        ("removals", "Removals", {"item": "-1", "state": "BOSS", "campaign": "9", "which": "x"}),
        ("my_reviews", "My reviews", {"campaign": "99", "row": "99", "view": "x"}),
        ("access", "Roles and sessions", {"x": "\x00", "y": "\u202e"}),
    ],
)
def test_nonsense_in_the_address_harms_nothing(inst, visit, words, page, title, query):
    app = visit(page, **query)
    said = words(app)
    assert title in said
    assert "Something went wrong" not in said
    assert not app.exception
