"""`python -m dashboard briefing` and `briefings`."""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path

from dashboard.briefing.archive import fresh, shown
from dashboard.briefing.files import put
from dashboard.briefing.job import run
from dashboard.briefing.writers import WRITERS
from dashboard.open_queries import open_queries
from datasets.errors import UsageError
from datasets.messages import text
from datasets.periods import Period


def make(asked: argparse.Namespace) -> int:
    """Write the files of one period for each asked unit, and say where. Raises UsageError for what does not exist."""
    queries = open_queries(asked.config, os.environ)
    language = queries.settings.centre.language
    formats = asked.formats.split(",") if asked.formats else list(queries.settings.briefing.formats)
    unknown = [name for name in formats if name not in WRITERS]
    if unknown:
        raise UsageError("briefing.unknown_format", value=unknown[0], known=", ".join(WRITERS))
    period = Period.parse(asked.period)
    if period.start > queries.today():
        raise UsageError("briefing.not_begun", period=period.label(language))
    for unit in asked.unit or [queries.settings.centre.unit]:
        queries.units.get(unit)
        report = fresh(queries, unit, period.id) if asked.fresh else shown(queries, unit, period.id)[0]
        for path in put(Path(asked.to), report, formats):
            print(path)  # noqa: T201
        for warning in report.warnings:
            print(text("briefing.warned", language, unit=unit, warning=warning))  # noqa: T201
    return 0


def run_job(config: str | None) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    return run(open_queries(config, os.environ))
