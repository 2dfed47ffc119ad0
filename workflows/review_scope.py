"""What a campaign looks at and who decides: the form, its templates, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from controls.reviewing import RESTS, STRATEGIES
from storage.campaigns import CampaignRecord
from workflows.errors import RuleRefused
from workflows.naming import resource_named
from workflows.review_basis import Basis

ALL = "all"
LONGEST_NAME = 120


@dataclass(frozen=True)
class Scope:
    """Which access. apps, groups, admin_roles: ALL, or ids; nothing means none of them.

    employment, departments: codes and names that people must have; empty means any.
    privileged_apps: applications whose keeping needs a note.
    """

    apps: str | tuple[str, ...] = ()
    groups: str | tuple[str, ...] = ()
    admin_roles: str | tuple[str, ...] = ()
    employment: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    contractors_only: bool = False
    privileged_apps: tuple[str, ...] = ()

    @property
    def kinds(self) -> list[str]:
        """The kinds of access that are looked at."""
        by_kind = {"app": self.apps, "group": self.groups, "admin_role": self.admin_roles}
        return [kind for kind, chosen in by_kind.items() if chosen]

    @property
    def everybody(self) -> bool:
        """True when no filter leaves people out."""
        return not (self.employment or self.departments or self.contractors_only)

    def takes_resource(self, kind: str, resource_id: str) -> bool:
        """True for a resource in scope."""
        chosen = {"app": self.apps, "group": self.groups, "admin_role": self.admin_roles}[kind]
        return chosen == ALL or resource_id in chosen

    def takes_people(self, people: pd.DataFrame) -> pd.Series:
        """Which of these people are in scope."""
        fits = pd.Series(True, index=people.index)
        if self.employment:
            fits &= people["employment_status"].isin(self.employment)
        if self.departments:
            fits &= people["department"].isin(self.departments)
        if self.contractors_only:
            fits &= people["contractor"].astype(bool)
        return fits

    def as_json(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self.__dict__.items()
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Scope":
        """What the store kept."""
        known = {k: tuple(v) if isinstance(v, list) else v for k, v in stored.items()}
        return cls(**known)  # type: ignore[arg-type]


@dataclass(frozen=True)
class CampaignForm:
    """What an analyst says about a campaign. People are named by user id.

    strategy: "manager", "owner" or "named". owners: "kind:resource id" -> user ids, and "*" for all
    others; for what it does not name, the owners count that are set for all campaigns. rest: what
    undecided items become when it is closed. repeat_months: 0 for once.
    unread_reason: why it may open although something in scope was not read.
    """

    name: str
    scope: Scope
    fallback_id: str
    due_on: date
    template: str = "custom"
    strategy: str = "manager"
    owners: Mapping[str, Sequence[str]] = field(default_factory=dict)
    named_id: str | None = None
    rest: str = "no_decision"
    repeat_months: int = 0
    unread_reason: str = ""

    def owner_map(
        self, resources: pd.DataFrame, known: Mapping[tuple[str, str], Sequence[str]]
    ) -> dict[tuple[str, str], Sequence[str]]:
        """(kind, resource id) -> the owners' user ids. known: as they are set for all campaigns."""
        found = {}
        for resource in zip(resources["kind"], resources["resource_id"], strict=True):
            said = self.owners.get(":".join(resource)) or self.owners.get("*")
            if owners := said or known.get(resource):
                found[resource] = owners
        return found


@dataclass(frozen=True)
class Template:
    """A usual campaign: its title, what it is for, and the form it fills in."""

    title: str
    help: str
    scope: Scope
    strategy: str
    repeat_months: int
    days: int
    owned: bool = False


TEMPLATES = {
    "quarterly": Template(
        "Quarterly, all applications, by manager",
        "Everybody's access to every application, decided by their manager. Once a quarter.",
        Scope(apps=ALL), "manager", 3, 21,
    ),
    "admin-roles": Template(
        "Admin roles",
        "Who holds which admin role in Okta, directly or through a group. Once a quarter.",
        Scope(admin_roles=ALL), "manager", 3, 14,
    ),
    "app-owner": Template(
        "One application by its owner",
        "Everybody who has one application, decided by whoever owns it.",
        Scope(), "owner", 0, 14, owned=True,
    ),
    "contractors": Template(
        "Contractors",
        "What contractors have: applications and admin roles, decided by their manager.",
        Scope(apps=ALL, admin_roles=ALL, contractors_only=True), "manager", 1, 14,
    ),
}  # fmt: skip


