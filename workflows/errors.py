"""Errors whose text can be shown to a person as it is: what happened, to what, what to do next."""

from storage.errors import StorageError


class CountersignError(Exception):
    """A refusal or a failure that the person in front of the screen can act on.

    message: full sentences, never a secret or a traceback. code: a stable slug for scripts.
    field: the form field that is wrong, when one is. action: what to do next, may be empty.
    """

    def __init__(self, message: str, *, code: str, field: str | None = None, action: str = ""):
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
        self.action = action

    def __str__(self) -> str:
        return f"{self.message} {self.action}".strip()


class NotFoundHere(CountersignError):
    """What was asked for is not in the store."""

    def __init__(self, what: str, *, action: str = ""):
        super().__init__(f"{what} does not exist here.", code="not_found", action=action)


class NotAllowed(CountersignError):
    """The person who asks may not do or see this. The audit log has it."""

    def __init__(self, message: str, *, action: str = "Ask an analyst for the role it needs."):
        super().__init__(message, code="not_allowed", action=action)


class SignedOut(CountersignError):
    """The session has ended, and with it what was open in it. reason: a slug."""

    def __init__(self, message: str, *, reason: str):
        super().__init__(message, code="signed_out", action="Sign in again.")
        self.reason = reason


class RuleRefused(CountersignError):
    """A rule of access reviews says no (SPEC 5). Nothing was changed."""


def shown(error: BaseException) -> CountersignError | None:
    """What may be said about an error as it is: ours, and the store's. None for a mistake."""
    if isinstance(error, CountersignError):
        return error
    if isinstance(error, StorageError):
        return CountersignError(str(error), code="store")
    return None
