"""The list of records over a million rows: `python tests/bench_records.py [rows]`; part of `make bench`.

One commune with all rows, and 130 communes that share them, on SQLite and PostgreSQL: the
count, the first page, a page deep inside, a sorted page, a search; the whole list as CSV.
CPU and wall time in ms, peak memory of the export.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent.parent))

from datasets.indicators.calculate import Calculator
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.records import RecordRequest, each_record, records, row_counts
from datasets.periods import Period
from datasets.schema import DOSSIER
from datasets.store import open_store
from datasets.store.rollup import rebuild_all
from datasets.units import OrgUnit, UnitTree
from datasets.working_days import WorkingCalendar
from tests.own_postgresql import own_postgresql

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, tzinfo=ZONE)
YEAR = Period.parse("2026")
COMMUNES = 130
FILL = """
INSERT INTO dossier (unit, source, dossier_code, procedure_code, procedure_name, procedure_field, channel, received_at,
  due_at, finished_at, status, hamlet, handler, received_on, due_on, end_class, end_at, end_on, timeliness,
  overdue_from, settled_on, maybe_open, working_days, late_766, first_seen_at, changed_at, pull_id)
SELECT {unit}, 'bench', 'D' || n, '1.00' || (n % 40), 'Procedure ' || (n % 40), 'Field ' || (n % 9),
  CASE n % 3 WHEN 0 THEN 'online' ELSE 'direct' END, {received}, {due}, {ended},
  CASE WHEN {open} THEN 'processing' ELSE 'finished' END, 'Hamlet ' || (n % 12), 'H' || (n % 7),
  {received_day}, {due_day}, CASE WHEN {open} THEN NULL ELSE 'done' END, {ended}, {ended_day},
  CASE WHEN {open} THEN NULL WHEN n % 10 = 0 THEN 'late' ELSE 'early' END, {due_day}, {ended_day}, {open}, n % 9,
  CASE WHEN {open} THEN NULL ELSE n % 10 = 0 END, {received}, {received}, 1
FROM {numbers}
"""


def sqlite_words(rows: int) -> dict[str, str]:
    def moment(days: str) -> str:
        return f"datetime('2026-01-02 08:00:00', '+' || ({days}) || ' days') || '.000000'"

    def day(days: str) -> str:
        return f"date('2026-01-02', '+' || ({days}) || ' days')"

    counted = f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows}) SELECT n FROM s"
    return _words(moment, day, f"({counted})")


def postgresql_words(rows: int) -> dict[str, str]:
    def moment(days: str) -> str:
        return f"timestamp '2026-01-02 08:00:00' + ({days}) * interval '1 day'"

    def day(days: str) -> str:
        return f"date '2026-01-02' + ({days})"

    return _words(moment, day, f"generate_series(1, {rows}) AS s(n)")


def _words(moment: Callable[[str], str], day: Callable[[str], str], numbers: str) -> dict[str, str]:
    gone, wait = "n % 320", "n % 320 + n % 14"
    still = "(n % 50 = 0)"
    return {
        "received": moment(gone),
        "due": moment("n % 320 + 10"),
        "ended": f"CASE WHEN {still} THEN NULL ELSE {moment(wait)} END",
        "received_day": day(gone),
        "due_day": day("n % 320 + 10"),
        "ended_day": f"CASE WHEN {still} THEN NULL ELSE {day(wait)} END",
        "open": still,
        "numbers": numbers,
    }


def tree() -> UnitTree:
    def unit(code: str, level: str, parent: str | None) -> OrgUnit:
        return OrgUnit(code, code, level, parent, level, None, None, None, None, None)

    communes = (unit(f"{1000 + n}", "commune", "99") for n in range(COMMUNES))
    return UnitTree((unit("99", "province", None), unit("1", "commune", None), *communes))


@contextmanager
def measured(name: str) -> Iterator[None]:
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    used, took = 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)
    print(f"  {name:<42} {used:9.0f} ms CPU here {took:9.0f} ms", flush=True)


def bench(url: str, rows: int, words: dict[str, str]) -> None:
    units = (("one commune", "'1'", "1"), (f"{COMMUNES} communes", f"'' || (1000 + n % {COMMUNES})", "99"))
    for title, unit, code in units:
        store = open_store(url, lambda: NOW)
        filling = FILL.format(unit=unit, **words)
        with store.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM dossier"))
            connection.exec_driver_sql(filling.replace("%", "%%") if "postgresql" in url else filling)
            rebuild_all(connection, DOSSIER)
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        calculator = Calculator(store, load_catalogue(), tree(), WorkingCalendar(), ZONE, lambda: NOW)
        print(f"{url.split(':', maxsplit=1)[0]}, {title}, {rows} rows")
        asked = RecordRequest("ps_received", code, YEAR)
        for indicator in ("ps_received", "ps_pending_overdue", "ps_on_time_rate"):
            request = replace(asked, indicator=indicator)
            with measured(f"{indicator}: count"):
                counts = row_counts(calculator, request)
            total = counts.total
            with measured(f"{indicator}: first page of {total}"):
                records(calculator, request, counts)
            with measured(f"{indicator}: page in the middle"):
                records(calculator, replace(request, offset=total // 2), counts)
            with measured(f"{indicator}: sorted by handler"):
                records(calculator, replace(request, sort=(("handler", True),)), counts)
        with measured("search for one code"):
            found = replace(asked, search=f"D{rows // 2}")
            records(calculator, found, row_counts(calculator, found))
        with measured("one field of one day type"):
            found = replace(asked, filters={"procedure_field": "Field 3"})
            records(calculator, found, row_counts(calculator, found))
        with measured("every row read once"):
            read = sum(1 for _ in each_record(calculator, asked))
        print(f"  read {read} rows; peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
        store.close()


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench(f"sqlite:///{folder}/bench.db", rows, sqlite_words(rows))
        with own_postgresql() as server:
            bench(server.render_as_string(hide_password=False), rows, postgresql_words(rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
