"""The Sync page: full or incremental, and why full."""

import sqlalchemy as sa

from storage.ledgers import RUNS


def test_a_first_look_offers_both_modes_and_says_how_each_run_read(inst, visit):
    page = visit("sync")
    assert not page.exception
    how = page.segmented_control(key="how")
    assert how.options == ["Incremental", "Full"]
    assert how.value == "incremental"
    assert list(page.dataframe[0].value["Mode"]) == ["Full"]


def test_a_run_that_could_not_be_incremental_says_why(inst, visit, words):
    with inst.database.write() as conn:
        conn.execute(
            sa.update(RUNS).values(mode_reason="The system log tells of “policy.rule.update”.")
        )
    page = visit("sync")
    assert "Everything was read. The system log tells of" in words(page)
    assert "policy.rule.update" in page.dataframe[0].value["Note"].iloc[0]
