"""Sign-ins that are not carried out: what the person reads, and what the audit log keeps."""

from okta_client.errors import NotPermitted, OktaError, SignInRefused
from storage import audit_log
from storage.errors import StorageError
from workflows.errors import CountersignError
from workflows.installation import Installation
from workflows.sessions import From

AGAIN = "Start again from the sign-in page."
# Okta's answers (RFC 6749, 4.1.2.1) that a person can do something about.
_SAID = {
    "access_denied": (
        "Okta did not let you in.",
        "Ask your Okta administrator to assign you to the application.",
    ),
    "invalid_scope": (
        "Okta did not grant the application the scope okta.users.read.self.",
        "An Okta administrator grants it under Applications > your app > Okta API Scopes.",
    ),
    "login_required": ("Okta wants you to sign in there first.", AGAIN),
}
_ATTEMPT = {
    "unknown": "This sign-in is not known here, or was begun long ago.",
    "other_browser": "This sign-in was begun in another browser.",
    "used": "This sign-in has been used already.",
    "expired": "This sign-in took too long.",
}


class TurnedAway(CountersignError):
    """A sign-in that is not carried out. reason: its slug in the audit log."""

    def __init__(self, message: str, *, reason: str, action: str = AGAIN):
        super().__init__(message, code="sign_in_refused", action=action)
        self.reason = reason


def turned_away(
    inst: Installation, came: From, reason: str, message: str, *, action: str = AGAIN
) -> TurnedAway:
    """The refusal to raise, written to the audit log."""
    with inst.database.write() as conn:
        audit_log.append(
            conn,
            actor="anonymous",
            action="sign_in.refused",
            subject="sign-in",
            detail={"reason": reason, "from": came.address, "browser": came.browser},
            at=inst.now(),
        )
    return TurnedAway(message, reason=reason, action=action)


def by_attempt(inst: Installation, came: From, wrong: str) -> TurnedAway:
    """The refusal of an answer that belongs to no sign-in that waits for it."""
    return turned_away(inst, came, f"state_{wrong}", _ATTEMPT[wrong])


def by_okta(inst: Installation, came: From, error: str) -> TurnedAway:
    """The refusal when Okta sends the browser back with an error instead of a code."""
    known = error if error in _SAID else "okta_error"
    message, action = _SAID.get(error, ("Okta answered with an error.", AGAIN))
    return turned_away(inst, came, known, message, action=action)


def by_failure(inst: Installation, came: From, error: OktaError | StorageError) -> TurnedAway:
    """The refusal when the exchange fails, or what it brings cannot be trusted."""
    if isinstance(error, SignInRefused):
        return turned_away(
            inst, came, f"token_{error.reason}", f"Okta's answer cannot be trusted. {error.message}"
        )
    if isinstance(error, NotPermitted):
        return by_okta(inst, came, "invalid_scope")
    if isinstance(error, OktaError):
        return turned_away(inst, came, error.code, error.message, action=error.action or AGAIN)
    return turned_away(inst, came, "store", str(error), action="")
