"""A running pretend organization and a plain way to ask it."""

from collections.abc import Iterator
from datetime import date

import pytest
import requests

from demo_tenant.server import DemoTenant


class Asker:
    """GETs with the key; the tenant beside it."""

    def __init__(self, tenant: DemoTenant):
        self.tenant = tenant
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"SSWS {tenant.api_key}"

    def get(self, path: str, **params) -> requests.Response:
        return self.session.get(f"{self.tenant.url}{path}", params=params, allow_redirects=False)

    def all(self, path: str, **params) -> list:
        answer, found = self.get(path, **params), []
        while True:
            assert answer.status_code == 200, answer.text
            found += answer.json()
            if "next" not in answer.links:
                return found
            answer = self.session.get(answer.links["next"]["url"])

    def post(self, path: str, body: object = None) -> requests.Response:
        return requests.post(f"{self.tenant.url}{path}", json=body)


@pytest.fixture
def ask() -> Iterator[Asker]:
    with DemoTenant(users=150, seed=5, rate_limit_scale=1000, today=date(2026, 11, 24)) as tenant:
        yield Asker(tenant)
