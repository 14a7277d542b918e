from dataclasses import fields, replace
from hashlib import sha256
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.ledger import append, genesis, hash_of, head_of
from sluice.errors import InvalidInput
from sluice.model.commit import Entry, group_chain
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from sluice.model.ledger import Head, LedgerRecord
from tests.chains import chain_of, entry_of

TEXT = st.text(alphabet=st.characters(), max_size=12) | st.sampled_from(['"', "\n", '","', "\ud800", "é", "e\u0301"])


def test_the_format_of_a_hash_is_as_documented() -> None:
    """Records live for years: a change of these bytes would break every ledger already written."""
    genesis_text = '["sluice.ledger.v1.genesis","group/fraud"]'
    prev = sha256(genesis_text.encode()).hexdigest()
    header = f'["sluice.ledger.v1.record","group/fraud",1,1790000000000000,"VoteCast","r1","vote|1","{prev}"]'
    wanted = sha256((header + '\n{"a":"\\u00fc","b":1.5}').encode()).hexdigest()

    record = append(
        genesis(group_chain("fraud")),
        Entry("group/fraud", "vote|1", EntryKind.VOTE_CAST, "r1", {"b": 1.5, "a": "ü"}),
        at=Micros(1_790_000_000_000_000),
    )

    assert (record.prev, record.hash) == (prev, wanted)


def test_the_first_record_follows_the_name_of_its_chain() -> None:
    assert genesis("platform") != genesis("group/platform")
    assert genesis("platform").seq == 0


def test_each_record_follows_the_head_before_it() -> None:
    first, second = chain_of(2)

    assert (second.seq, second.prev) == (2, first.hash)
    assert head_of(second) == Head(2, second.hash)


@pytest.mark.parametrize("name", [f.name for f in fields(LedgerRecord) if f.name != "hash"])
def test_the_hash_covers_every_field(name: str) -> None:
    (record,) = chain_of(1)
    value = getattr(record, name)
    changed: dict[str, object] = {name: value + 1 if isinstance(value, int) else value + "x"}

    assert hash_of(replace(record, **changed)) != record.hash  # type: ignore[arg-type]  # a field's own type each time


@given(st.tuples(TEXT, TEXT, TEXT, TEXT), st.tuples(TEXT, TEXT, TEXT, TEXT))
def test_two_different_records_never_share_the_hashed_text(
    one: tuple[str, str, str, str], other: tuple[str, str, str, str]
) -> None:
    (record,) = chain_of(1)
    hashes = {
        texts: hash_of(replace(record, kind=texts[0], subject=texts[1], key=texts[2], body=texts[3]))
        for texts in (one, other)
    }

    assert len(set(hashes.values())) == len({one, other})


def test_text_cannot_move_from_one_field_to_the_next() -> None:
    (record,) = chain_of(1)
    spellings = [
        replace(record, subject="a", key="bc"),
        replace(record, subject="ab", key="c"),
        replace(record, subject='a","b', key="c"),
        replace(record, key="", body="\n{}"),
        replace(record, key="\n", body="{}"),
    ]

    assert all(hash_of(a) != hash_of(b) for a, b in combinations(spellings, 2))


def test_the_order_in_which_a_body_was_built_does_not_matter() -> None:
    one = append(genesis("platform"), Entry("platform", "k", "x", "s", {"a": 1, "b": {"d": 1, "c": 2}}), at=Micros(1))
    other = append(genesis("platform"), Entry("platform", "k", "x", "s", {"b": {"c": 2, "d": 1}, "a": 1}), at=Micros(1))

    assert one == other


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), {1, 2}, b"x"])
def test_a_body_that_json_cannot_hold_makes_no_record(value: object) -> None:
    with pytest.raises(InvalidInput):
        append(genesis("platform"), entry_of(1, chain="platform", value=value), at=Micros(1))
