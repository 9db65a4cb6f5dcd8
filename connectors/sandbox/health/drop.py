"""Forms dropped into the centre's inbox when they are due, while the sandbox runs.

Only those whose figures are not yet approved, and so not yet in DHIS2. The folder is the memory of
what was dropped, wherever the centre moved the files to.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from threading import Event, Thread

from connectors.sandbox.health.forms import immunisation_form, monthly_form, weekly_form
from connectors.sandbox.health.months import Figures
from connectors.sandbox.health.system import HealthSystem, Report
from datasets.clock import Clock
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.settings import Settings

WEEKLY, MONTHLY, IMMUNISATION = "disease_weekly", "station_monthly", "immunisation_monthly"
"""Names of the sources that read the three forms."""
KINDS = {WEEKLY: PeriodType.WEEK, MONTHLY: PeriodType.MONTH, IMMUNISATION: PeriodType.MONTH}
LOOK_BACK = 5
"""Periods back that are looked through for forms."""
LOOK_EVERY_SECONDS = 300.0
FLOWS = (
    "hl_visits",
    "hl_visits_insured",
    "hl_telehealth_sessions",
    "hl_deliveries",
    "hl_antenatal_4",
    "hl_births",
    "hl_deaths",
)
log = logging.getLogger(__name__)


def due_forms(system: HealthSystem, kind: str, now: datetime) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Name and content of each form of a kind that has come by now and is not yet approved."""
    period = Period.of(now.date(), KINDS[kind]).previous(LOOK_BACK)
    while period.end <= now.date():
        for station in system.stations.values():
            report = system.report(station, period, now)
            if report is not None and report.sent is not None and now < report.approved:
                yield _name(kind, report), _content(system, kind, report)
        period = period.next()


def drop_forms(system: HealthSystem, kind: str, inbox: Path, now: datetime) -> int:
    """Drop what is due and was not dropped before, each file whole or not at all. Answers how many."""
    known = "\n".join(path.name for path in inbox.rglob("*.xlsx")) if inbox.is_dir() else ""
    dropped = 0
    for name, content in due_forms(system, kind, now):
        if name in known:
            continue
        inbox.mkdir(parents=True, exist_ok=True)
        whole = inbox / f".{name}.tmp"
        with whole.open("wb") as file:
            file.write(content())
            file.flush()
            os.fsync(file.fileno())
        whole.replace(inbox / f"{name}.xlsx")
        dropped += 1
    return dropped


def keep_dropping_forms(
    system: HealthSystem, settings: Settings, clock: Clock, say: Callable[[str], None] = print
) -> Event | None:
    """Drop forms when they are due, in a thread that ends with the process or when the event is set.

    None when the configuration has none of the three sources.
    """
    folders = {
        kind: source.path
        for kind in KINDS
        if (source := settings.sources.get(kind)) is not None and source.connector == "files"
    }
    if not folders:
        return None
    zone, ended = settings.centre.time_zone, Event()

    def work() -> None:
        while not ended.is_set():
            for kind, folder in folders.items():
                try:
                    count = drop_forms(system, kind, folder, clock().astimezone(zone).replace(tzinfo=None))
                except OSError as error:
                    log.error("sandbox cannot drop health forms: %s", error.strerror)
                    continue
                if count:
                    say(text("sandbox.health_forms", count=count, path=folder))
            ended.wait(LOOK_EVERY_SECONDS)

    Thread(target=work, name="health forms", daemon=True).start()
    return ended


def _name(kind: str, report: Report) -> str:
    code, period = report.station.code, report.period
    if kind == WEEKLY:
        return f"BC-BTN-{code}-tuan-{int(period.id[5:]):02}-{period.id[:4]}"
    form = "BC-TYT" if kind == MONTHLY else "BC-TCMR"
    return f"{form}-{code}-{period.start.month:02}-{period.start.year}"


def _content(system: HealthSystem, kind: str, report: Report) -> Callable[[], bytes]:
    station, period = report.station, report.period
    random = Random(f"{system.seed}/{station.code}/{period.id}/{kind}")
    careless = random if random.random() < station.dirty else None
    if kind == WEEKLY:
        weeks = system.weeks
        return lambda: weekly_form(
            station, period, weeks.week(station, period), weeks.since_january(station, period), careless
        )
    figures = system.months.month(station, period)
    if kind == IMMUNISATION:
        return lambda: immunisation_form(station, period, figures, careless)
    return lambda: monthly_form(station, period, figures, _since_january(system, report), careless)


def _since_january(system: HealthSystem, report: Report) -> Figures:
    """Flows added up over the year's months."""
    totals: Figures = {}
    month = report.period
    while month.start.year == report.period.start.year:
        for name in FLOWS:
            totals[name, ""] = totals.get((name, ""), 0) + system.months.month(report.station, month)[name, ""]
        month = month.previous()
    return totals
