"""docs/deploy.md, carried out: its nginx, its unit, its backup. In CI there must be an nginx."""

import configparser
import contextlib
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect
from requests.adapters import HTTPAdapter

from demo_tenant.server import DemoTenant
from storage import audit_log
from tests.browser.conftest import App, free_port, with_sign_in
from tests.browser.tabs import settled, sign_out
from workflows import audit, personnel
from workflows import connect as connecting
from workflows.installation import open_installation
from workflows.readiness import readiness
from workflows.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = (ROOT / "docs" / "deploy.md").read_text()
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def block(kind):
    """The document's code block of a kind."""
    [found] = re.findall(rf"^```{kind}\n(.*?)^```", DEPLOY, re.S | re.M)
    return found


class Proxy:
    """The documented nginx with other ports, another name, and a certificate of its own."""

    def __init__(self, folder, app_port):
        self.http, self.https = free_port(), free_port()
        self.url = f"https://localhost:{self.https}"
        self.folder, self.app_port = folder, app_port
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-keyout", str(key), "-out", str(certificate), "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost"],
            check=True, capture_output=True,
        )  # fmt: skip
        self.certificate = str(certificate)
        text = block("nginx")
        for documented, here in (
            ("listen 80;", f"listen {self.http};"),
            ("listen 443 ssl http2;", f"listen {self.https} ssl http2;"),
            ("server_name countersign.acme.com;", "server_name localhost;"),
            ("/etc/ssl/countersign/fullchain.pem", str(certificate)),
            ("/etc/ssl/countersign/privkey.pem", str(key)),
            ("http://127.0.0.1:8501", f"http://127.0.0.1:{app_port}"),
        ):
            assert documented in text, documented
            text = text.replace(documented, here)
        temp = "".join(
            f"{name}_temp_path {folder}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
            f"{'user root;' if os.geteuid() == 0 else ''}\n"
            f"events {{}}\nhttp {{ access_log off; {temp}\n{text}\n}}\n"
        )

    def __enter__(self):
        command = [NGINX, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.https), timeout=1),
            ):
                return self
            time.sleep(0.05)
        pytest.fail(f"nginx did not start: {self.process.stderr.read().decode()}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The app behind nginx, its people in the demo tenant's Okta."""
    if NGINX is None:
        if os.environ.get("CI"):
            pytest.fail("CI must test behind nginx, and there is none: apt-get install nginx-light")
        pytest.skip("No nginx: the test of docs/deploy.md is left out.")
    data = tmp_path_factory.mktemp("served")
    with DemoTenant(users=80, seed=3, rate_limit_scale=1000) as tenant:
        inst, _ = with_sign_in(data, tenant)
        port = free_port()
        with Proxy(tmp_path_factory.mktemp("nginx"), port) as proxy:
            app = App(
                data, port=port, allow_loopback="1", public_url=proxy.url,
                trusted_proxies="127.0.0.1", analysts="ana.petrova@meridian.example",
            )  # fmt: skip
            proxy.inst, proxy.data = inst, data
            yield proxy
            app.stop()
        inst.database.close()


def test_people_sign_in_through_the_documented_proxy(served, windows):
    tab = windows(ignore_https_errors=True)
    assert tab.goto(f"{served.url}/personnel?q=Fischer").status == 401
    tab.get_by_role("link", name="Sign in with Okta").click()
    tab.get_by_role("button", name="Ana Petrova").click()
    # The page is drawn through the websocket.
    tab.get_by_role("heading", name="Personnel", exact=True).wait_for()
    settled(tab)
    assert tab.url == f"{served.url}/personnel?q=Fischer"
    expect(tab.get_by_text("1 person, by name").first).to_be_visible()
    kept = {cookie["name"]: cookie for cookie in tab.context.cookies()}
    session = kept["__Host-countersign"]
    assert (session["secure"], session["httpOnly"], session["sameSite"]) == (True, True, "Lax")
    assert kept["_streamlit_xsrf"]["secure"]
    sign_out(tab)
    tab.get_by_role("heading", name="You are signed out").wait_for()
    assert tab.url == f"{served.url}/signed-out"
    assert "__Host-countersign" not in {cookie["name"] for cookie in tab.context.cookies()}


def test_plain_http_is_sent_on_to_https(served):
    answer = requests.get(
        f"http://localhost:{served.http}/personnel?q=a", allow_redirects=False, timeout=60
    )
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://localhost:{served.http}/personnel?q=a"


def test_the_headers_arrive_outside_and_nothing_tells_versions(served):
    answer = requests.get(f"{served.url}/", verify=served.certificate, timeout=60)
    assert answer.status_code == 401
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["Server"] == "nginx"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    for path in ("/healthz", "/readyz"):
        assert requests.get(f"{served.url}{path}", verify=served.certificate, timeout=60).ok


def test_nobody_can_pretend_to_be_here_or_elsewhere(served):
    """What a stranger writes into the forwarding headers is not believed."""

    class Stranger(HTTPAdapter):
        def init_poolmanager(self, *args, **more):
            super().init_poolmanager(*args, source_address=("127.0.0.5", 0), **more)

    with requests.Session() as client:
        client.mount("https://", Stranger())
        client.trust_env, client.verify = False, served.certificate
        answer = client.get(
            f"{served.url}/login?next=//evil.example",
            headers={"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http"},
            timeout=60,
        )
    assert answer.status_code == 400
    with served.inst.database.read() as conn:
        newest = audit_log.events(conn, limit=1, action="sign_in.refused")[0]
    assert newest["detail"]["from"] == "127.0.0.5"


def test_past_the_proxy_only_this_computer_is_answered_and_signs_in_too(served):
    straight = f"http://127.0.0.1:{served.app_port}/"
    assert requests.get(straight, timeout=60).status_code == 401
    said = {"Host": f"localhost:{served.https}", "X-Real-IP": "1.2.3.4"}
    assert requests.get(straight, headers=said, timeout=60).status_code == 403


def test_the_documented_backup_is_whole_while_the_app_runs(served, tmp_path):
    """VACUUM INTO and the key, restored into an empty data directory."""
    [documented] = re.findall(r'countersign\.db "(VACUUM INTO \'(.*?)\')"', DEPLOY)
    copy = tmp_path / "countersign.db"
    with contextlib.closing(sqlite3.connect(served.data / "countersign.db")) as store:
        store.execute(documented[0].replace(documented[1], str(copy)))
    shutil.copy2(served.data / "secret.key", tmp_path / "secret.key")
    restored = open_installation(Settings(data_dir=tmp_path, allow_loopback=True))
    assert readiness(restored) is None
    assert audit.verify_audit(restored).ok
    connection = connecting.current_connection(restored)
    there, here = (
        len(personnel.people(inst, connection.id).frame) for inst in (served.inst, restored)
    )
    assert there == here > 0
    restored.database.close()


def test_the_documented_unit_starts_what_is_there():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string(block("ini"))
    service = unit["Service"]
    home = service["WorkingDirectory"]
    for line in (service["ExecStart"], service["ExecStartPre"]):
        program, *arguments = line.split()
        assert program == f"{home}/.venv/bin/python"
        script = next(part for part in arguments if part.endswith(".py"))
        assert (ROOT / script).is_file()
    assert service["ExecStart"].endswith("-m streamlit run streamlit_app.py")
    assert service["User"] == "countersign"
    assert service["ProtectSystem"] == "strict"
