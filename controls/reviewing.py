"""Who reviews what, what a decision needs, and which state follows: the rules of SPEC 5, pure.

Nobody decides on their own access, in no strategy and by no fallback.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from controls.emails import normalise_email
from controls.mfa import CAN_SIGN_IN
from controls.personnel import FORMER

KEEP, REVOKE, CHANGE, NOT_MINE = "KEEP", "REVOKE", "CHANGE", "NOT_MINE"
DECISIONS = (KEEP, REVOKE, CHANGE, NOT_MINE)
UNDO = "UNDO"
PENDING = "PENDING"
DRAFT, ACTIVE, CLOSED, CANCELLED = "DRAFT", "ACTIVE", "CLOSED", "CANCELLED"
STRATEGIES = ("manager", "owner", "named")
RESTS = ("no_decision", "revoke")
# What becomes of the revokes of a campaign that is given up.
REVOKES = ("stand", "withdraw")
LONGEST_NOTE = 2000
# Where a campaign may go from where it is.
NEXT_STATES = {DRAFT: (ACTIVE, CANCELLED), ACTIVE: (CLOSED, CANCELLED)}


class Refused(ValueError):
    """A rule says no. code: a slug; field: what to correct; the text is a sentence for people."""

    def __init__(self, message: str, *, code: str, field: str | None = None):
        super().__init__(message)
        self.code = code
        self.field = field


@dataclass(frozen=True)
class Manager:
    """Whom Okta names as somebody's manager; user_id None and why, when nobody can be found."""

    user_id: str | None
    problem: str = ""


@dataclass(frozen=True)
class Route:
    """Who reviews an item, by which rule, and why in a sentence. reviewer None: nobody may."""

    reviewer: str | None
    rule: str
    why: str


@dataclass(frozen=True)
class Routing:
    """How a campaign finds reviewers.

    owners: (kind, resource id) -> user id. managers: see managers(). can_review: who can sign in
    and so decide. names: user id -> name, for the sentences.
    """

    strategy: str
    fallback: str
    can_review: Collection[str]
    managers: Mapping[str, Manager]
    names: Mapping[str, str]
    owners: Mapping[tuple[str, str], str] = field(default_factory=dict)
    named: str | None = None

    def route(
        self, subject: str, kind: str, resource_id: str, *, leaving_out: Collection[str] = ()
    ) -> Route:
        """Who reviews what `subject` has. leaving_out: who has said that it is not theirs."""
        wanted, what, problem = self._first(subject, kind, resource_id)
        out = {subject, *leaving_out}
        name = self.names.get(wanted or "", wanted or "")
        if wanted is not None:
            if wanted in self.can_review and wanted not in out:
                return Route(wanted, self.strategy, f"{name} is {what}.")
            problem = self._why_not(wanted, subject, what, name)
        return self.to_fallback(subject, problem, leaving_out=leaving_out)

    def to_fallback(
        self, subject: str, problem: str, *, leaving_out: Collection[str] = ()
    ) -> Route:
        """The fallback, or their manager where the fallback may not. problem: why not another."""
        out = {subject, *leaving_out}
        boss = self.managers.get(self.fallback, Manager(None)).user_id
        fallback, boss_name = (self.names.get(who or "", "") for who in (self.fallback, boss))
        for reviewer, who in (
            (self.fallback, f"{fallback} is the fallback"),
            (boss, f"{boss_name} is the fallback's manager"),
        ):
            if reviewer is not None and reviewer in self.can_review and reviewer not in out:
                return Route(reviewer, "fallback", f"{who}: {problem}")
        return Route(None, "nobody", f"Nobody may review this yet: {problem}")

    def _first(self, subject: str, kind: str, resource_id: str) -> tuple[str | None, str, str]:
        """The strategy's own reviewer, what they are to the item, or why there is none."""
        who = self.names.get(subject, subject)
        if self.strategy == "manager":
            found = self.managers.get(subject, Manager(None))
            problem = found.problem or f"Okta names no manager for {who}."
            return found.user_id, f"{who}'s manager in Okta", problem
        if self.strategy == "owner":
            owner = self.owners.get((kind, resource_id))
            return owner, "the owner", "no owner is set for it."
        return self.named, "the reviewer named for this campaign", "nobody is named."

    def _why_not(self, wanted: str, subject: str, what: str, name: str) -> str:
        if wanted == subject:
            return f"{name} cannot review their own access."
        if wanted not in self.can_review:
            return f"{name}, {what}, cannot sign in."
        return f"{name}, {what}, has said that it is not theirs."


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


