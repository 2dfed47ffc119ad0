"""Okta's error bodies."""

import secrets
from typing import Any

Answer = tuple[int, Any]


def error(status: int, code: str, summary: str, *causes: str) -> Answer:
    """An Okta error: status and body."""
    return status, {
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": "oae" + secrets.token_urlsafe(17),
        "errorCauses": [{"errorSummary": cause} for cause in causes],
    }


def not_found(what: str, kind: str) -> Answer:
    """404 for an unknown id."""
    return error(404, "E0000007", f"Not found: Resource not found: {what} ({kind})")


class Refused(Exception):
    """Ends a handler with an error answer."""

    def __init__(self, answer: Answer):
        super().__init__(answer[1]["errorSummary"])
        self.answer = answer
