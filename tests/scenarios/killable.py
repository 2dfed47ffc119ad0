"""Syncs in processes of their own that start quickly, for tests that kill them in the middle."""

import multiprocessing

from workflows import sync
from workflows.installation import Actor, open_installation
from workflows.settings import Settings

# It imports what a sync needs once, and each process that it forks has it.
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.scenarios.killable"])


def synced_by_another(settings: Settings, connection_id: int) -> None:
    """What the process does: open the installation as a command would, and sync."""
    inst = open_installation(settings)
    sync.run_sync(inst, connection_id, actor=Actor("cli:operator", "Operator", "analyst"))


def start(settings: Settings, connection_id: int) -> multiprocessing.Process:
    """Start such a process; it ends with the tests at the latest."""
    process = SERVER.Process(target=synced_by_another, args=(settings, connection_id), daemon=True)
    process.start()
    return process
