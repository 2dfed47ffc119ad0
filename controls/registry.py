"""All controls, in the order in which pages show them."""

from controls.mfa import TEST_86
from controls.model import Control
from controls.review_controls import ACCESS_REMOVED, ACCESS_REVIEWED
from controls.unique_email import TEST_96

CONTROLS: tuple[Control, ...] = (TEST_86, TEST_96, ACCESS_REVIEWED, ACCESS_REMOVED)


def by_id(control_id: str) -> Control | None:
    """The control of that id."""
    return next((control for control in CONTROLS if control.id == control_id), None)
