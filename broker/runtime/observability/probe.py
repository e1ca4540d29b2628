"""A container's health check: `python -m broker.runtime.observability.probe HOST:PORT`; exit 0 when the process works.

The probe asks `/readyz` and prints the answer. It runs every few seconds beside each process, so it needs no shell and
loads the standard library only.
"""

from __future__ import annotations

import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Final

PATIENCE_SECONDS: Final = 3.0
MOST_BYTES: Final = 4096


def main(address: str) -> int:
    """Ask `/readyz` and return the exit code: 0 ready, 1 not ready or not there."""
    host, _, port = address.rpartition(":")
    connection = HTTPConnection(host, int(port), timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        verdict = answer.read(MOST_BYTES).decode("utf-8", "replace")
    except (OSError, HTTPException) as fault:
        sys.stdout.write(f"no answer: {type(fault).__name__}\n")
        return 1
    finally:
        connection.close()
    sys.stdout.write(f"{verdict}\n")
    return 0 if answer.status == HTTPStatus.OK else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
