"""Trace: which messages belong to one piece of work, for whoever reads the logs (W3C Trace Context, version 00).

Promise: ids are random, never made from a person, a request or a case. An incoming header is taken only in exactly the
form of the specification; it stands outside the signature, so anybody may have written it, and it decides nothing.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from broker.ports import MALFORMED_TRACE, Outgoing

HEADER: Final = "traceparent"
_FORM: Final = re.compile(r"00-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_FLAGS: Final = "00"
"""Nothing is recorded for a tracing system here, and a stranger's flags are not passed on."""


def begun() -> str:
    """Return the header of a new piece of work."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-{_FLAGS}"


def carried_on(trace: str) -> str:
    """Return the header of what a message led to: its trace id under a new span id; empty where it had no valid one."""
    found = trace_id(trace)
    return f"00-{found}-{secrets.token_hex(8)}-{_FLAGS}" if found else ""


def received(header: object) -> str:
    """Return what `Message.trace` says of a header as the log gave it: text, UTF-8 bytes, or None for no header."""
    if header is None or header == "":
        return ""
    text = header.decode("ascii", "replace") if isinstance(header, bytes) else header
    return text if isinstance(text, str) and _FORM.fullmatch(text) else MALFORMED_TRACE


def trace_id(trace: str) -> str:
    """Return the trace id alone, 32 hex digits, for a log line; empty where there is no valid one."""
    found = _FORM.fullmatch(trace)
    return found["trace"] if found else ""


def traced(outgoing: Outgoing, trace: str) -> Outgoing:
    """Return the same message under this header."""
    return Outgoing(topic=outgoing.topic, key=outgoing.key, value=outgoing.value, trace=trace)
