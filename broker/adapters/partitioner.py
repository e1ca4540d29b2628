"""Which partition a key goes to: Kafka's default, so that every adapter and every other Kafka client agree.

Promise: the same key and number of partitions give the same partition for ever, here and in Java.
The hash is MurmurHash2 as in `org.apache.kafka.common.utils.Utils.murmur2`; the partition is its lower
31 bits modulo the number of partitions (`BuiltInPartitioner.partitionForKey`).
"""

from __future__ import annotations

_SEED = 0x9747B28C
_MIX = 0x5BD1E995
_SHIFT = 24
_WORD = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF


def murmur2(data: bytes) -> int:
    """Return Kafka's MurmurHash2 of `data` as an unsigned 32-bit number."""
    whole = len(data) - len(data) % 4
    state = _SEED ^ len(data)
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start : start + 4], "little") * _MIX & _WORD
        word = (word ^ word >> _SHIFT) * _MIX & _WORD
        state = (state * _MIX & _WORD) ^ word
    if rest := data[whole:]:
        state = (state ^ int.from_bytes(rest, "little")) * _MIX & _WORD
    state = (state ^ state >> 13) * _MIX & _WORD
    return state ^ state >> 15


def partition_for(key: bytes, *, partitions: int) -> int:
    """Return the partition, from 0 to `partitions` - 1, that a message with this key belongs to."""
    return (murmur2(key) & _POSITIVE) % partitions
