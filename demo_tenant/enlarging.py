"""More groups and applications than the story has: a company of the size that is to be measured."""

import random

from demo_tenant.organization import Organization


def enlarge(org: Organization, *, groups: int, apps: int) -> None:
    """Add groups of all sizes and applications until there are so many."""
    draw = random.Random(f"enlarged-{org.seed}")
    people = [i for i, u in org.users.items() if u["status"] != "DEPROVISIONED"]
    with org.lock:
        for number in range(groups - len(org.groups)):
            group_id = org._group(f"Team {number}")
            share = draw.choice((0.002, 0.01, 0.02, 0.1))
            chosen = draw.sample(people, max(1, int(len(people) * share)))
            org.members[group_id] = dict.fromkeys(chosen)
        given = [i for i, g in org.groups.items() if g["type"] == "OKTA_GROUP"]
        for number in range(apps - len(org.apps)):
            app_id = org.create_app(f"Product {number}")
            for group_id in draw.sample(given, 2):
                org._assign_group(app_id, group_id, len(org.app_groups[app_id]))
        org.log.forget()
