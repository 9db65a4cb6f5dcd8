"""The clock every process is handed. Nothing else in the house asks for the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from datasets.errors import UsageError

Clock = Callable[[], datetime]
"""Returns the present moment, always with a zone."""


def system_clock() -> datetime:
    return datetime.now(UTC)


def clock_from(environ: Mapping[str, str], time_zone: ZoneInfo) -> Clock:
    """The system's clock, or one that stands still at IOC_NOW (an ISO moment).

    A moment without an offset is meant in `time_zone`.
    Raises UsageError when IOC_NOW is no ISO moment.
    """
    said = environ.get("IOC_NOW")
    if not said:
        return system_clock
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise UsageError("error.ioc_now", value=said) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=time_zone)
    return lambda: moment