def checked_note(decision: str, note: str, *, privileged: bool) -> str:
    """The note, trimmed. Raises Refused where one is required and missing (SPEC 5)."""
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise Refused(
            f"The note is longer than {LONGEST_NOTE:,} characters.", code="too_long", field="note"
        )
    if note or (decision == KEEP and not privileged):
        return note
    what = {
        REVOKE: "Say why this is revoked",
        CHANGE: "Say what it should be changed to",
        NOT_MINE: "Say why it is not yours to decide, and whose it may be",
        KEEP: "This is privileged access: say why it is kept",
    }[decision]
    raise Refused(f"{what}; a note is required.", code="note_required", field="note")


def check_decision(
    decision: str,
    *,
    campaign_state: str,
    subject: str,
    reviewer: str | None,
    actor: str | None,
    fallback: str,
) -> None:
    """Raises Refused unless this actor may decide so on this item now."""
    if decision not in DECISIONS:
        raise Refused(f"“{decision[:40]}” is no decision.", code="bad_decision", field="decision")
    check_open(campaign_state)
    if actor is None:
        raise Refused(
            "Only a person whom Okta knows can decide; this account is none.", code="not_a_reviewer"
        )
    if actor == subject:
        raise Refused("Nobody decides on their own access.", code="own_access")
    if reviewer != actor:
        raise Refused("This item is another reviewer's to decide.", code="not_yours")
    if decision == NOT_MINE and actor == fallback:
        raise Refused(
            "You are the fallback, so there is nobody whom it would go to. Decide, or reassign it "
            "to somebody by name.",
            code="fallback",
        )


def check_open(campaign_state: str) -> None:
    """Raises Refused unless the campaign takes decisions."""
    if campaign_state != ACTIVE:
        raise Refused(
            f"The campaign is {campaign_state.lower()}, so nothing in it can be changed.",
            code="not_active",
        )


def check_reviewer(reviewer: str, subjects: Collection[str], may: Collection[str]) -> None:
    """Raises Refused unless items of these people may be given to this reviewer."""
    if reviewer in subjects:
        raise Refused(
            "Nobody decides on their own access; choose somebody else.",
            code="own_access",
            field="reviewer",
        )
    if reviewer not in may:
        raise Refused(
            "This person cannot sign in, and so could not decide.",
            code="cannot_review",
            field="reviewer",
        )


def check_transition(state: str, wanted: str) -> None:
    """Raises Refused unless a campaign may go from one state to another."""
    if wanted not in NEXT_STATES.get(state, ()):
        raise Refused(
            f"A campaign that is {state.lower()} cannot become {wanted.lower()}.", code="bad_state"
        )


def check_cancelling(revoked: int, revokes: str | None) -> None:
    """Raises Refused unless it is said what becomes of so many revokes of a campaign given up."""
    if revoked and revokes not in REVOKES:
        raise Refused(
            f"{revoked:,} revoke{'s were' if revoked > 1 else ' was'} made. Say whether the access "
            "is still expected to go.",
            code="revokes_open",
            field="revokes",
        )


def check_closing(undecided: int, rest: str | None, reason: str, *, unread: int = 0) -> None:
    """Raises Refused unless a campaign with so many undecided items may be closed like this.

    unread: resources in scope that were not reviewed, because they were not read.
    """
    if rest is not None and rest not in RESTS:
        raise Refused("What is left becomes revoked or stays without decision.", code="bad_rest")
    if unread and not reason.strip():
        raise Refused(
            f"{unread:,} resources were not reviewed, because they could not be read. Give the "
            "reason why the campaign closes without them.",
            code="missing_reason",
            field="reason",
        )
    if not undecided:
        return
    if rest is None:
        raise Refused(
            f"{undecided:,} items have no decision. Have them decided, or say what becomes of them "
            "and why.",
            code="undecided",
            field="rest",
        )
    if not reason.strip():
        raise Refused(
            "Give the reason why items are left without a decision.",
            code="missing_reason",
            field="reason",
        )


@dataclass(frozen=True)
class Said:
    """One row of an item's history. takes_back: the decision that an UNDO takes back."""

    id: int
    decision: str
    takes_back: int | None = None


def in_force(history: Sequence[Said]) -> Said | None:
    """The decision that counts: the newest that was not taken back. history: oldest first."""
    taken_back = {said.takes_back for said in history if said.decision == UNDO}
    standing = [s for s in history if s.decision != UNDO and s.id not in taken_back]
    return standing[-1] if standing else None


def is_decided(state: str) -> bool:
    """False for what somebody must still decide: pending, or handed to the fallback."""
    return state not in {PENDING, NOT_MINE}
