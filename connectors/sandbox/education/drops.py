"""Files that schools send: dropped into the centre's inbox when they are due, each once.

    attendance       diem-danh-2025-2026-den-20260531.csv   a past school year, or this one so far
                     diem-danh-99001-20261120.xlsx          from then on each school day, by commune
    school_pupils    hoc-sinh_99001-TH_202609.xlsx          each September; past years for the main commune
    school_teachers  giao-vien_99001-TH_202609.xlsx
    school_reports   bao-cao-truong-den-202610.csv          the months so far, then
                     bao-cao-truong-202611.xlsx             each month

The folders are their own memory: a name found in the inbox, among the done or among the
refused is not dropped again.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from connectors.sandbox.education import exports
from connectors.sandbox.education.schools import WORDS, YEARS, Schools
from connectors.sandbox.one_stop.communes import MAIN
from datasets.clock import Clock
from datasets.settings import FilesSource, Settings

log = logging.getLogger(__name__)

ATTENDANCE, PUPILS, TEACHERS, REPORTS = "attendance", "school_pupils", "school_teachers", "school_reports"
SENT_AT = time(8, 30)
LOOK_EVERY_SECONDS = 300.0
Drop = tuple[str, Callable[[], bytes]]
"""A file's name, and what makes its content."""


def drop_education(schools: Schools, settings: Settings, now: datetime) -> list[Path]:
    """Drop everything that is due by `now` (naive local) and was not dropped before; the new files."""
    due = {ATTENDANCE: _attendance, PUPILS: _lists, TEACHERS: _lists, REPORTS: _reports}
    dropped = []
    for name, drops in due.items():
        source = settings.sources.get(name)
        if isinstance(source, FilesSource):
            known = [path.name for path in source.path.rglob("*") if path.is_file()] if source.path.is_dir() else []
            for file, content in drops(schools, now, known, name):
                if not any(file in before for before in known):
                    dropped.append(_write(source.path, file, content()))
    return dropped


def keep_dropping(schools: Schools, settings: Settings, clock: Clock) -> None:
    """Drop what is due now, then look again every few minutes, beside the server; by a clock that moves."""
    zone = settings.centre.time_zone

    def drop() -> None:
        try:
            drop_education(schools, settings, clock().astimezone(zone).replace(tzinfo=None))
        except OSError as error:
            log.error("sandbox cannot drop the schools' files: %s", error.strerror)

    def keep() -> None:
        rest = threading.Event()
        drop()
        while not rest.wait(LOOK_EVERY_SECONDS):
            drop()

    threading.Thread(target=keep, name="schools", daemon=True).start()


def _attendance(schools: Schools, now: datetime, known: list[str], _: str) -> Iterator[Drop]:
    sent = now.date() if now.time() >= SENT_AT else now.date() - timedelta(days=1)
    this_year = schools.year_of(sent)
    for year in range(this_year - YEARS + 1, this_year + 1):
        first, last = schools.span(year)
        stem = f"diem-danh-{year}-{year + 1}-den-"
        told = max((found[1] for name in known if (found := re.search(rf"{stem}(\d{{8}})", name))), default=None)
        if told is None:
            last = min(last, sent)
            if schools.days(first, last):
                yield f"{stem}{last:%Y%m%d}.csv", lambda a=first, b=last: exports.attendance_history(schools, a, b)  # type: ignore[misc]
            continue
        after = datetime.strptime(told, "%Y%m%d").date() + timedelta(days=1)
        for day in schools.days(after, min(last, sent)):
            for commune in WORDS["communes"]:
                chosen = [school for school in schools.all if school.commune == commune and schools.speaks(school, day)]
                if chosen:
                    title = schools.name_of(commune)
                    yield (
                        f"diem-danh-{commune}-{day:%Y%m%d}.xlsx",
                        lambda c=chosen, d=day, t=title: exports.attendance_day(schools, c, d, t),  # type: ignore[misc]
                    )


def _lists(schools: Schools, now: datetime, known: list[str], name: str) -> Iterator[Drop]:
    stem, make = ("hoc-sinh", exports.pupils) if name == PUPILS else ("giao-vien", exports.teachers)
    latest = now.year if exports.exported(now.year) <= now.date() else now.year - 1
    for year in range(latest - YEARS + 1, latest + 1):
        for school in schools.all:
            if (school.commune == MAIN or year == latest) and schools.speaks(school, exports.exported(year)):
                yield (
                    f"{stem}_{school.code}_{exports.exported(year):%Y%m}.xlsx",
                    lambda s=school, y=year: make(schools, s, y),  # type: ignore[misc]
                )


def _reports(schools: Schools, now: datetime, known: list[str], _: str) -> Iterator[Drop]:
    months = [month for month in _months(schools, now.date()) if month <= now.date()]
    stem = "bao-cao-truong-den-"
    told = max((found[1] for name in known if (found := re.search(rf"{stem}(\d{{6}})", name))), default=None)
    if told is None:
        if months:
            yield f"{stem}{months[-1]:%Y%m}.csv", lambda: exports.report(schools, months, history=True)
        return
    for month in months:
        if f"{month:%Y%m}" > told:
            yield (
                f"bao-cao-truong-{month:%Y%m}.xlsx",
                lambda m=month: exports.report(schools, [m], history=False),  # type: ignore[misc]
            )


def _months(schools: Schools, today: date) -> Iterator[date]:
    """The day of each month on which schools report, September to May, over the years of history."""
    this_year = schools.year_of(today)
    for year in range(this_year - YEARS + 1, this_year + 1):
        for month in (9, 10, 11, 12, 1, 2, 3, 4, 5):
            yield date(year if month >= 9 else year + 1, month, WORDS["calendar"]["reported"])


def _write(inbox: Path, name: str, content: bytes) -> Path:
    inbox.mkdir(parents=True, exist_ok=True)
    whole, target = inbox / f".{name}.tmp", inbox / name
    with whole.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    whole.replace(target)
    return target
