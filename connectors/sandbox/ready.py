"""`python -m connectors sandbox --wait`: returns once the simulated systems answer, their files laid out.

The scheduler of the demonstration is started behind it, so that a newcomer's first look
finds no source that failed because its system was not there yet.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

import httpx

from datasets.messages import text

PORT = 8061
WAIT_SECONDS = 90.0
LOOK_EVERY_SECONDS = 0.2
ANSWER_SECONDS = 5.0


def wait_for(
    address: str,
    seconds: float = WAIT_SECONDS,
    *,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> bool:
    """Whether somebody answered at the address within the time, whatever the answer.

    The sandbox's port is open from its first moment; it answers when everything stands.
    """
    deadline = monotonic() + seconds
    with httpx.Client(timeout=ANSWER_SECONDS, trust_env=False) as client:
        while True:
            try:
                client.get(address)
                return True
            except httpx.TransportError:
                if monotonic() >= deadline:
                    return False
                sleep(LOOK_EVERY_SECONDS)


def main(argv: Sequence[str]) -> int:
    """0 when it answered, 1 when it did not within the time."""
    parser = argparse.ArgumentParser(prog="python -m connectors sandbox", add_help=False, allow_abbrev=False)
    parser.add_argument("--wait", action="store_true")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--host", default="127.0.0.1")
    arguments, _ = parser.parse_known_args(argv)
    address = f"http://{arguments.host}:{arguments.port}/"
    try:
        if wait_for(address):
            return 0
    except KeyboardInterrupt:
        return 1
    said = text("sandbox.not_ready", address=address, seconds=f"{WAIT_SECONDS:.0f}")
    sys.stderr.write(f"{said}\n")
    return 1
