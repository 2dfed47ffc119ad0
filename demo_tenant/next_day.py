"""A day passes: people join, leave, enrol, lose MFA, change groups. The same for the same day."""

import random
from datetime import timedelta

from demo_tenant import company
from demo_tenant.organization import Organization, stamp


def pass_day(org: Organization) -> list[str]:
    """Move the organization a day on. Returns what happened, a sentence each."""
    with org.lock:
        org.days += 1
        org.now += timedelta(days=1)
        draw = random.Random(f"{org.seed}-{org.days}")
        happened = []
        alive = [
            i
            for i, u in org.users.items()
            if u["status"] == "ACTIVE"
            and u["profile"].get("employeeNumber")
            and i not in org.user_roles
        ]
        draw.shuffle(alive)

        department = draw.choice(list(company.DEPARTMENTS))
        first, last = draw.choice(company.FIRST_NAMES), draw.choice(company.LAST_NAMES)
        org.join(first, last, department)
        happened.append(f"{first} {last} joined {department}, without MFA so far.")

        leaver = alive.pop()
        org.deactivate(leaver)
        happened.append(f"{_name(org, leaver)} left and was deactivated.")

        tom = org.by_key["tom"]
        if org.days == 1:
            org.enrol(tom, "webauthn")
            happened.append(f"{_name(org, tom)} enrolled a passkey.")
        else:
            without = [i for i in alive if not org.factors[i]]
            if without:
                org.enrol(without[0], "push")
                happened.append(f"{_name(org, without[0])} enrolled Okta Verify.")

        loser = next(i for i in alive if org.factors[i])
        org.reset_factors(loser)
        happened.append(f"{_name(org, loser)} had all factors reset.")

        mover = alive.pop()
        old = org.users[mover]["profile"]["department"]
        new = draw.choice([d for d in company.DEPARTMENTS if d != old])
        org.leave_group(mover, org.group_ids[old])
        org.users[mover]["profile"]["department"] = new
        org.touch(org.users[mover])
        org.join_group(mover, org.group_ids[new])
        happened.append(f"{_name(org, mover)} moved from {old} to {new}.")

        viktor = org.by_key["viktor"]
        if org.days == 2 and viktor in org.users:
            org.leave_group(viktor, org.group_ids[company.VPN])
            happened.append(f"{_name(org, viktor)} lost the access to VPN that a rule had kept.")
        happened += _it_works(org)
        for user_id in alive[:40]:
            org.users[user_id]["lastLogin"] = stamp(org.now)
        org.version += 1
        return happened


def _it_works(org: Organization) -> list[str]:
    """What IT does about AWS production: a review that revoked it finds each kind of outcome."""
    aws = next((i for i, app in org.apps.items() if app["_key"] == "aws"), None)
    people = {key: org.by_key[key] for key in ("kofi", "elif", "tom") if key in org.by_key}
    if aws is None or len(people) < 3 or not set(people.values()) <= set(org.users):
        return []
    if org.days == 1:
        for user_id in people.values():
            org.unassign_app(user_id, aws)
        on_call = org.create_group(company.ON_CALL)
        org.join_group(people["tom"], on_call)
        org.assign_group_app(on_call, aws)
        return [
            "IT took AWS production from Kofi Mensah and Elif Yılmaz.",
            f"IT took it from Tom Fischer too, who has it through the new group {company.ON_CALL}.",
        ]
    if org.days == 2:
        org.assign_app(people["kofi"], aws)
        return ["Somebody gave AWS production back to Kofi Mensah."]
    return []


def _name(org: Organization, user_id: str) -> str:
    profile = org.users[user_id]["profile"]
    return f"{profile['firstName']} {profile['lastName']}"
