"""The pretend organization behind HTTP on 127.0.0.1: keys, limits, faults, routes."""

import email.utils
import json
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from demo_tenant import control
from demo_tenant.enlarging import enlarge
from demo_tenant.errors import Answer, Refused, error
from demo_tenant.faults import Faults
from demo_tenant.limits import CONCURRENT, WINDOW, Limits, Verdict
from demo_tenant.next_day import pass_day
from demo_tenant.openid import Provider, Reply, form_of
from demo_tenant.organization import API_KEY, CLIENT_ID, CLIENT_SECRET, ORG_ID, Organization
from demo_tenant.resources import ROUTES, Call


class DemoTenant:
    """A running pretend organization. A context manager: serves in a thread until it ends."""

    def __init__(
        self,
        *,
        port: int = 0,
        users: int = 500,
        seed: int = 7,
        latency_ms: int = 0,
        rate_limit_scale: float = 1.0,
        today: date | None = None,
        days: int = 0,
        groups: int = 0,
        apps: int = 0,
    ):
        self.latency = latency_ms / 1000
        self.today = today or datetime.now(UTC).date()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.tenant = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.api_key, self.client_id, self.client_secret = API_KEY, CLIENT_ID, CLIENT_SECRET
        self.organization = Organization(users=users, seed=seed, today=self.today, origin=self.url)
        self.owner_id = self.organization.by_key["countersign-sync"]
        enlarge(self.organization, groups=groups, apps=apps)
        for _ in range(days):
            pass_day(self.organization)
        self.limits = Limits(rate_limit_scale)
        self.faults = Faults()
        self.provider = Provider(self.organization)
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.in_flight = 0
        self.lock = threading.Lock()

    def serve(self) -> None:
        """Serve until shut down."""
        self._server.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        """Stop serving and let go of the port."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> "DemoTenant":
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def announcement(self) -> dict[str, Any]:
        """What a client needs to connect."""
        return {
            "url": self.url,
            "api_key": self.api_key,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "email_domains": ["meridian.example"],
            "group_label": "Workforce",
            "today": self.today.isoformat(),
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    tenant: DemoTenant

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is not news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    server_version = "nginx"
    # One packet for headers and body, sent at once: 40 ms delays would tell lies about speed.
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: requests are counted, not logged."""

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    do_PUT = do_PATCH = do_POST  # noqa: N815

    def _serve(self, method: str) -> None:
        tenant = self.server.tenant
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        if parts.path.startswith("/demo/"):
            status, answer = control.handle(tenant, method, parts.path, body)
            self._send(status, json.dumps(answer).encode())
            return
        with tenant.lock:
            tenant.in_flight += 1
            crowded = tenant.in_flight > CONCURRENT
            tenant.requests[f"{method} {parts.path}"] += 1
        try:
            faults = tenant.faults.hitting(parts.path, parts.query)
            self._answer(method, parts.path, dict(parse_qsl(parts.query)), body, crowded, faults)
        finally:
            with tenant.lock:
                tenant.in_flight -= 1

    def _answer(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        body: bytes,
        crowded: bool,
        faults: dict[str, dict[str, Any]],
    ) -> None:
        tenant = self.server.tenant
        pause = tenant.latency + faults.get("latency", {}).get("ms", 0) / 1000
        if pause:
            time.sleep(pause)
        if "drop" in faults:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if "html" in faults:
            status = int(faults["html"].get("status", 200))
            self._send(
                status, b"<html><body>Be right back</body></html>", kind="text/html", okta=False
            )
            return
        if not path.startswith("/api/"):
            self._outside_api(method, path, query, body, faults)
            return
        verdict = tenant.limits.count(path)
        if "storm" in faults:
            verdict = Verdict(False, 600, 0, int(time.time()) + int(faults["storm"].get("wait", 1)))
        if crowded or "concurrency" in faults:
            verdict = Verdict(False, 0, 0, int(time.time()) + WINDOW)
        call = Call(tenant.organization, path, query, tenant.owner_id, faults=faults)
        try:
            status, answer = self._judge(method, call, verdict, faults)
        except Refused as refused:
            status, answer = refused.answer
        headers: list[tuple[str, str]] = []
        if verdict is not None:
            headers += [
                ("x-rate-limit-limit", str(verdict.limit)),
                ("x-rate-limit-remaining", str(verdict.remaining)),
                ("x-rate-limit-reset", str(verdict.reset)),
            ]
        if status == 200:
            self._bend_links(call, faults)
            headers += [("link", f'<{url}>; rel="{rel}"') for rel, url in call.links.items()]
        # Half a character is no UTF-8: it goes as JSON's escape.
        payload = json.dumps(answer, ensure_ascii=False).encode(errors="backslashreplace")
        self._send(status, payload, headers=headers, truncated="truncate" in faults)

    def _judge(
        self, method: str, call: Call, verdict: Verdict | None, faults: dict[str, Any]
    ) -> Answer:
        if "status" in faults:
            code = int(faults["status"].get("status", 503))
            return error(code, "E0000009" if code == 500 else "E0000010", "Internal Server Error")
        refused = self._unauthorised(call, faults)
        if refused is not None:
            return refused
        if verdict is not None and not verdict.allowed:
            return error(429, "E0000047", "API call exceeded rate limit due to too many requests.")
        if method != "GET":
            return error(405, "E0000022", "The endpoint does not support the provided HTTP method")
        if "forbidden" in faults:
            return error(
                403, "E0000006", "You do not have permission to perform the requested action"
            )
        if "not_enabled" in faults:
            return error(
                401,
                "E0000015",
                "You do not have permission to access the feature you are requesting",
            )
        if "not_found" in faults:
            code = faults["not_found"].get("code", "E0000007")
            return error(404, code, "Not found: Resource not found: gone")
        if "refused" in faults:
            return error(400, faults["refused"].get("code", "E0000001"), "Api validation failed")
        if "stale_cursor" in faults and "after" in call.query:
            return error(400, "E0000031", "Invalid search criteria.", "Invalid cursor.")
        if "empty_list" in faults or ("empty_users" in faults and call.path == "/api/v1/users"):
            return 200, []
        for pattern, handler in ROUTES:
            match = pattern.match(call.path)
            if match:
                return handler(call, *match.groups())
        return error(404, "E0000008", "The requested path was not found")

    def _unauthorised(self, call: Call, faults: dict[str, Any]) -> Answer | None:
        """The error for a wrong key; a person's own token may read that person only."""
        said = self.headers.get("Authorization") or ""
        if said.startswith("Bearer "):
            known = self.server.tenant.provider.bearer(said[7:])
            if known is None:
                return error(401, "E0000011", "Invalid token provided")
            own = {"/api/v1/users/me", f"/api/v1/users/{known['sub']}"}
            if "okta.users.read.self" not in known["scope"] or call.path not in own:
                return error(
                    403, "E0000006", "You do not have permission to perform the requested action"
                )
            call.me = known["sub"]
            return None
        # Okta's SDK leaves the space out.
        key = said.removeprefix("SSWS").strip() if said.startswith("SSWS") else ""
        if not said:
            return error(403, "E0000005", "Invalid session")
        if "dead_key" in faults or not secrets.compare_digest(key.encode(), API_KEY.encode()):
            return error(401, "E0000011", "Invalid token provided")
        return None

    def _bend_links(self, call: Call, faults: dict[str, Any]) -> None:
        if "next" not in call.links:
            return
        if "foreign_next" in faults:
            host = faults["foreign_next"].get("host", "http://127.0.0.1:9")
            call.links["next"] = call.links["next"].replace(call.org.origin, host)
        if "looping_next" in faults:
            call.links["next"] = call.links["self"]

    def _outside_api(
        self, method: str, path: str, query: dict[str, str], body: bytes, faults: dict[str, Any]
    ) -> None:
        tenant = self.server.tenant
        bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if path == "/.well-known/okta-organization":
            said: Any = {
                "id": ORG_ID, "pipeline": "idx",
                "_links": {"organization": {"href": tenant.url}},
            }  # fmt: skip
            self._send(200, json.dumps(said).encode())
        elif path == "/.well-known/openid-configuration":
            self._send(200, json.dumps(tenant.provider.discovery()).encode())
        elif path == "/oauth2/v1/keys":
            self._send(200, json.dumps(tenant.provider.keys()).encode())
        elif path == "/oauth2/v1/authorize":
            self._reply(tenant.provider.authorize(query if method == "GET" else form_of(body)))
        elif path == "/oauth2/v1/token" and method == "POST":
            authorization = self.headers.get("Authorization") or ""
            wrong = faults.get("id_token", {}).get("wrong", "")
            status, said = tenant.provider.token(form_of(body), authorization, wrong)
            self._send(status, json.dumps(said).encode())
        elif path == "/oauth2/v1/userinfo":
            status, said = tenant.provider.userinfo(bearer)
            self._send(status, json.dumps(said).encode())
        elif path == "/oauth2/v1/logout":
            self._reply(tenant.provider.logout(query))
        else:
            # What Okta's web server answers for a path that is none: no code, no request id.
            self._send(404, b'{"status":404,"message":"Resource not found"}', okta=False)

    def _reply(self, reply: Reply) -> None:
        headers = list(reply.headers.items())
        self._send(reply.status, reply.body, headers=headers, kind=reply.content_type)

    def _send(
        self,
        status: int,
        body: bytes,
        *,
        headers: list[tuple[str, str]] | None = None,
        kind: str = "application/json",
        okta: bool = True,
        truncated: bool = False,
    ) -> None:
        with self.server.tenant.lock:
            self.server.tenant.statuses[status] += 1
        self.send_response_only(status)
        self.send_header("Date", email.utils.formatdate(usegmt=True))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache, no-store")
        if okta:
            self.send_header("x-okta-request-id", secrets.token_hex(16))
        for name, value in headers or []:
            self.send_header(name, value)
        self.end_headers()
        if truncated:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.wfile.write(body)
        self.wfile.flush()


def serve(*, announce: Callable[[DemoTenant], None], **options: Any) -> None:
    """Serve in the foreground; announce is called once the port is open."""
    tenant = DemoTenant(**options)
    announce(tenant)
    tenant.serve()
