"""The people of a review: found by address, with their managers and whether they can decide."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from controls import reviewing
from controls.emails import normalise_email
from workflows.errors import RuleRefused
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.snapshot import moment


@dataclass(frozen=True)
class Who:
    """Everybody at one moment. people: from personnel.derive(). users: the directory's rows."""

    people: pd.DataFrame
    users: pd.DataFrame

    @cached_property
    def managers(self) -> dict[str, reviewing.Manager]:
        """Each user's manager, as far as Okta names one."""
        return reviewing.managers(self.users)

    @cached_property
    def can_review(self) -> set[str]:
        """Who can sign in to decide."""
        return reviewing.can_review(self.people)

    @cached_property
    def names(self) -> dict[str, str]:
        """user id -> name."""
        return dict(zip(self.people["user_id"], self.people["name"], strict=True))

    @cached_property
    def emails(self) -> dict[str, str | None]:
        """user id -> e-mail."""
        return dict(zip(self.people["user_id"], self.people["email"], strict=True))

    def person(self, text: str, *, field: str) -> str:
        """The user id of whom a login, an e-mail address or an id names. Raises RuleRefused."""
        wanted = normalise_email(text)
        for column in ("login", "email", "user_id"):
            known = self.people[column].fillna("").map(normalise_email)
            fitting = self.people.loc[(known == wanted) & (wanted != ""), "user_id"]
            if len(fitting) == 1:
                return str(fitting.iloc[0])
            if len(fitting) > 1:
                raise RuleRefused(
                    f"“{text[:100]}” is the {column} of {len(fitting)} accounts.",
                    code="ambiguous_person",
                    field=field,
                    action="Use the login instead.",
                )
        raise RuleRefused(
            f"Nobody in Okta has the e-mail address “{text[:100]}”.",
            code="unknown_person",
            field=field,
        )


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
