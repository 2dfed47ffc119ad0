"""The Sync page: quick or everything, and why everything."""

import sqlalchemy as sa

from storage.ledgers import RUNS


def test_a_first_look_offers_quick_and_says_how_each_run_read(inst, visit):
    page = visit("sync")
    assert not page.exception
    how = page.segmented_control(key="how")
    assert how.options == ["Quick", "Everything"]
    assert how.value == "incremental"
    assert list(page.dataframe[0].value["Read"]) == ["Everything"]


def test_a_run_that_could_not_be_quick_says_why(inst, visit, words):
    with inst.database.write() as conn:
        conn.execute(
            sa.update(RUNS).values(mode_reason="The system log tells of “policy.rule.update”.")
        )
    page = visit("sync")
    assert "Everything was read. The system log tells of" in words(page)
    assert list(page.dataframe[0].value["Read"]) == ["Everything, not quick"]
