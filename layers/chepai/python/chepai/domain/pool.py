"""The number pool: numbers are dealt by a keyed permutation, so no list is kept and none scanned.

A segment is a mixed-radix count of serials. Reserved numbers are left out by rule, the rest are
positions 0 … size-1. A keyed permutation turns positions into numbers; 16 counters each deal their
own lane of positions, so an offer is one `ADD` and no two offers meet until a lane is through.

Fairness: `commitment(secret)` is published before the segment opens, public randomness is mixed
in afterwards, every dealt range is logged, and the secret is revealed when the segment closes.
`verifier/draws.py` recomputes every deal from these alone, in arithmetic of its own.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from hashlib import blake2b, sha256
from itertools import pairwise, product
from math import isqrt, prod
from typing import NamedTuple

from chepai.domain.plates import DIGITS, LETTERS, PlateKind

COUNTERS = 16
_SMALLEST_LANE = 500
_ROUNDS = 10
_SECRET_BYTES = 32


class Segment(NamedTuple):
    """A released segment of numbers 号段.

    `slots` are the characters that each place of the serial may take, `skips` the indices of the
    reserved serials among all of them, ascending (`reserved`).
    """

    segment_id: str
    plate_kind: PlateKind
    prefix: str
    slots: tuple[str, ...]
    skips: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """How many numbers the segment deals."""
        return prod(len(slot) for slot in self.slots) - len(self.skips)


class Slot(StrEnum):
    """What a place of a pattern takes: a digit, one of the opened letters, or either."""

    DIGIT = "D"
    LETTER = "L"
    EITHER = "A"


def open_segment(
    segment_id: str,
    plate_kind: PlateKind,
    prefix: str,
    pattern: str,
    *,
    letters: str = LETTERS,
    reserved_patterns: Sequence[str] = (),
) -> Segment:
    """A segment from its release: pattern such as DDDDD or LADDDD, and the letters opened.

    `letters` fill the L of ordinary patterns and the energy letter of new-energy ones. Serials in
    which one of `reserved_patterns` is found are never dealt. Counts every serial once (about
    1 s for a million): call it when a segment opens, keep `skips`, not per request. ValueError
    for another slot.
    """
    alphabets = {Slot.DIGIT: DIGITS, Slot.LETTER: letters, Slot.EITHER: DIGITS + LETTERS}
    slots = tuple(alphabets[Slot(each)] for each in pattern)
    return Segment(segment_id, plate_kind, prefix, slots, reserved(slots, reserved_patterns))


def reserved(slots: Sequence[str], patterns: Sequence[str]) -> tuple[int, ...]:
    """The indices of the serials in which one of the patterns is found, ascending."""
    if not patterns:
        return ()
    never = [re.compile(each).search for each in patterns]
    serials = map("".join, product(*slots))
    return tuple(
        index for index, serial in enumerate(serials) if any(found(serial) for found in never)
    )


def packed(skips: Sequence[int]) -> bytes:
    """Reserved indices as bytes to keep beside the segment, one or two for each."""
    gaps = (after - before for before, after in pairwise((-1, *skips)))
    found = bytearray()
    for gap in gaps:
        rest = gap
        while rest > 127:
            found.append(rest & 127 | 128)
            rest >>= 7
        found.append(rest)
    return bytes(found)


def unpacked(kept: bytes) -> tuple[int, ...]:
    """The reserved indices that `packed` kept."""
    found: list[int] = []
    last, gap, shift = -1, 0, 0
    for each in kept:
        gap |= (each & 127) << shift
        shift += 7
        if each < 128:
            last += gap
            found.append(last)
            gap = shift = 0
    return tuple(found)


def commitment(secret: bytes) -> str:
    """What is published before the segment opens: SHA-256 of the secret, in hex."""
    return sha256(secret).hexdigest()


def effective_key(secret: bytes, segment_id: str, randomness: str) -> bytes:
    """The key of a segment's permutation.

    `randomness` is public and came to be after the commitment, so that whoever chose the secret
    could not choose who gets which number. ValueError when the secret is not 32 bytes.
    """
    if len(secret) != _SECRET_BYTES:
        raise ValueError("the secret of a segment is 32 bytes")
    message = f"chepai pool v1\n{segment_id}\n{randomness}".encode()
    return blake2b(message, key=secret, digest_size=32).digest()


def lanes(size: int) -> int:
    """How many counters serve a segment: 16, fewer for one too small to be split."""
    return max(1, min(COUNTERS, size // _SMALLEST_LANE))


def lane_length(counter: int, size: int) -> int:
    """How many positions a counter deals before it starts again."""
    return (size - counter - 1) // lanes(size) + 1


def positions(counter: int, start: int, k: int, size: int) -> list[int]:
    """The positions that a counter deals from `start`, its value before the `ADD`.

    Counters deal disjoint positions. At most a whole lane comes at once; past its end the lane
    starts again (`lap`). ValueError for a counter that the segment does not have.
    """
    step = lanes(size)
    if not (0 <= counter < step and start >= 0 and k >= 0):
        raise ValueError(f"no deal of {k} from {start} by counter {counter} of {step}")
    length = lane_length(counter, size)
    return [counter + step * ((start + nth) % length) for nth in range(min(k, length))]


def lap(counter: int, start: int, k: int, size: int) -> int:
    """How often the lane was through before the last of these positions.

    0: nobody was ever offered these numbers. Above, some may be held or sold, and one batch read
    must hide them before the offer is shown.
    """
    length = lane_length(counter, size)
    return (start + max(1, min(k, length)) - 1) // length


def deal(segment: Segment, key: bytes, counter: int, start: int, k: int) -> list[str]:
    """The numbers of one offer; the same question always gets the same answer."""
    size = segment.size
    walk = permutation(key, size)
    return [number_at(segment, walk(place)) for place in positions(counter, start, k, size)]


def batch_size(wanted: int, *, free: int, offers_per_second: float, hold_seconds: float) -> int:
    """How many numbers an offer takes so that offers stay disjoint.

    They do while rate x hold x k ≤ free numbers; when demand outruns supply, k shrinks to no less
    than one, and conditional writes alone keep numbers from being taken twice.
    """
    in_play = offers_per_second * hold_seconds
    if in_play * wanted <= free:
        return wanted
    return max(1, int(free / in_play))


def number_at(segment: Segment, nth: int) -> str:
    """The nth number of a segment that is not reserved, prefix included."""
    index = _past_reserved(segment.skips, nth)
    serial: list[str] = []
    for slot in reversed(segment.slots):
        index, digit = divmod(index, len(slot))
        serial.append(slot[digit])
    if index:
        raise ValueError(f"segment {segment.segment_id} has no number {nth}")
    return segment.prefix + "".join(reversed(serial))


def place_of(segment: Segment, number: str) -> int | None:
    """Which number of the segment this is, counted without reserved ones; None if not of it."""
    serial = number.removeprefix(segment.prefix)
    if len(serial) != len(segment.slots) or serial == number:
        return None
    index = 0
    for slot, character in zip(segment.slots, serial, strict=True):
        if character not in slot:
            return None
        index = index * len(slot) + slot.index(character)
    before = bisect_right(segment.skips, index)
    if before and segment.skips[before - 1] == index:
        return None
    return index - before


def _past_reserved(skips: Sequence[int], nth: int) -> int:
    # Skip j lies after skips[j] - j dealt numbers, a rising row: bisect how many lie before.
    low, high = 0, len(skips)
    while low < high:
        middle = (low + high) // 2
        if skips[middle] - middle <= nth:
            low = middle + 1
        else:
            high = middle
    return nth + low


class permutation:  # noqa: N801 -- called like the function that it stands for
    """A keyed bijection of 0 … size-1: a Feistel network on two uneven halves, walking cycles.

    Black and Rogaway's way to encipher arbitrary finite sets: x = left · b + right, ten rounds of
    modular addition of a keyed hash (BLAKE2b, RFC 7693) to each half in turn, repeated while the
    result lies past the end. A round is undone by subtraction, so it is a bijection whatever the
    hash; a·b exceeds size by less than a, so repetition is rare.
    """

    def __init__(self, key: bytes, size: int) -> None:
        if size < 1:
            raise ValueError("an empty segment deals nothing")
        self.size = size
        self._left = isqrt(size - 1) + 1
        self._right = -(-size // self._left)
        # Hashing the key once is half the work of a round.
        self._keyed = blake2b(size.to_bytes(8, "big"), key=key, digest_size=8)

    def __call__(self, place: int) -> int:
        """Where a position goes."""
        if not 0 <= place < self.size:
            raise ValueError(f"no position {place} in {self.size}")
        while True:
            place = self._once(place)
            if place < self.size:
                return place

    def inverse(self, image: int) -> int:
        """Which position goes there."""
        if not 0 <= image < self.size:
            raise ValueError(f"no position {image} in {self.size}")
        while True:
            image = self._back(image)
            if image < self.size:
                return image

    def _once(self, place: int) -> int:
        left, right = divmod(place, self._right)
        for nth in range(0, _ROUNDS, 2):
            left = (left + self._mixed(nth, right)) % self._left
            right = (right + self._mixed(nth + 1, left)) % self._right
        return left * self._right + right

    def _back(self, image: int) -> int:
        left, right = divmod(image, self._right)
        for nth in range(_ROUNDS - 2, -1, -2):
            right = (right - self._mixed(nth + 1, left)) % self._right
            left = (left - self._mixed(nth, right)) % self._left
        return left * self._right + right

    def _mixed(self, nth: int, half: int) -> int:
        keyed = self._keyed.copy()
        keyed.update((nth << 56 | half).to_bytes(8, "big"))
        return int.from_bytes(keyed.digest(), "big")
