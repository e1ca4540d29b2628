"""The same key goes to the same partition as with any other Kafka client."""

from __future__ import annotations

import pytest
from aiokafka import partitioner as aiokafka_partitioner
from hypothesis import given
from hypothesis import strategies as st

from broker.adapters.partitioner import murmur2, partition_for

# From Kafka's own test of its Java implementation (UtilsTest.testMurmur2), which are signed 32-bit numbers.
JAVA = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", JAVA)
def test_hash_is_that_of_the_java_client(key: bytes) -> None:
    assert murmur2(key) == JAVA[key] & 0xFFFFFFFF


@given(st.binary(max_size=70))
def test_hash_is_that_of_aiokafka(key: bytes) -> None:
    assert murmur2(key) == aiokafka_partitioner.murmur2(key)


@given(st.binary(max_size=40), st.integers(min_value=1, max_value=200))
def test_partition_is_that_of_aiokafka(key: bytes, partitions: int) -> None:
    numbers = list(range(partitions))
    theirs = aiokafka_partitioner.DefaultPartitioner()(key, numbers, numbers)
    assert partition_for(key, partitions=partitions) == theirs
