"""Test 96, Employees Have Unique Email Accounts: no two people share an address."""

from typing import Any

import pandas as pd

from controls.emails import is_email, normalise_email
from controls.frameworks import iso27001, nist80053, pci, soc2
from controls.model import FAIL, FINDING_COLUMNS, PASS, Control, Snapshot


def in_scope(people: pd.DataFrame) -> pd.DataFrame:
    """Current people with an identity that is not deactivated."""
    alive = (people["okta_status"] != "DEPROVISIONED") & ~people["presence"].isin(["deleted"])
    return people[people["current"] & alive]


def check(snapshot: Snapshot) -> pd.DataFrame:
    """A finding for everybody in scope."""
    people = in_scope(snapshot.people)
    email = people["email"].fillna("").map(normalise_email)
    sharing = email.map(email[email != ""].value_counts()).fillna(0) > 1
    groups: dict[str, list[tuple[str, str]]] = {}
    for user_id, login, address in zip(
        people["user_id"][sharing], people["login"][sharing], email[sharing], strict=True
    ):
        groups.setdefault(address, []).append((user_id, login or user_id))
    others = _other_addresses(snapshot)
    rows = []
    for user_id, name, raw, address in zip(
        people["user_id"], people["name"], people["email"], email, strict=True
    ):
        warning = others.get(address, {})
        warned = " ".join(text for owner, text in warning.items() if owner != user_id)
        if not address:
            rows.append((FAIL, "missing", f"{name} has no e-mail address.", ""))
        elif not is_email(address):
            shown = str(raw)[:120]
            rows.append((FAIL, "malformed", f"{name}'s e-mail “{shown}” is not an address.", ""))
        elif address in groups:
            with_whom = [login for other, login in groups[address] if other != user_id]
            names = ", ".join(with_whom[:5]) + (" and others" if len(with_whom) > 5 else "")
            rows.append(
                (FAIL, "shared", f"{name} shares the e-mail {address} with {names}.", warned)
            )
        else:
            rows.append((PASS, "unique", f"{name}'s e-mail {address} is theirs alone.", warned))
    return pd.DataFrame(
        {
            "user_id": people["user_id"].to_numpy(),
            "connection_id": people["connection_id"].to_numpy(),
            "label": people["name"].to_numpy(),
            "outcome": [row[0] for row in rows],
            "reason": [row[1] for row in rows],
            "message": [row[2] for row in rows],
            "warning": [row[3] for row in rows],
            "strength": None,
        },
        columns=FINDING_COLUMNS,
    )


def summarise(snapshot: Snapshot, findings: pd.DataFrame) -> dict[str, Any]:
    """How many fail for which reason."""
    failing = findings.loc[findings["outcome"] == FAIL, "reason"].value_counts()
    return {"reasons": {str(name): int(n) for name, n in failing.items()}}


def _other_addresses(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Address -> owner -> what it is to them: a secondary e-mail, or a login."""
    alive = snapshot.users[
        (snapshot.users["status"] != "DEPROVISIONED") & (snapshot.users["presence"] != "deleted")
    ]
    found: dict[str, dict[str, str]] = {}
    for user_id, login, second in zip(
        alive["user_id"], alive["login"], alive["second_email"], strict=True
    ):
        who = login or user_id
        if isinstance(second, str) and second.strip():
            text = f"It is also the secondary e-mail of {who}."
            found.setdefault(normalise_email(second), {})[user_id] = text
        if isinstance(login, str) and login.strip():
            text = f"It is also the login of {who}."
            found.setdefault(normalise_email(login), {})[user_id] = text
    return found


TEST_96 = Control(
    id="test-96",
    test=96,
    title="Employees Have Unique Email Accounts",
    question="Does every person have an e-mail address of their own?",
    failing="people have no e-mail account of their own",
    version="1.0.0",
    frameworks=(
        soc2("CC6.1", "Logical access security"),
        soc2("CC6.2", "Registration and authorisation of users"),
        iso27001("A.5.16", "Identity management"),
        nist80053("IA-2", "Identification and authentication"),
        nist80053("IA-4", "Identifier management"),
        pci("8.2.1", "Unique ID for each user"),
        pci("8.2.2", "Shared accounts only by exception"),
    ),
    parameters={"compared": "trimmed, case-folded, Unicode NFKC"},
    needs=("users",),
    how=(
        "**Who**: current employees and contractors with an Okta account that is not deactivated."
        "\n\n**Fail**: two of them have the same e-mail (blanks around it, letter case and Unicode "
        "forms do not make a difference), or a person's e-mail is missing or is not an address: "
        "not exactly one @ with something on either side, or blanks or control characters inside."
        "\n\n**Warning**: the e-mail is also somebody else's secondary e-mail or login. A warning "
        "does not fail the test.\n\n"
        "**Read from**: `GET /api/v1/users` with all statuses, in the run named above."
    ),
    check=check,
    summarise=summarise,
)
