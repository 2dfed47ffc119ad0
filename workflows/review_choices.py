"""What an analyst may choose from when a campaign is prepared, and the form that answers make."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from controls.reviewing import STRATEGIES
from workflows import reviews
from workflows.errors import RuleRefused
from workflows.guard import entry
from workflows.installation import Actor, Installation
from workflows.review_access import require_analyst
from workflows.review_basis import Basis, basis
from workflows.review_scope import ALL, TEMPLATES, CampaignForm, Scope, form_of

# Reviewers are found among managers first; more names than this are typed instead.
MOST_REVIEWERS = 500


@dataclass(frozen=True)
class Choices:
    """What is chosen from. apps, groups, roles: id -> label, told apart where two are the same.

    reviewers: id -> name, of people who are somebody's manager and can sign in. run_id, as_of: what
    would be frozen.
    """

    apps: Mapping[str, str]
    groups: Mapping[str, str]
    roles: Mapping[str, str]
    reviewers: Mapping[str, str]
    departments: list[str]
    run_id: int
    as_of: datetime

    def meant(self, text: str) -> str:
        """The only reviewer whose names begin like the words of a text; else the text."""
        wanted = text.casefold().split()

        def fits(name: str) -> bool:
            return all(any(n.startswith(w) for n in name.casefold().split()) for w in wanted)

        fitting = [user_id for user_id, name in self.reviewers.items() if fits(name)]
        return fitting[0] if wanted and len(fitting) == 1 else text


@dataclass(frozen=True)
class Answers:
    """What was answered. apps, groups: ids, or ALL. named, fallback: e-mail, login or Okta id."""

    template: str
    name: str
    apps: str | tuple[str, ...]
    groups: tuple[str, ...]
    admin_roles: bool
    contractors_only: bool
    departments: tuple[str, ...]
    strategy: str
    named: str
    fallback: str
    due_on: date
    repeat_months: int
    rest: str
    unread_reason: str = ""


@entry
def choices(
    inst: Installation, connection_id: int, *, actor: Actor, kept: Answers | None = None
) -> Choices:
    """What there is to choose from, as of the newest published run. Raises RuleRefused.

    kept: a draft's answers; whom it names is among the reviewers.
    """
    require_analyst(actor, "prepare a campaign")
    found = basis(inst, connection_id)
    who = found.who
    managers = {m.user_id for m in who.managers.values() if m.user_id} & who.can_review
    named = {kept.named, kept.fallback} & set(who.names) if kept else set()
    by_name = sorted(managers | named, key=lambda user_id: str(who.names[user_id]).casefold())
    departments = who.people.loc[who.people["current"], "department"].dropna()
    return Choices(
        apps=_labels(found, "app"),
        groups=_labels(found, "group"),
        roles=_labels(found, "admin_role"),
        reviewers={u: str(who.names[u]) for u in by_name[:MOST_REVIEWERS]},
        departments=sorted({str(name) for name in departments if str(name).strip()}),
        run_id=found.run.id,
        as_of=found.at,
    )


@entry
def form_of_answers(
    inst: Installation, connection_id: int, answers: Answers, *, actor: Actor
) -> CampaignForm:
    """The form that these answers make. Raises RuleRefused with the field that is wrong."""
    require_analyst(actor, "prepare a campaign")
    found = basis(inst, connection_id)
    if answers.strategy not in STRATEGIES:
        raise RuleRefused("Choose who reviews.", code="bad_strategy", field="strategy")
    if not answers.fallback:
        raise RuleRefused(
            "Choose the fallback: who decides where nobody else can.",
            code="no_fallback", field="fallback",
        )  # fmt: skip
    scope = Scope(
        apps=answers.apps,
        groups=answers.groups,
        admin_roles=ALL if answers.admin_roles else (),
        departments=answers.departments,
        contractors_only=answers.contractors_only,
    )
    form = CampaignForm(
        name=answers.name,
        scope=scope,
        fallback_id=found.who.person(answers.fallback, field="fallback"),
        due_on=answers.due_on,
        template=answers.template if answers.template in TEMPLATES else "custom",
        strategy=answers.strategy,
        rest=answers.rest,
        repeat_months=answers.repeat_months,
        unread_reason=answers.unread_reason,
    )
    if answers.strategy != "named":
        return form
    if not answers.named:
        raise RuleRefused("Choose who decides.", code="no_reviewer", field="reviewer")
    return replace(form, named_id=found.who.person(answers.named, field="reviewer"))


@entry
def answers_of(inst: Installation, campaign_id: int, *, actor: Actor) -> Answers:
    """What was answered for a draft. Raises NotFoundHere, or RuleRefused for what is no draft."""
    require_analyst(actor, "prepare a campaign")
    with inst.database.read() as conn:
        draft = reviews.found(conn, campaign_id)
    reviews.check_draft(draft)
    form = form_of(draft)
    return Answers(
        template=form.template,
        name=form.name,
        apps=form.scope.apps,
        groups=tuple(form.scope.groups),
        admin_roles=bool(form.scope.admin_roles),
        contractors_only=form.scope.contractors_only,
        departments=form.scope.departments,
        strategy=form.strategy,
        named=form.named_id or "",
        fallback=form.fallback_id,
        due_on=form.due_on,
        repeat_months=form.repeat_months,
        rest=form.rest,
        unread_reason=form.unread_reason,
    )


def _labels(found: Basis, kind: str) -> dict[str, str]:
    """Okta id -> label, by label; those of one label with their id beside it."""
    ours = found.resources[found.resources["kind"] == kind]
    same = ours["label"].duplicated(keep=False)
    labels = {
        str(row["resource_id"]): f"{row['label']} ({row['resource_id']})" if twin else row["label"]
        for row, twin in zip(ours.to_dict("records"), same, strict=True)
    }
    return dict(sorted(labels.items(), key=lambda item: str(item[1]).casefold()))
