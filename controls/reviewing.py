"""Who reviews what, what a decision needs, and which state follows: the rules of SPEC 5, pure.

Nobody decides on their own access, in no strategy and by no fallback.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from controls.reviewers import Manager

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
class Route:
    """Who reviews an item, by which rule, and why in a sentence. reviewer None: nobody may.

    shared: of several owners all who may decide it, the reviewer among them.
    """

    reviewer: str | None
    rule: str
    why: str
    shared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Routing:
    """How a campaign finds reviewers.

    owners: (kind, resource id) -> user ids; the first to decide settles it. managers: from
    reviewers.managers(). can_review: who can sign in and so decide. names: user id -> name.
    """

    strategy: str
    fallback: str
    can_review: Collection[str]
    managers: Mapping[str, Manager]
    names: Mapping[str, str]
    owners: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    named: str | None = None

    def route(
        self, subject: str, kind: str, resource_id: str, *, leaving_out: Collection[str] = ()
    ) -> Route:
        """Who reviews what `subject` has. leaving_out: who has said that it is not theirs."""
        wanted, what, problem = self._first(subject, kind, resource_id)
        out = {subject, *leaving_out}
        may = tuple(who for who in wanted if who in self.can_review and who not in out)
        if len(may) > 1:
            names = f"{', '.join(map(self._name, may[:-1]))} and {self._name(may[-1])}"
            why = f"{names} are the owners; the first to decide settles it."
            return Route(may[0], self.strategy, why, may)
        if may:
            return Route(may[0], self.strategy, f"{self._name(may[0])} is {what}.")
        if wanted:
            problem = " ".join(self._why_not(who, subject, what) for who in wanted)
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

    def _first(self, subject: str, kind: str, resource_id: str) -> tuple[Sequence[str], str, str]:
        """The strategy's own reviewers, what they are to the item, or why there is none."""
        if self.strategy == "manager":
            who, found = self._name(subject), self.managers.get(subject, Manager(None))
            problem = found.problem or f"Okta names no manager for {who}."
            return _some(found.user_id), f"{who}'s manager in Okta", problem
        if self.strategy == "owner":
            owners = tuple(dict.fromkeys(self.owners.get((kind, resource_id), ())))
            what = "the owner" if len(owners) == 1 else "an owner"
            return owners, what, "no owner is set for it."
        return _some(self.named), "the reviewer named for this campaign", "nobody is named."

    def _name(self, user_id: str) -> str:
        return self.names.get(user_id, user_id)

    def _why_not(self, wanted: str, subject: str, what: str) -> str:
        name = self._name(wanted)
        if wanted == subject:
            return f"{name} cannot review their own access."
        if wanted not in self.can_review:
            return f"{name}, {what}, cannot sign in."
        return f"{name}, {what}, has said that it is not theirs."


def _some(who: str | None) -> Sequence[str]:
    return () if who is None else (who,)


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
    reviewers: Collection[str | None],
    actor: str | None,
    fallback: str,
) -> None:
    """Raises Refused unless this actor may decide so on this item now.

    reviewers: with whom it stands, and while it is undecided whoever shares it.
    """
    if decision not in DECISIONS:
        raise Refused(f"“{decision[:40]}” is no decision.", code="bad_decision", field="decision")
    check_open(campaign_state)
    if actor is None:
        raise Refused(
            "Only a person whom Okta knows can decide; this account is none.", code="not_a_reviewer"
        )
    if actor == subject:
        raise Refused("Nobody decides on their own access.", code="own_access")
    if actor not in reviewers:
        raise Refused("This item is another reviewer's to decide.", code="not_yours")
    if decision == NOT_MINE and actor == fallback and set(reviewers) == {actor}:
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


def reviewers_of(state: str, reviewer: str | None, sharers: Collection[str]) -> set[str | None]:
    """Whose an item is: with whom it stands, and while it is undecided all who share it."""
    return {reviewer, *(() if is_decided(state) else sharers)}


def is_decided(state: str) -> bool:
    """False for what somebody must still decide: pending, or handed to the fallback."""
    return state not in {PENDING, NOT_MINE}
