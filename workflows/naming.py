"""Whom or what somebody means who gives a text: an Okta id, or an address or label of exactly one.

What fits several is refused with their ids: Okta ids are the only keys (SPEC 1).
"""

import pandas as pd

from controls.emails import normalise_email
from workflows.errors import CountersignError

# More names than this nobody reads in a sentence.
MOST_NAMED = 10


Refusal = type[CountersignError]


def person_named(
    people: pd.DataFrame,
    text: str,
    *,
    field: str | None = None,
    refusal: Refusal = CountersignError,
) -> str:
    """The Okta id of whom an id, an e-mail or a login names.

    people: from personnel.derive(). field: of the form, for the error. Raises `refusal` when nobody
    has it, or several.
    """
    if (people["user_id"] == text.strip()).any():
        return text.strip()
    wanted = normalise_email(text)
    hit = pd.Series(False, index=people.index)
    for column in ("email", "login"):
        hit |= people[column].fillna("").map(normalise_email) == wanted
    return _the_one(
        people[hit & (wanted != "")].rename(columns={"user_id": "id", "name": "label"}),
        nothing=f"Nobody here has the id, e-mail or login “{text[:100]}”.",
        several=f"Several people have the e-mail or login “{text[:100]}”",
        field=field, kind="person", many="people", refusal=refusal,
    )  # fmt: skip


_KINDS = {"app": "application", "group": "group", "admin_role": "admin role"}


def resource_named(resources: pd.DataFrame, kind: str, text: str, *, refusal: Refusal) -> str:
    """The id of the application, group or admin role that an id or a label names.

    resources: from controls.access.resources(). Raises as person_named() does.
    """
    ours, what = resources[resources["kind"] == kind], _KINDS[kind]
    if (ours["resource_id"] == text.strip()).any():
        return text.strip()
    hit = ours["label"].str.strip().str.casefold() == text.strip().casefold()
    return _the_one(
        ours[hit].rename(columns={"resource_id": "id"}),
        nothing=f"No active {what} has the label “{text[:100]}”.",
        several=f"Several {what}s have the label “{text[:100]}”",
        field=kind, kind=kind, many=f"{kind}s", refusal=refusal,
    )  # fmt: skip


def _the_one(
    found: pd.DataFrame,
    *,
    nothing: str,
    several: str,
    field: str | None,
    kind: str,
    many: str,
    refusal: Refusal,
) -> str:
    """The only one of these. found: id, label."""
    if len(found) == 1:
        return str(found["id"].iloc[0])
    if found.empty:
        raise refusal(nothing, code=f"unknown_{kind}", field=field)
    first = found.head(MOST_NAMED)
    named = ", ".join(f"{name} ({i})" for name, i in zip(first["label"], first["id"], strict=True))
    more = f", and {len(found) - MOST_NAMED:,} more" if len(found) > MOST_NAMED else ""
    raise refusal(
        f"{several}: {named}{more}.", code=f"several_{many}", field=field,
        action="Give the Okta id of the one you mean.",
    )  # fmt: skip
