"""Preflight: who is there, their e-mail, Drata's attributes, the group (checks 5-9)."""

from typing import TYPE_CHECKING, Any

from okta_client import client as okta
from okta_client.client import Request
from okta_client.errors import NotFound
from okta_client.preflight_types import ADMINS, Said

if TYPE_CHECKING:
    from okta_client.preflight import Preflight

# Enough users to know the e-mail domains by; a large organization has hundreds of pages.
PAGES_LOOKED_AT = 5


def population(p: "Preflight") -> Said:
    """5. People can be read, and the key's owner is among them."""
    look_at_users(p)
    facts = p.facts
    if not facts.users_seen:
        return (
            "fail",
            "Okta's list of users is empty: the key may not read people.",
            f"{ADMINS}: the key's owner needs Read-only Administrator for all users.",
        )
    owner = facts.owner_seen
    if not owner and not facts.all_users_seen:
        search = Request(
            "users",
            "/api/v1/users",
            (("search", f'id eq "{facts.key_owner_id}"'), ("limit", "1")),
        )
        owner = any(p.okta.records(search, limit=1))
    if not owner:
        return (
            "fail",
            "The key's own account is not in Okta's list of users, so the list is not whole.",
            f"{ADMINS}: the role's resource set must cover all users.",
        )
    return ("pass", f"Users can be read ({_seen(p)}), the key's owner among them.", "")


def email_attribute(p: "Preflight") -> Said:
    """6. People may see their own e-mail."""
    schema = p.okta.one(okta.user_schema())
    email = (((schema.get("definitions") or {}).get("base") or {}).get("properties") or {}).get(
        "email"
    ) or {}
    action = next(
        (p.get("action") for p in email.get("permissions") or [] if p.get("principal") == "SELF"),
        None,
    )
    where = "Directory > Profile Editor > User (default) > Primary email: Read Only"
    if action == "HIDE":
        return ("fail", "People's own e-mail is hidden from them; sign-in needs it.", where)
    if action is None:
        return ("unknown", "Could not tell who may see the e-mail attribute.", where)
    return ("pass", f"The e-mail attribute is readable ({action}).", "")


def email_domains(p: "Preflight") -> Said:
    """7. How many users match the e-mail domains."""
    wanted = {domain.casefold() for domain in p.question.email_domains}
    counts = p.facts.domain_counts
    inside = sum(n for domain, n in counts.items() if domain in wanted)
    # An address without a domain counts as inside (SPEC 1).
    without = counts.get("", 0)
    outside = sum(counts.values()) - inside - without
    empty = sorted(domain for domain in wanted if not counts.get(domain))
    text = f"{inside:,} users match, {outside:,} are outside ({_seen(p)})."
    if without:
        text += f" {without:,} have no address with a domain, and count as inside."
    if not inside:
        found = ", ".join(sorted(filter(None, counts))[:10]) or "none"
        return ("warn", f"No user has such an e-mail address. Domains found: {found}.", "")
    if empty and p.facts.all_users_seen:
        return ("warn", f"{text} Nobody has {', '.join(empty)}.", "Check the spelling.")
    return ("pass", text, "")


def drata_attributes(p: "Preflight") -> Said:
    """8. Drata's two attributes have the right types, or are absent."""
    schema = p.okta.one(okta.user_schema())
    custom = ((schema.get("definitions") or {}).get("custom") or {}).get("properties") or {}
    where = "Directory > Profile Editor > User (default)"
    wrong, there = [], []
    for name, kind in (("drataStartDate", "string"), ("drataContractor", "boolean")):
        found = custom.get(name)
        twins = [n for n in custom if n.casefold() == name.casefold() and n != name]
        if twins:
            wrong.append(f"{twins[0]} is written differently from {name}")
        if isinstance(found, dict):
            there.append(name)
            if found.get("type") != kind:
                wrong.append(f"{name} is {found.get('type')} and should be {kind}")
    if wrong:
        return ("warn", f"{'; '.join(wrong)}.", where)
    if len(there) < 2:
        return (
            "pass",
            "Where drataStartDate is absent, Okta's creation date is the hire date; where "
            "drataContractor is absent, people are employees.",
            f"{where}: add them when you want your own dates.",
        )
    return ("pass", "drataStartDate is a string and drataContractor a boolean.", "")


