"""What a manager reads: through what somebody has it, and how it would really end."""

import pytest

from controls.access_words import Path, ending, listed, sentence

DIRECT = Path("direct")
SALES = Path(
    "group", "ga", "Sales EMEA", rule="Sales department", rule_who="everyone in Sales",
    rule_sure=True,
)  # fmt: skip
VPN = Path("group", "gb", "VPN users")


@pytest.mark.parametrize(
    ("kind", "label", "paths", "said"),
    [
        ("app", "Salesforce", [DIRECT], "Has Salesforce directly."),
        (
            "app",
            "Salesforce",
            [SALES],
            "Has Salesforce through the group Sales EMEA, which a rule gives to everyone in Sales.",
        ),
        (
            "app",
            "Salesforce",
            [DIRECT, VPN],
            "Has Salesforce directly and through the group VPN users.",
        ),
        (
            "app",
            "Salesforce",
            [SALES, VPN],
            "Has Salesforce through the groups Sales EMEA and VPN users.",
        ),
        ("app", "Slack", [Path("group")], "Has Slack through a group that Okta does not name."),
        (
            "admin_role",
            "Super Administrator",
            [DIRECT],
            "Holds the admin role Super Administrator directly.",
        ),
        ("group", "VPN users", [DIRECT], "Is in the group VPN users."),
        (
            "group",
            "Sales EMEA",
            [Path("direct", rule="R", rule_who="everyone in Sales", rule_sure=True)],
            "Is in the group Sales EMEA, put there by a rule for everyone in Sales.",
        ),
        (
            "app",
            "Slack",
            [Path("group", "g", "Odd", rule="R 7", rule_sure=True)],
            "Has Slack through the group Odd, which a rule called “R 7” gives.",
        ),
        (
            "app",
            "Slack",
            [Path("group", "g", "Odd", rule="R 7")],
            "Has Slack through the group Odd, where a rule called “R 7” may have put them.",
        ),
    ],
)
def test_an_access_is_told_in_one_sentence(kind, label, paths, said):
    assert sentence(kind, label, paths) == said


def test_a_direct_assignment_ends_by_itself():
    assert ending("app", "Slack", [DIRECT], []) == [
        "Removing the direct assignment ends it; nothing else gives it."
    ]


def test_removing_a_direct_assignment_is_not_enough_beside_a_group():
    said = ending("app", "Slack", [DIRECT, VPN], [])
    assert said == [
        "Removing the direct assignment alone changes nothing: it also comes through the group "
        "VPN users.",
        "It ends when they leave VPN users.",
    ]


def test_a_rule_would_put_them_back_and_other_things_go_too():
    assert ending("app", "Salesforce", [SALES], ["Slack", "Zoom"], 3) == [
        "It ends when they leave Sales EMEA.",
        "The rule “Sales department” would put them back, unless they are excluded from it.",
        "This also takes away Slack, Zoom and 3 more.",
    ]


def test_a_group_of_a_directory_is_changed_there_and_everyone_is_left_by_nobody():
    imported = ending("group", "Domain Users", [Path("direct", managed="directory")], [])
    assert imported == [
        "Domain Users is managed in a directory outside Okta, so the removal is made there."
    ]
    everyone = ending("app", "Mail", [Path("group", "g", "Everyone", managed="built_in")], [])
    assert everyone == [
        "Nobody can leave Everyone: Okta keeps everybody in it. Mail ends only when it is taken "
        "from that group, for all."
    ]


def test_names_are_listed_as_people_do():
    assert [listed(["A"]), listed(["A", "B"]), listed(["A", "B", "C"]), listed([])] == [
        "A",
        "A and B",
        "A, B and C",
        "",
    ]
