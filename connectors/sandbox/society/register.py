"""The civil register (hộ tịch) as a SQLite database: one line per birth, death or marriage.

    so_ho_tich(id, ma_xa, loai, ngay_dang_ky, ho_ten, so_dinh_danh, cap_nhat)

The centre reads counts by month out of it with one SELECT; names stay where they are. The
file is written anew at each start, whole or not at all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from connectors.sandbox.one_stop.people import full_name, identity_number
from connectors.sandbox.society.figures import TEMPERS
from connectors.sandbox.society.forms import MONTHS, SILENT, SILENT_MONTHS, WORDS

TABLE = """CREATE TABLE so_ho_tich (id INTEGER PRIMARY KEY, ma_xa TEXT NOT NULL, loai TEXT NOT NULL,
    ngay_dang_ky TEXT NOT NULL, ho_ten TEXT NOT NULL, so_dinh_danh TEXT, cap_nhat TEXT NOT NULL)"""
YEARLY = {"birth": 15.0, "death": 6.4, "marriage": 5.8}
"""Events a year per 1,000 people, about."""
WEDDINGS = (1.5, 0.7, 1.3, 0.9, 0.8, 0.7, 0.4, 0.6, 1.0, 1.2, 1.4, 1.5)


def write_register(path: Path, seed: int, first_start: datetime, now: datetime) -> int:
    """Write the register up to `now`; how many lines. Naive local moments."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.tmp")
    part.unlink(missing_ok=True)
    database = sqlite3.connect(part)
    try:
        with database:
            database.execute(TABLE)
            database.execute("CREATE INDEX theo_ngay ON so_ho_tich (ngay_dang_ky)")
            put = "INSERT INTO so_ho_tich VALUES (NULL, ?, ?, ?, ?, ?, ?)"
            number = database.executemany(put, _events(seed, first_start, now)).rowcount
    finally:
        database.close()
    part.replace(path)
    return number


def _events(seed: int, first_start: datetime, now: datetime) -> Iterator[tuple[str, str, str, str, str, str]]:
    first = (first_start - timedelta(days=round(MONTHS * 30.44))).date().replace(day=1)
    silent = first_start - timedelta(days=round(SILENT_MONTHS * 30.44))
    for unit, temper in TEMPERS.items():
        until = min(now, silent) if unit == SILENT else now
        day = first
        while day <= until.date():
            if day.weekday() < 5:
                yield from _of_day(unit, temper.people, day, seed, until)
            day += timedelta(days=1)


def _of_day(
    unit: str, people: int, day: date, seed: int, until: datetime
) -> Iterator[tuple[str, str, str, str, str, str]]:
    random = Random(f"{seed} register {unit} {day}")
    for kind, yearly in YEARLY.items():
        mean = people / 1000 * yearly / 250 * (WEDDINGS[day.month - 1] if kind == "marriage" else 1.0)
        for _ in range(sum(random.random() < mean / 8 for _ in range(8))):
            moment = datetime.combine(day, time(8)) + timedelta(minutes=random.randrange(500))
            name, identity = full_name(random), identity_number(random)
            if moment <= until:
                yield unit, WORDS["register"][kind], day.isoformat(), name, identity, f"{moment:%Y-%m-%d %H:%M:%S}"
