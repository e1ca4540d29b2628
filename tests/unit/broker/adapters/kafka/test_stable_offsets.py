"""The one request that the client cannot make itself, byte for byte as the protocol has it."""

from __future__ import annotations

import struct

import pytest

from broker.adapters.kafka.stable_offsets import UNSTABLE, StablePosition, _StablePositionsResponse, answer


def test_the_request_asks_for_a_stable_position():
    request = StablePosition("grp", "top", 2).prepare({9: (1, 10)})
    assert request.API_VERSION == 7
    assert (
        request.encode()
        == (
            b"\x04grp"  # compact string: length + 1
            b"\x02\x04top\x02" + struct.pack(">i", 2) + b"\x00"  # one topic, one partition, no tags
            b"\x01\x00"  # require_stable, no tags
        )
    )


def test_a_broker_without_it_is_refused():
    with pytest.raises(NotImplementedError):
        StablePosition("grp", "top", 2).prepare({9: (1, 6)})


def response(*, offset: int, metadata: bytes, error: int = 0, top_error: int = 0) -> bytes:
    partition = struct.pack(">iqi", 2, offset, -1) + metadata + struct.pack(">h", error) + b"\x00"
    return struct.pack(">i", 0) + b"\x02\x04top\x02" + partition + b"\x00" + struct.pack(">h", top_error) + b"\x00"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (response(offset=7, metadata=b"\x07seq 12"), (0, 7, "seq 12")),
        (response(offset=-1, metadata=b"\x01"), (0, -1, "")),
        (response(offset=-1, metadata=b"\x00"), (0, -1, "")),
        (response(offset=-1, metadata=b"\x01", error=UNSTABLE), (UNSTABLE, -1, "")),
        (response(offset=7, metadata=b"\x01", top_error=16), (16, -1, "")),
    ],
)
def test_the_answer_is_read(data: bytes, expected: tuple[int, int, str]):
    assert answer(_StablePositionsResponse.decode(data)) == expected
