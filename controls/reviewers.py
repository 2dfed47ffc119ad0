"""Who can review, who does not come back to it, and who is whose manager (SPEC 5)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from controls.emails import normalise_email
from controls.mfa import CAN_SIGN_IN
from controls.personnel import FORMER


@dataclass(frozen=True)
class Manager:
    """Whom Okta names as somebody's manager; user_id None and why, when nobody can be found."""

    user_id: str | None
    problem: str = ""


def can_review(people: pd.DataFrame) -> set[str]:
    """Who can sign in to decide: an account that lets them in, and not a former person's.

    people: as personnel.derive() gives them.
    """
    able = people["okta_status"].isin(CAN_SIGN_IN) & ~people["presence"].isin(["deleted"])
    return set(people.loc[able & ~people["employment_status"].isin(FORMER), "user_id"])


def has_left(people: pd.DataFrame) -> set[str]:
    """Who does not come back to decide: deactivated, deleted, or a former person.

    people: as personnel.derive() gives them. Who is suspended or locked out may be back tomorrow.
    """
    gone = (people["okta_status"] == "DEPROVISIONED") | people["presence"].isin(["deleted"])
    return set(people.loc[gone | people["employment_status"].isin(FORMER), "user_id"])


def managers(users: pd.DataFrame, people: pd.DataFrame) -> dict[str, Manager]:
    """Each user's manager: by profile.managerId, then profile.manager (SPEC 5).

    Each is an Okta id, else a login, else an e-mail, else an employee number of exactly one current
    person who can sign in. Names are no keys: two people may share one. people: as
    personnel.derive() gives them.
    """
    able = users["user_id"].isin(set(people.loc[people["current"], "user_id"]) & can_review(people))
    indexes = (_indexes(users[able]), _indexes(users[~able]))
    texts = list(zip(users["manager_id"], users["manager"], strict=True))
    known = {said: _manager(said, *indexes) for said in set(texts)}
    return {user_id: known[said] for user_id, said in zip(users["user_id"], texts, strict=True)}


# What a text may be, in the order in which it is tried: its users by that, as it is compared.
_Indexes = Sequence[Mapping[str, set[str]]]


def _indexes(users: pd.DataFrame) -> _Indexes:
    found: list[dict[str, set[str]]] = []
    for name, compared in _COMPARED.items():
        index: dict[str, set[str]] = {}
        for user_id, value in zip(users["user_id"], users[name], strict=True):
            if isinstance(value, str) and value.strip():
                index.setdefault(compared(value), set()).add(user_id)
        found.append(index)
    return found


_COMPARED: Mapping[str, Callable[[str], str]] = {
    "user_id": str.strip,
    "login": normalise_email,
    "email": normalise_email,
    "employee_number": normalise_email,
}


def _manager(said: tuple[object, object], able: _Indexes, others: _Indexes) -> Manager:
    texts = [text for text in said if isinstance(text, str) and text.strip()]
    if not texts:
        return Manager(None, "Okta names no manager.")
    problem = ""
    for text in texts:
        named = f"Okta names “{text[:80]}” as manager,"
        if fitting := _fitting(text, able):
            if len(fitting) == 1:
                return Manager(next(iter(fitting)))
            return Manager(None, f"{named} which fits several.")
        if _fitting(text, others):
            return Manager(None, f"{named} who is no current person that can sign in.")
        problem = problem or f"{named} and nobody is found by that."
    return Manager(None, problem)


def _fitting(text: str, indexes: _Indexes) -> set[str]:
    """Whom a text names, by the first of its meanings that names anybody."""
    for compared, index in zip(_COMPARED.values(), indexes, strict=True):
        if found := index.get(compared(text)):
            return found
    return set()