def group(p: "Preflight") -> Said:
    """9. The group label is exactly one group; a connected group stays connected by its id."""
    label, known = p.question.group_label, p.question.known_group
    if not label.strip():
        return ("not_needed", "No group label: everybody in the organization counts.", "")
    if any(separator in label for separator in ",;\n"):
        return ("fail", "Connect one Okta group at a time.", "Enter a single group's name.")
    found = [g for g in p.okta.records(okta.groups_named(label)) if _name(g) == label]
    if known is not None and (label == known[1] or known[0] in {g.get("id") for g in found}):
        return _connected_group(p, label, known[0], found)
    if len(found) > 1:
        return (
            "fail",
            f"{len(found)} groups are called {label}: {_listed(found)}.",
            "Directory > Groups: rename one of them.",
        )
    if not found:
        near = _near(p, label)
        listed = f" Similar: {_listed(near)}." if near else ""
        return ("fail", f"There is no group called {label}.{listed}", "Directory > Groups")
    if known is not None and not p.question.change_group:
        return _another_group(label, str(found[0]["id"]), known[0])
    return _one_group(p, found[0], label)


def _connected_group(
    p: "Preflight", label: str, group_id: str, found: list[dict[str, Any]]
) -> Said:
    """The label as it was connected, or one that still names that group."""
    # It stays connected whatever this check finds, unless another one is confirmed.
    p.facts.group = (group_id, label)
    others = [g for g in found if g.get("id") != group_id]
    if others and p.question.change_group:
        if len(others) == 1:
            return _one_group(p, others[0], label)
        return ("fail", f"{len(others)} other groups are called {label}: {_listed(others)}.", "")
    try:
        there = p.okta.one(okta.group(group_id))
    except NotFound:
        if len(others) == 1:
            return _another_group(label, str(others[0]["id"]), group_id)
        return (
            "fail",
            f"The connected group {label} ({group_id}) does not exist in Okta any more.",
            "Enter the label of another group.",
        )
    if others:
        return (
            "warn",
            f"{label} is also the name of another group: {_listed(others)}. The connection keeps "
            f"{group_id}.",
            "Directory > Groups: rename one of them.",
        )
    if _name(there) != label:
        return (
            "warn",
            f"The connected group {group_id}, {label}, is called {_name(there)} now. It stays "
            "connected: the connection keeps its id.",
            "Enter its new name as the group label.",
        )
    return _one_group(p, there, label)


def _another_group(label: str, new: str, old: str) -> Said:
    return (
        "fail",
        f"{label} names another group ({new}) than the connected one ({old}). Nothing switches "
        "by itself.",
        "Confirm the change of the group: on the page, or with --change-group.",
    )


def _one_group(p: "Preflight", group: dict[str, Any], label: str) -> Said:
    p.facts.group = (str(group["id"]), label)
    if group.get("type") == "APP_GROUP":
        return (
            "pass",
            f"{label} is one group, imported from a directory. Okta flattens nested groups on "
            "import, so only its direct members in Okta count.",
            "",
        )
    return ("pass", f"{label} is one group; its direct members are your personnel.", "")


def _listed(groups: list[dict[str, Any]]) -> str:
    """Groups with what tells them apart, ten at most."""
    known = {g.get("id"): g for g in groups}
    said = [f"{_name(g)} ({g.get('type')}, {_source(g)}{g.get('id')})" for g in known.values()]
    return ", ".join(sorted(said)[:10])


def _source(group: dict[str, Any]) -> str:
    source = (group.get("source") or {}).get("id")
    return f"from {source}, " if source else ""


def _near(p: "Preflight", label: str) -> list[dict[str, Any]]:
    found = list(p.okta.records(okta.groups_named(label)))
    start = label.strip()[:4]
    return found + list(p.okta.records(okta.groups_beginning_with(start), limit=1))


def look_at_users(p: "Preflight") -> None:
    """Read the first pages of users into the facts."""
    facts = p.facts
    facts.users_seen, facts.domain_counts = 0, {}
    for answer in p.okta.pages(okta.users_of_all_statuses(), limit=PAGES_LOOKED_AT):
        users = okta.records_of(okta.users_of_all_statuses(), answer)
        for user in users:
            if not isinstance(user, dict):
                continue
            facts.users_seen += 1
            facts.owner_seen |= user.get("id") == facts.key_owner_id
            if facts.a_user_id is None and user.get("status") == "ACTIVE":
                facts.a_user_id = str(user.get("id"))
            profile = user.get("profile") or {}
            email = str(profile.get("email") or "").strip()
            domain = email.rpartition("@")[2].casefold() if "@" in email else ""
            facts.domain_counts[domain] = facts.domain_counts.get(domain, 0) + 1
        facts.all_users_seen = "next" not in answer.links


def _seen(p: "Preflight") -> str:
    count = p.facts.users_seen
    return f"all {count:,}" if p.facts.all_users_seen else f"the first {count:,}"


def _name(group: Any) -> str:
    return str(((group or {}).get("profile") or {}).get("name") or "")
