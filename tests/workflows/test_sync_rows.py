"""Packed rows behave as a dict of dicts that gives copies."""

from hypothesis import given
from hypothesis import strategies as st

from workflows.sync_rows import PackedRows

ROW = st.fixed_dictionaries(
    {"user_id": st.text(max_size=3), "status": st.sampled_from(["A", "B", None]),
     "count": st.none() | st.integers()}
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from("xyz"), ROW)))
def test_what_is_put_in_comes_out(entries):
    packed, plain = PackedRows(), {}
    for ident, row in entries:
        packed[ident] = row
        plain[ident] = row
    assert dict(packed) == plain
    assert packed.keys() - {"x"} == plain.keys() - {"x"}
    assert [packed.get(i) for i in "xyz"] == [plain.get(i) for i in "xyz"]
    packed.clear()
    assert not packed


def test_a_row_that_was_given_can_be_changed_without_changing_what_is_kept():
    packed = PackedRows()
    packed["x"] = {"status": "A"}
    packed["x"]["status"] = "B"
    assert packed["x"] == {"status": "A"}
