"""The results of a preflight: what there is none of is not said, what is to do comes first."""

from streamlit.testing.v1 import AppTest

from ui import checks
from workflows.connect import Check


def check(number, state, message="Said.", action=""):
    return Check(
        number=number, id=f"c{number}", title=f"Check {number}", state=state, message=message,
        action=action, blocking=False,
    )  # fmt: skip


def test_what_there_is_none_of_is_not_said():
    said = checks.badges([check(1, "pass"), check(2, "warn"), check(3, "warn")])
    assert "2 warnings" in said
    assert "1 passed" in said
    assert "of 3 checks" in said
    assert "failed" not in said
    assert "could not tell" not in said


def drawn():
    from tests.ui.test_checks import check
    from ui import checks

    checks.show([
        check(1, "pass", action="Never shown."), check(2, "warn", "Old key."),
        check(3, "unknown", "Not read."), check(4, "fail", "The key is *dead*.", "Security > API"),
    ])  # fmt: skip


def test_what_is_to_do_comes_first_with_the_way_and_what_passed_is_folded_away():
    app = AppTest.from_function(drawn).run()
    said = [m.value for m in app.markdown if m.value.startswith("**Check")]
    assert [text[2:9] for text in said] == ["Check 4", "Check 3", "Check 2", "Check 1"]
    assert "↳ Security" in said[0]
    assert "\\*dead\\*" in said[0]
    assert "Never shown" not in said[-1]
    assert app.expander[0].label == "1 check passed"


def half_needed():
    from tests.ui.test_checks import check
    from ui import checks

    checks.show([check(1, "pass"), check(2, "pass"), check(3, "not_needed")])


def test_what_was_not_needed_is_not_called_passed():
    app = AppTest.from_function(half_needed).run()
    assert app.expander[0].label == "2 checks passed, 1 not needed"
