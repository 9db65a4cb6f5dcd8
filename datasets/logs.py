"""What a process that runs on says to its log: standard error, one line an event."""

from __future__ import annotations

import logging
import sys
import traceback

CHATTY = {
    "alembic": logging.WARNING,
    "apscheduler": logging.ERROR,  # that a run still goes on when the next is due is by design, one at a time a source
}
"""Libraries that tell more than an operator wants to read: the least that is heard of each."""


def start_log(level: int) -> None:
    """Write what is at least of this level to standard error, with its moment and where it is from."""
    logging.basicConfig(stream=sys.stderr, level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name, least in CHATTY.items():
        logging.getLogger(name).setLevel(least)


def frames(fault: BaseException) -> str:
    """The traceback without the exception's words, which may quote a person's data (failures.md R10)."""
    return "".join(traceback.format_tb(fault.__traceback__)) + type(fault).__name__
