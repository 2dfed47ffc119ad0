"""Small directories for the tests of access reviews."""

import json

import pandas as pd

from controls.access import Directory
from tests.controls.conftest import users

MORE_OF_USERS = {"division": None, "employee_number": None, "profile": "{}"}


def people(*rows):
    """Users with what reviews read beside what personnel reads."""
    found = users(*rows)
    for name, empty in MORE_OF_USERS.items():
        found[name] = pd.Series([row.get(name, empty) for row in rows], dtype=object)
    return found


def table(columns, rows, **defaults):
    """Rows as tuples of the first columns; the others have their defaults."""
    names = [*columns, *(name for name in defaults if name not in columns)]
    filled = [[*row, *(defaults.get(n) for n in names[len(row) :])] for row in rows]
    return pd.DataFrame(filled, columns=names, dtype=object)


def directory(
    *, users=None, groups=(), members=(), rules=(), roles=(), apps=(), assigned=(), given=()
):
    """A directory from short tuples.

    groups: (id[, type]). members: (group, user). rules: (id, expression, [group ids][, status]).
    roles: ("USER" or "GROUP", principal, role). apps: (id[, status]).
    assigned: (app, user[, scope[, via group[, status]]]). given: (app, group).
    """
    return Directory(
        users=people({}, {}, {}) if users is None else users,
        groups=table(("group_id", "type"), groups, type="OKTA_GROUP").assign(
            name=[row[0].title() for row in groups], has_admin_privilege=None
        ),
        memberships=table(("group_id", "user_id"), members),
        group_rules=table(
            ("rule_id", "expression", "group_ids", "status"),
            [(r[0], r[1], json.dumps(r[2]), *r[3:]) for r in rules],
            status="ACTIVE",
            excluded_user_ids="[]",
        ).assign(name=[f"Rule {row[0]}" for row in rules]),
        admin_roles=table(
            ("principal_type", "principal_id", "role_type"),
            roles,
            status="ACTIVE",
            resource_set=None,
            custom_role_id=None,
            assignment_id="same for everybody",
        ).assign(label=[row[2].replace("_", " ").title() for row in roles]),
        apps=table(("app_id", "status"), apps, status="ACTIVE").assign(
            label=[row[0].title() for row in apps], name=[row[0] for row in apps]
        ),
        app_users=table(
            ("app_id", "user_id", "scope", "via_group_id", "status"),
            assigned,
            scope="USER",
            status="ACTIVE",
        ),
        app_groups=table(("app_id", "group_id"), given),
    )
