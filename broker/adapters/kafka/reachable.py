"""Why brokers cannot be used, in words that a person can act on: aiokafka reports only that it cannot connect."""

from __future__ import annotations

import asyncio
import os
import ssl
from typing import Final

_REFUSAL_SECONDS: Final = 0.5
"""A broker that refuses a certificate closes the connection within one round trip."""
_CONNECT_SECONDS: Final = 5.0
"""Time for two retransmissions of a lost SYN (after 1 s and 3 s); a broker that is silent for longer does not
answer."""


async def why_not(address: str, context: ssl.SSLContext | None) -> str:
    """Return in a few words why the first of these brokers cannot be used; without `context` the line has no TLS."""
    first = address.split(",")[0]
    host, _, port = first.rpartition(":")
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
    except ssl.SSLCertVerificationError as error:
        return f"the broker at {first} is not one that our authority certified ({error.verify_message})"
    except ssl.SSLError as error:
        return f"the broker at {first} speaks no TLS that we accept ({(error.reason or 'no reason').lower()})"
    except TimeoutError:
        return f"the broker at {first} does not answer"
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else type(error).__name__
        return f"no broker answers at {first} ({reason})"
    try:
        async with asyncio.timeout(_REFUSAL_SECONDS):
            # In TLS 1.3 the client's handshake ends before the server has checked its certificate: only a read shows
            # it.
            ended = await reader.read(1) == b""
    except TimeoutError:
        if context is None:
            return f"what listens at {first} does not talk to us in plain text"
        return f"the broker at {first} accepts our certificate, but the cluster is not ready"
    except (ssl.SSLError, ConnectionError) as error:
        reason = (getattr(error, "reason", None) or "connection ended").lower()
        return f"the broker at {first} refuses our certificate, or that we show none ({reason})"
    finally:
        writer.close()
    return f"the broker at {first} ends the connection" if ended else f"at {first} is no broker"
