"""One error for each thing a person must do differently. Their text may be shown; no key in it."""


class OktaError(Exception):
    """A read from Okta that did not succeed.

    code: our stable slug. message: a full sentence. action: what to do next. endpoint: the path
    asked, without query. okta_code: Okta's errorCode ("E0000011"). request_id:
    X-Okta-Request-Id, which Okta's support asks for. status: the HTTP status, None without answer.
    """

    code = "okta_error"
    action = ""

    def __init__(
        self,
        message: str,
        *,
        endpoint: str = "",
        okta_code: str | None = None,
        request_id: str | None = None,
        status: int | None = None,
        action: str | None = None,
        retryable: bool = False,
        wait: float | None = None,
    ):
        super().__init__(message)
        self.message = message
        self.endpoint = endpoint
        self.okta_code = okta_code
        self.request_id = request_id
        self.status = status
        # For those who try again: whether it may help, and how long Okta asks to wait.
        self.retryable = retryable
        self.wait = wait
        if action is not None:
            self.action = action

    def __str__(self) -> str:
        where = f"GET {self.endpoint}" if self.endpoint else ""
        notes = ", ".join(
            note
            for note in (
                where,
                self.okta_code or "",
                f"request {self.request_id}" if self.request_id else "",
            )
            if note
        )
        return f"{self.message} ({notes})" if notes else self.message


class NotAnOktaOrg(OktaError):
    """Something answers at this address, but it is not an Okta organization."""

    code = "not_an_okta_org"
    action = "Check the organization's address: it is the one you sign in to Okta with."


class KeyInvalid(OktaError):
    """Okta does not know the API key, or no longer."""

    code = "key_invalid"
    action = "Create a new token under Security > API > Tokens and replace the key."


class NotPermitted(OktaError):
    """The key is good, but its owner may not read this."""

    code = "not_permitted"
    action = "Give the key's owner the permission under Security > Administrators."


class NotEnabled(OktaError):
    """The organization does not have this feature."""

    code = "not_enabled"


class NotFound(OktaError):
    """The thing asked for does not exist, or no longer."""

    code = "not_found"


class RateLimited(OktaError):
    """Okta kept refusing for its rate limit."""

    code = "rate_limited"
    action = "Try again in a few minutes, or raise the token's rate limit in the Okta console."


class TooManyAtOnce(RateLimited):
    """Okta refused because too many requests were in flight: fewer may be, the budget is whole."""


class Unavailable(OktaError):
    """Okta could not be reached, or kept failing."""

    code = "unavailable"
    action = "Check the network and status.okta.com, then try again."


class TookTooLong(Unavailable):
    """No whole answer in time, here or (Okta: E0000009) there: a smaller page may pass."""


class UnexpectedAnswer(OktaError):
    """An answer that Okta does not document, and that must not be taken for the end of a list."""

    code = "unexpected_answer"
    action = "Try again; if it stays, keep the request id for Okta's support."


class BadRequest(UnexpectedAnswer):
    """Okta refused the question itself (400)."""

    code = "bad_request"


class StaleCursor(BadRequest):
    """A page cursor that Okta no longer accepts: the list must be read anew."""

    code = "stale_cursor"


class Cancelled(OktaError):
    """The reading was stopped by us."""

    code = "cancelled"


class SignInRefused(OktaError):
    """Somebody's sign-in does not prove who they are. reason: a slug for the audit log."""

    code = "sign_in_refused"
    action = "Start again from the sign-in page."

    def __init__(self, message: str, *, reason: str):
        super().__init__(message)
        self.reason = reason
