"""The people of a review: found by address, with their managers and whether they can decide."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from controls import reviewers
from workflows.errors import RuleRefused
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.naming import person_named
from workflows.snapshot import moment


@dataclass(frozen=True)
class Who:
    """Everybody at one moment. people: from personnel.derive(). users: the directory's rows."""

    people: pd.DataFrame
    users: pd.DataFrame

    @cached_property
    def managers(self) -> dict[str, reviewers.Manager]:
        """Each user's manager, as far as Okta names one."""
        return reviewers.managers(self.users, self.people)

    @cached_property
    def can_review(self) -> set[str]:
        """Who can sign in to decide."""
        return reviewers.can_review(self.people)

    @cached_property
    def names(self) -> dict[str, str]:
        """user id -> name."""
        return dict(zip(self.people["user_id"], self.people["name"], strict=True))

    @cached_property
    def emails(self) -> dict[str, str | None]:
        """user id -> e-mail."""
        return dict(zip(self.people["user_id"], self.people["email"], strict=True))

    def person(self, text: str, *, field: str) -> str:
        """The user id of whom an id, an e-mail or a login names. Raises RuleRefused."""
        return person_named(self.people, text, field=field, refusal=RuleRefused)


def who_is_there(inst: Installation, connection_id: int) -> Who:
    """Everybody as of the newest published run."""
    found = moment(inst, connection_id).snapshot
    return Who(found.people, found.users)


@entry
def acting_as(inst: Installation, connection_id: int, email: str, *, by: Actor) -> Actor:
    """Somebody by their address, as the one who acts: for commands, and without sign-in.

    by: who really sits there; the audit log names both.
    """
    who = who_is_there(inst, connection_id)
    user_id = who.person(email, field="as")
    return Actor(
        id=f"{by.id} as okta:{user_id}",
        name=who.names[user_id],
        role="reviewer",
        okta_user_id=user_id,
        email=who.emails[user_id],
    )
