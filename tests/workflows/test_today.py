"""“Today” is a day of the installation's time zone, wherever the server stands (SPEC 3)."""

from datetime import date, datetime

import pytest
import time_machine

from workflows.errors import CountersignError
from workflows.installation import open_installation
from workflows.settings import Settings, load_settings


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("UTC", "2026-11-24T23:59:59Z", date(2026, 11, 24)),
        ("Pacific/Auckland", "2026-11-24T10:59:59Z", date(2026, 11, 24)),
        ("Pacific/Auckland", "2026-11-24T11:00:00Z", date(2026, 11, 25)),
        ("America/Los_Angeles", "2026-11-25T07:59:59Z", date(2026, 11, 24)),
        ("America/Los_Angeles", "2026-11-25T08:00:00Z", date(2026, 11, 25)),
    ],
)
@pytest.mark.parametrize("server", ["UTC", "Asia/Tokyo"])
def test_the_day_is_that_of_the_zone(tmp_path, monkeypatch, zone, moment, day, server):
    monkeypatch.setenv("TZ", server)
    inst = open_installation(Settings(data_dir=tmp_path, time_zone=zone))
    with time_machine.travel(moment, tick=False):
        assert inst.today() == day
    assert inst.day(datetime.fromisoformat(moment)) == day
    inst.database.close()


def test_a_zone_that_does_not_exist_is_refused_in_words(monkeypatch):
    monkeypatch.setenv("COUNTERSIGN_TIME_ZONE", "Middle/Earth")
    with pytest.raises(CountersignError, match="COUNTERSIGN_TIME_ZONE"):
        load_settings()
