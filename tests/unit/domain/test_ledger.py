"""A chain of entries: whole it verifies, and every tampering is named by its place."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chepai.domain.ledger import Actor, entry, first_broken

texts = st.text(max_size=12)
words = st.dictionaries(texts, texts, max_size=3)


@st.composite
def chains(draw: st.DrawFn) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for seq in range(1, draw(st.integers(1, 6)) + 1):
        made.append(
            entry(
                chain="app_1",
                seq=seq,
                prev=made[-1]["hash"] if made else "",
                at=draw(texts),
                actor=Actor(role="staff", id=draw(texts), unit=draw(texts)),
                act=draw(texts),
                before=draw(words),
                after=draw(words),
                evidence=draw(st.lists(texts, max_size=3)),
                rule=draw(texts),
            )
        )
    return made


@given(chains())
def test_a_chain_as_written_is_whole(chain: list[dict[str, Any]]) -> None:
    assert first_broken(chain) is None


@given(chains(), st.data())
@settings(max_examples=60)
def test_any_word_that_is_changed_is_found(
    chain: list[dict[str, Any]], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    name = data.draw(st.sampled_from(sorted(chain[place])))
    if name == "seq":
        changed: Any = chain[place][name] + 1
    else:
        changed = {"forged": "x"} if isinstance(chain[place][name], dict) else ["forged"]
    forged = [dict(each) for each in chain]
    forged[place][name] = changed
    assert first_broken(forged) == place + 1


@given(chains(), st.data())
def test_an_entry_that_is_left_out_is_found(
    chain: list[dict[str, Any]], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    left = chain[:place] + chain[place + 1 :]
    # Only the end can be cut off unseen: that is what sealed heads are for.
    assert first_broken(left) == (None if place == len(chain) - 1 else place + 1)


@given(chains(), st.data())
def test_an_entry_that_is_rewritten_with_its_hash_breaks_the_next_one(
    chain: list[dict[str, Any]], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    old = chain[place]
    rewritten = entry(
        chain="app_1", seq=old["seq"], prev=old["prev"], at=old["at"],
        actor=Actor(role="nobody", id="x"), act="forged",
    )  # fmt: skip
    forged = [*chain[:place], rewritten, *chain[place + 1 :]]
    assert first_broken(forged) == (None if place == len(chain) - 1 else place + 2)
