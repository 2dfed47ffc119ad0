"""How Streamlit is told to serve: what must stay on, off and small for a server that is exposed."""

import tomllib
from pathlib import Path

import pytest

CONFIG = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"
PINNED = {
    "server.address": "127.0.0.1",
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.enableStaticServing": False,
    "server.maxUploadSize": 1,
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "viewer",
    "runner.magicEnabled": False,
}
# Options whose default is right, and that would open a door.
UNSET = (
    "server.trustedUserHeaders", "server.enableAgentApi", "server.scriptHealthCheckEnabled",
    "server.corsAllowedOrigins", "global.developmentMode", "server.cookieSecret",
)  # fmt: skip


@pytest.fixture(scope="module")
def config():
    return tomllib.loads(CONFIG.read_text())


def option(config, name):
    section, _, key = name.partition(".")
    return config.get(section, {}).get(key)


@pytest.mark.parametrize("name", PINNED)
def test_what_protects_stays_as_it_is(config, name):
    assert option(config, name) == PINNED[name]


@pytest.mark.parametrize("name", UNSET)
def test_what_would_open_a_door_is_not_set(config, name):
    assert option(config, name) is None
