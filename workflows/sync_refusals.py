"""What a request that was not answered means for a run: nothing, less to publish, or its end.

Nothing that could not be read passes for an empty result: it is noted on the run, and what was
known of it before stays.
"""

import logging
from collections.abc import Callable

from okta_client import client as okta
from okta_client.client import Request
from okta_client.crawl import Failure
from okta_client.errors import (
    BadRequest,
    KeyInvalid,
    NotEnabled,
    NotFound,
    NotPermitted,
    OktaError,
    StaleCursor,
    Unavailable,
    UnexpectedAnswer,
)
from workflows.sync_scope import DETAILS, SETTINGS, Outcome, Refusal, Scope

logger = logging.getLogger(__name__)

# Without these a run has nothing to publish.
ESSENTIAL = {"users", "groups"}
# Lists that some organizations know in another form only.
OTHERWISE: dict[str, Callable[[], Request]] = {
    "users": okta.users_of_all_statuses_by_filter,
    "groups": okta.groups_without_stats,
}
# Details that tell, when they are not found, that their subject may be gone: how to ask for it.
SUBJECTS: dict[str, Callable[[str], Request]] = {
    "memberships": okta.group,
    "group_roles": okta.group,
    "app_users": okta.app,
    "app_groups": okta.app,
}
# Subjects whose list alone Okta fails to give do not cost everybody the run, while they are few.
FEW, SHARE = 3, 0.01


def weigh(
    failure: Failure, outcome: Outcome, scope: Scope, *, asked: int, catching_up: bool
) -> Request | None:
    """Note what a failure takes from the run, and say what to ask instead, if anything.

    asked: how many requests of the kind there have been. catching_up: a second query for changes
    is under way. Raises the error when there is nothing to publish without the answer.
    """
    request, error = failure.request, failure.error
    resource = request.resource
    if isinstance(error, KeyInvalid):
        raise error
    if resource in {"user", "group", "app"}:
        # Only a 404 proves that somebody is gone; anything else leaves it open.
        if isinstance(error, NotFound):
            gone = {"user": outcome.gone, "group": outcome.gone_groups, "app": outcome.gone_apps}
            gone[resource].add(request.subject[0])
        return None
    if catching_up and resource == "users" and isinstance(error, BadRequest):
        logger.info("The organization does not answer a second query.")
        return None
    if resource in OTHERWISE and isinstance(error, BadRequest):
        if resource not in outcome.otherwise:
            outcome.otherwise.add(resource)
            return OTHERWISE[resource]()
        raise error
    if resource in DETAILS:
        return _detail(request, error, outcome, scope, asked)
    if resource in ESSENTIAL or not _is_an_answer(resource, error):
        raise error
    kind = dict(request.params).get("type")
    if resource == "policies" and isinstance(error, BadRequest):
        # A kind of policy that this kind of organization does not have.
        outcome.not_read[f"policies ({kind})"] = f"Not enabled. {error.message}"
    else:
        outcome.not_read[resource] = reason_of(error)
    return None


def reason_of(error: OktaError) -> str:
    """Why something was not read, as runs and pages show it."""
    begins = {"not_permitted": "Not permitted. ", "not_enabled": "Not enabled. "}
    return begins.get(error.code, "") + error.message


def _is_an_answer(resource: str, error: OktaError) -> bool:
    """Whether Okta has said that this will not be had, now or later."""
    if resource in SETTINGS and isinstance(error, UnexpectedAnswer):
        return True
    final = NotPermitted | NotEnabled | NotFound | BadRequest
    return isinstance(error, final) and not isinstance(error, StaleCursor)


def _detail(
    request: Request, error: OktaError, outcome: Outcome, scope: Scope, asked: int
) -> Request | None:
    resource, subject = request.resource, request.subject[0]
    if resource == "memberships" and subject == scope.group_id:
        if not isinstance(error, NotFound):
            raise error
        # Whether its people have left is for an analyst to say: the run will be held.
        outcome.group_gone = True
        return None
    if resource == "user_apps" and isinstance(error, BadRequest):
        return None
    if resource == "app_user" and isinstance(error, NotFound):
        # Nothing is staged, so that the publish closes what was known of it.
        return None
    refused = outcome.refused[resource]
    few = len(refused) < max(FEW, SHARE * asked)
    # A list that breaks off again and again is not read; when most do, Okta itself is unwell.
    alone = resource in {"factors", "memberships", "app_users", "app_groups"}
    odd = alone and few and isinstance(error, UnexpectedAnswer | Unavailable)
    if not odd and not isinstance(error, NotPermitted | NotEnabled | NotFound):
        raise error
    refused[subject] = Refusal(error.code, reason_of(error))
    if not isinstance(error, NotFound):
        return None
    # Gone between its list and its details? Asked for by id before that is believed.
    if resource in {"factors", "user_roles", "user_groups", "user_apps"}:
        outcome.vanished.add(subject)
        return None
    return SUBJECTS[resource](subject) if resource in SUBJECTS else None
