"""Whether what was revoked has gone: verdicts on removals, and drift of frozen items (SPEC 5)."""

from collections.abc import Collection

# A path is (via, group id), as controls/access.py names it.
Ways = Collection[tuple[str, str]]

OPEN = "OPEN"
VERIFIED_GONE = "VERIFIED_GONE"
STILL_PRESENT = "STILL_PRESENT"
STILL_EFFECTIVE = "STILL_EFFECTIVE"
CAME_BACK = "CAME_BACK"
COULD_NOT_TELL = "COULD_NOT_TELL"
STATES = (STILL_PRESENT, STILL_EFFECTIVE, CAME_BACK, COULD_NOT_TELL, OPEN, VERIFIED_GONE)
# A revoke that was taken back before the campaign closed expects nothing any more.
WITHDRAWN = "WITHDRAWN"

# What a run must have read for its word on a kind of access to count.
NEEDS = {
    "app": ("apps", "app_users", "app_groups", "memberships"),
    "group": ("groups", "memberships"),
    "admin_role": ("user_roles", "group_roles", "admin_assignees", "memberships"),
}


def verdict(previous: str, frozen: Ways, now: Ways | None) -> str:
    """What a published run says about an access that was revoked.

    previous: the state before this run. frozen: the paths that were reviewed. now: those there are,
    None where the run did not read the list whole: then what was shown to have gone or come back
    stands by the run that showed it, and of the rest this one COULD_NOT_TELL. Gone once and there
    again is CAME_BACK until it has gone again. A path less and still a way in is STILL_EFFECTIVE;
    all reviewed paths standing is STILL_PRESENT.
    """
    if now is None:
        return previous if previous in {VERIFIED_GONE, CAME_BACK} else COULD_NOT_TELL
    if not now:
        return VERIFIED_GONE
    if previous in {VERIFIED_GONE, CAME_BACK}:
        return CAME_BACK
    return STILL_EFFECTIVE if set(frozen) - set(now) else STILL_PRESENT


def drift(frozen: Ways, now: Ways) -> str:
    """How an item has changed since the freeze: same, gone, more, fewer or other."""
    before, after = set(frozen), set(now)
    if before == after:
        return "same"
    if not after:
        return "gone"
    if before < after:
        return "more"
    return "fewer" if after < before else "other"


DRIFT_WORDS = {
    "same": "",
    "gone": "Since the review was opened this access has gone.",
    "more": "Since the review was opened another way to it was added.",
    "fewer": "Since the review was opened one of the ways to it has gone; another remains.",
    "other": "Since the review was opened it has come to be given in another way.",
}
