"""What the server does by itself: a round of what is due, time and again, whatever happens."""

import threading

from ui import server
from workflows.due import Done
from workflows.errors import CountersignError


def test_rounds_go_on_after_any_failure_and_end_with_the_server(monkeypatch, caplog):
    stopped, asked = threading.Event(), []

    def due(inst):
        asked.append(inst)
        if len(asked) == 1:
            raise CountersignError("The store is away.", code="store")
        if len(asked) == 2:
            raise RuntimeError("a mistake of ours")
        stopped.set()
        return Done(reminded=1)

    caplog.set_level("INFO", logger="ui.server")
    monkeypatch.setattr(server, "ROUND_SECONDS", 0.001)
    monkeypatch.setattr(server, "open_installation", lambda: "this one")
    monkeypatch.setattr(server, "run_due", due)
    server.rounds(stopped)
    assert asked == ["this one"] * 3
    assert "The store is away." in caplog.text
    assert "it is tried again" in caplog.text
    assert "1 reminders written" in caplog.text
