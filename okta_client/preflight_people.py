"""Preflight: who is there, their e-mail, Drata's attributes, the group (checks 5-9)."""

from typing import TYPE_CHECKING, Any

from okta_client import client as okta
from okta_client.client import Request
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
    outside = sum(counts.values()) - inside
    empty = sorted(domain for domain in wanted if not counts.get(domain))
    text = f"{inside:,} users match, {outside:,} are outside ({_seen(p)})."
    if not inside:
        found = ", ".join(sorted(counts)[:10]) or "none"
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
    """9. The group label is exactly one group."""
    label = p.question.group_label
    if not label.strip():
        return ("not_needed", "No group label: everybody in the organization counts.", "")
    if any(separator in label for separator in ",;\n"):
        return ("fail", "Connect one Okta group at a time.", "Enter a single group's name.")
    found = [g for g in p.okta.records(okta.groups_named(label)) if _name(g) == label]
    if len(found) > 1:
        kinds = ", ".join(f"{g.get('id')} ({g.get('type')})" for g in found)
        return (
            "fail",
            f"{len(found)} groups are called {label}: {kinds}.",
            "Directory > Groups: rename one of them.",
        )
    if not found:
        near = sorted({_name(g) for g in _near(p, label)})[:10]
        listed = f" Similar: {', '.join(near)}." if near else ""
        return ("fail", f"There is no group called {label}.{listed}", "Directory > Groups")
    group = found[0]
    p.facts.group = (str(group["id"]), label)
    if group.get("type") == "APP_GROUP":
        return (
            "pass",
            f"{label} is one group, imported from a directory. Okta flattens nested groups on "
            "import, so only its direct members in Okta count.",
            "",
        )
    return ("pass", f"{label} is one group; its direct members are your personnel.", "")


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
            domain = str(profile.get("email") or profile.get("login") or "")
            domain = domain.strip().rpartition("@")[2].casefold() if "@" in domain else ""
            if domain:
                facts.domain_counts[domain] = facts.domain_counts.get(domain, 0) + 1
        facts.all_users_seen = "next" not in answer.links


def _seen(p: "Preflight") -> str:
    count = p.facts.users_seen
    return f"all {count:,}" if p.facts.all_users_seen else f"the first {count:,}"


def _name(group: Any) -> str:
    return str(((group or {}).get("profile") or {}).get("name") or "")