def fill_in(
    template: str,
    *,
    basis: Basis,
    due_on: date,
    fallback: str,
    apps: tuple[str, ...] = (),
    reviewers: Sequence[str] = (),
    name: str = "",
    repeat_months: int | None = None,
) -> CampaignForm:
    """A template's form. apps: labels or ids. fallback, reviewers: e-mail addresses or ids.

    reviewers: the owners where the template asks for them, otherwise the one reviewer of all.
    Raises RuleRefused with the field that is wrong.
    """
    if template not in TEMPLATES:
        raise RuleRefused(
            f"There is no template “{template[:40]}”.",
            code="bad_template",
            field="template",
            action=f"Choose one of: {', '.join(TEMPLATES)}.",
        )
    about = TEMPLATES[template]
    scope = about.scope
    if apps:
        scope = replace(
            scope,
            apps=tuple(
                resource_named(basis.resources, "app", label, refusal=RuleRefused) for label in apps
            ),
        )
    elif about.owned:
        raise RuleRefused("Choose the application.", code="no_app", field="app")
    title = f"{', '.join(apps)}, by its owner" if about.owned else about.title
    form = CampaignForm(
        name=(name.strip() or f"{title}, {due_on:%B %Y}")[:LONGEST_NAME],
        scope=scope,
        fallback_id=basis.who.person(fallback, field="fallback"),
        due_on=due_on,
        template=template,
        strategy=about.strategy,
        repeat_months=about.repeat_months if repeat_months is None else repeat_months,
    )
    named = tuple(basis.who.person(reviewer, field="reviewer") for reviewer in reviewers)
    if not named:
        return form
    if about.owned:
        return replace(form, owners={"*": named})
    if len(named) > 1:
        raise RuleRefused(
            "Name one reviewer; only owners of an application may be several.",
            code="several_reviewers", field="reviewer",
        )  # fmt: skip
    return replace(form, strategy="named", named_id=named[0])


def check_form(form: CampaignForm, basis: Basis, *, today: date) -> None:
    """Raises RuleRefused with the field that is wrong."""
    if not form.name.strip() or len(form.name) > LONGEST_NAME:
        raise RuleRefused(
            f"Give the campaign a name of at most {LONGEST_NAME} characters.",
            code="bad_name",
            field="name",
        )
    if not form.scope.kinds:
        raise RuleRefused(
            "Choose what is reviewed: applications, groups or admin roles.",
            code="no_scope",
            field="scope",
        )
    if form.due_on < today:
        raise RuleRefused(f"The due date {form.due_on} has passed.", code="past", field="due_on")
    if form.strategy not in STRATEGIES or form.rest not in RESTS:
        raise RuleRefused("Choose who reviews.", code="bad_strategy", field="strategy")
    if form.strategy == "named" and form.named_id is None:
        raise RuleRefused("Name the reviewer.", code="no_reviewer", field="reviewer")
    if not 0 <= form.repeat_months <= 24:
        raise RuleRefused(
            "A campaign repeats after 1 to 24 months, or not at all.", code="bad_repeat",
            field="repeat_months",
        )  # fmt: skip
    owners = ((user_id, "reviewer") for said in form.owners.values() for user_id in said)
    for user_id, what in ((form.fallback_id, "fallback"), (form.named_id, "reviewer"), *owners):
        if user_id is not None and user_id not in basis.who.can_review:
            who = basis.who.names.get(user_id, user_id)
            raise RuleRefused(
                f"{who} cannot sign in, and so cannot be the {what}.",
                code="cannot_review",
                field=what,
            )


def form_of(campaign: CampaignRecord) -> CampaignForm:
    """A stored campaign as a form: for drafts, and for the next of a series."""
    return CampaignForm(
        name=campaign.name,
        scope=Scope.from_json(campaign.scope),
        fallback_id=campaign.fallback_id,
        due_on=campaign.due_on,
        template=campaign.template,
        strategy=campaign.strategy,
        owners=campaign.owners,
        named_id=campaign.named_id,
        rest=campaign.rest,
        repeat_months=campaign.repeat_months or 0,
        unread_reason=campaign.unread_reason or "",
    )
