"""Accounts of somebody who left and is here again: linked by a note, and nothing is inherited
(SPEC 1: Okta ids are the only keys)."""

import pandas as pd

from controls.emails import normalise_email
from controls.personnel import FORMER


def other_accounts(people: pd.DataFrame, users: pd.DataFrame, user_id: str) -> list[str]:
    """Ids of accounts that seem to be the same person's, before or after this one.

    people: from personnel.derive(). users: the directory's rows. Two accounts belong together when
    one has left, the other has not, and they share an e-mail or an employee number. Two who are
    both here are a matter of Test 96, and two who both left are history.
    """
    mine = users[users["user_id"] == user_id]
    if mine.empty:
        return []
    left = set(people.loc[people["employment_status"].isin(FORMER), "user_id"])
    others = users[users["user_id"].isin(left) != (user_id in left)]
    email, number = mine["email"].iloc[0], mine["employee_number"].iloc[0]
    same = pd.Series(False, index=others.index)
    if email and normalise_email(email):
        same |= others["email"].fillna("").map(normalise_email) == normalise_email(email)
    if number and str(number).strip():
        same |= others["employee_number"].fillna("").str.strip() == str(number).strip()
    return sorted(others.loc[same, "user_id"])
