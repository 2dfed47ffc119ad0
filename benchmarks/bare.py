"""The limit that a full sync is measured against: a bare loop that stores nothing.

Plain `requests` in as many threads as the sync uses, the same pages, no pacing, no checks, nothing
kept. Lists first and at once, details as soon as a page tells of them.
"""

import threading
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import requests

Json = Any


class BareLoop:
    """One reading of everything that a sync with reviews reads. run() gives requests, seconds."""

    def __init__(self, url: str, key: str, *, threads: int):
        self.url, self.threads = url, threads
        self.headers = {"Authorization": f"SSWS {key}", "Accept": "application/json"}
        self.asked: Counter[str] = Counter()
        self._local = threading.local()
        self._waiting: set[Future[None]] = set()
        self._lock = threading.Lock()

    def run(self) -> tuple[int, float]:
        """Read it all."""
        began = time.monotonic()
        with ThreadPoolExecutor(self.threads) as pool:
            self._pool = pool
            for path, then in (
                (
                    "/api/v1/users?search=status+pr&sortBy=created&sortOrder=asc&limit=200",
                    self._user,
                ),
                ("/api/v1/groups?expand=stats&limit=200", self._group),
                ("/api/v1/apps?limit=200", self._app),
                ("/api/v1/groups/rules?limit=200", None),
                ("/api/v1/iam/assignees/users?limit=100", self._assignee),
                ("/api/v1/meta/schemas/user/default", None),
                ("/api/v1/authenticators", None),
                ("/api/v1/api-tokens", None),
                ("/api/v1/org", None),
                *(
                    (f"/api/v1/policies?type={kind}", self._policy)
                    for kind in ("OKTA_SIGN_ON", "ACCESS_POLICY", "MFA_ENROLL", "PASSWORD")
                ),
            ):
                self._ask(self.url + path, then)
            while True:
                with self._lock:
                    waiting = set(self._waiting)
                if not waiting:
                    break
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                with self._lock:
                    self._waiting -= done
        return sum(self.asked.values()), time.monotonic() - began

    def _ask(self, url: str, then: Any = None) -> None:
        with self._lock:
            self._waiting.add(self._pool.submit(self._get, url, then))

    def _get(self, url: str, then: Any) -> None:
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
        answer = session.get(url, headers=self.headers, timeout=60)
        answer.raise_for_status()
        with self._lock:
            self.asked[url.split("?")[0].split("/api/v1/")[1].split("/")[0]] += 1
        body = answer.json()
        following = answer.links.get("next", {}).get("url")
        records = body
        if isinstance(body, dict):
            records = body.get("value", [])
            following = body.get("_links", {}).get("next", {}).get("href")
        if following:
            self._ask(following, then)
        for record in records if then else ():
            then(record)

    def _user(self, user: Json) -> None:
        if user["status"] != "DEPROVISIONED":
            self._ask(f"{self.url}/api/v1/users/{user['id']}/factors")

    def _group(self, group: Json) -> None:
        stats = group["_embedded"]["stats"]
        if stats["usersCount"]:
            self._ask(f"{self.url}/api/v1/groups/{group['id']}/users?limit=1000")
        if stats["hasAdminPrivilege"]:
            self._ask(f"{self.url}/api/v1/groups/{group['id']}/roles")

    def _app(self, app: Json) -> None:
        self._ask(f"{self.url}/api/v1/apps/{app['id']}/users?limit=500")
        self._ask(f"{self.url}/api/v1/apps/{app['id']}/groups?limit=200")

    def _assignee(self, user: Json) -> None:
        self._ask(f"{self.url}/api/v1/users/{user['id']}/roles")

    def _policy(self, policy: Json) -> None:
        self._ask(f"{self.url}/api/v1/policies/{policy['id']}/rules")
