"""The checklist: what there is none of is not said, and the same is said once."""

from streamlit.testing.v1 import AppTest

from ui import checks
from workflows.connect import Check


def check(number, state, message="Said.", action=""):
    return Check(
        number=number, id=f"c{number}", title=f"Check {number}", state=state, message=message,
        action=action, blocking=False,
    )  # fmt: skip


def test_the_tally_names_only_what_there_is():
    assert checks.tally([check(1, "pass"), check(2, "pass")]) == "2 of 2 pass"
    mixed = [check(1, "pass"), check(2, "warn"), check(3, "unknown"), check(4, "unknown")]
    assert checks.tally(mixed) == "1 of 4 pass, 1 warn, 2 could not tell"
    assert checks.tally([check(1, "fail")]) == "1 fail"
    assert checks.tally([]) == ""


def drawn():
    from tests.ui.test_checks import check
    from ui import checks

    same = [check(n, "unknown", "Not checked, because an earlier check failed.") for n in (3, 4, 5)]
    checks.checklist([check(2, "fail", "The key is dead."), *same, check(6, "warn")])


def test_checks_that_say_the_same_are_told_once():
    said = [m.value for m in AppTest.from_function(drawn).run().markdown]
    assert len(said) == 3
    assert "3 to 5, 3 checks" in said[1]
    assert said[1].count("Not checked") == 1
    assert all(f"Check {n}" in said[1] for n in (3, 4, 5))
