"""Secrets wherever Okta may send one, for tests that look for them in all that is kept or shown."""

from demo_tenant.server import DemoTenant

SECRET, PHONE = "Planted-Secret-86", "8675309"


def plant(tenant: DemoTenant) -> None:
    """Put them into the tenant's answers about Tom."""
    org = tenant.organization
    tom = org.by_key["tom"]
    user = org.users[tom]
    user["profile"] |= {"ssn": SECRET, "mobilePhone": f"+1 555 {PHONE}", "homeAddress": SECRET}
    user["credentials"] |= {
        "password": {"value": SECRET},
        "recovery_question": {"question": SECRET, "answer": SECRET},
    }
    factor = {
        "id": "ufsPLANTED", "factorType": "question", "provider": "OKTA", "vendorName": "OKTA",
        "status": "ACTIVE", "created": user["created"], "lastUpdated": user["created"],
        "profile": {"question": SECRET, "questionText": SECRET, "answer": SECRET},
        "_embedded": {"activation": {"sharedSecret": SECRET}},
    }  # fmt: skip
    org.factors[tom].append(factor)
    app_id, people = next((i, p) for i, p in org.app_users.items() if tom in p)
    people[tom]["profile"] = {"salary": SECRET}
    people[tom]["credentials"] |= {"password": {"value": SECRET}}
    org.apps[app_id]["credentials"] = {"password": {"value": SECRET}}
    org.apps[app_id]["settings"] = {"app": {"sharedSecret": SECRET}}
