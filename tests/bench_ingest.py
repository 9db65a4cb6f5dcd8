"""How fast a backfill goes in: `python tests/bench_ingest.py [rows]`.

100,000 dossiers of one commune over three years, as the intake takes them, from parsed records to
commit (map, validate, merge, rollups), on SQLite and on PostgreSQL; then the same delivery again, which must write
nothing. Beside it the same tuples put in bare, by executemany and by COPY, into the
same table with its indexes: the floor no merge can go below.
"""

from __future__ import annotations

import itertools
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))

from connectors.connector import RawRecord
from connectors.field_map import FieldMap
from connectors.intake import STRETCH
from datasets.schema import DOSSIER
from datasets.schema.dataset import Context
from datasets.store import Outcome, Store, open_store
from datasets.store.staging import fill
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar
from tests.own_postgresql import new_database, own_postgresql

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PAGE = 1000
RUNS = 3
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
FIELDS = ("Hộ tịch", "Đất đai", "Chứng thực", "Bảo trợ xã hội", "Kinh doanh", "Xây dựng", "Môi trường", "Giáo dục")


def records(count: int, code: str = "H01", status: str = "9") -> Iterator[list[RawRecord]]:
    """Pages of records as a one-stop system gives them, spread evenly over three years.

    code     before each number
    status   of most that have ended
    """
    chance = random.Random(20261120)
    minutes = 3 * 365 * 24 * 60
    page: list[RawRecord] = []
    for number in range(count):
        received = NOW - timedelta(minutes=minutes - minutes * number // count)
        ended = received + timedelta(minutes=chance.randrange(60, 15 * 24 * 60))
        done = ended < NOW
        page.append(
            RawRecord(
                f"bản ghi {number}",
                {
                    "MaDonVi": "26275",
                    "MaHoSo": f"{code}.22-{received:%y%m%d}-{number:06d}",
                    "MaTTHC": f"1.{chance.randrange(200):06d}",
                    "TenTTHC": f"Thủ tục hành chính số {chance.randrange(200)}",
                    "TenLinhVuc": chance.choice(FIELDS),
                    "MucDo": chance.choice("432"),
                    "KenhThucHien": chance.choice("1223"),
                    "NgayTiepNhan": f"{received:%Y%m%d%H%M%S}",
                    "NgayHenTra": f"{received + timedelta(days=chance.choice((1, 3, 5, 10, 20))):%Y%m%d%H%M%S}",
                    "NgayKetThucXuLy": f"{ended:%Y%m%d%H%M%S}" if done else "",
                    "NgayTra": "",
                    "TrangThaiHoSo": chance.choice((status, status, status, "3")) if done else "4",
                    "Thon": f"Thôn {chance.randrange(12)}",
                    "NoiTiepNhan": "Bộ phận Một cửa",
                    "NguoiXuLy": f"Cán bộ {chance.randrange(12)}",
                    "DanhSachHoSoBoSung": [],
                    "DanhSachLePhi": [{"Gia": chance.choice(("0", "8000", "50000"))}],
                    "TaiLieuNop": [{"DuocSoHoa": chance.choice("01")}],
                    "DanhSachGiayToKetQua": [{"DuongDanTepTinKetQua": chance.choice(("", "/kq.pdf"))}],
                    "DuocThanhToanTrucTuyen": chance.choice("012"),
                    "ChuHoSo": "Nguyễn Văn A",
                    "NgayCapNhat": f"{min(ended, NOW):%Y%m%d%H%M%S}",
                },
            )
        )
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def deliver(store: Store, count: int, **those: str) -> tuple[Outcome, dict[str, float]]:
    """One pull of all records, of `those`: what became of it, and the seconds of each step.

    Making the records up is not counted; everything from parsed record to commit is.
    """
    mapper = FieldMap.find("one_stop_dvcqg", Path()).bind(DOSSIER, None, ZONE)
    validator = Validator(DOSSIER, Context(NOW, ZONE, WorkingCalendar()), "one_stop", {"26275"})
    pull_id = store.ledger.begin("one_stop", "dossier")
    seconds = dict.fromkeys(("map", "validate", "stage", "commit"), 0.0)
    with store.delivery(DOSSIER, "one_stop", pull_id) as delivery:
        for page in records(count, **those):
            taken: list[tuple[object, ...]] = []
            for start in range(0, len(page), STRETCH):
                times = [time.perf_counter()]
                part = page[start : start + STRETCH]
                columns, unread = mapper.map_columns(part)
                times.append(time.perf_counter())
                checked = validator.check_columns(columns, [record.row_id for record in part], unread)
                taken += [row for row in checked if isinstance(row, tuple)]
                times.append(time.perf_counter())
                for step, (begin, end) in zip(("map", "validate"), pairwise(times), strict=True):
                    seconds[step] += end - begin
            began = time.perf_counter()
            delivery.stage(taken)
            seconds["stage"] += time.perf_counter() - began
        began = time.perf_counter()
        outcome = delivery.commit(read=count, as_of=NOW)
        seconds["commit"] = time.perf_counter() - began
    return outcome, seconds


def bare(store: Store, count: int) -> float:
    """Seconds to put the same tuples straight into the table: executemany, or COPY."""
    mapper = FieldMap.find("one_stop_dvcqg", Path()).bind(DOSSIER, None, ZONE)
    validator = Validator(DOSSIER, Context(NOW, ZONE, WorkingCalendar()), "one_stop", None)
    columns, stamp = (*DOSSIER.columns, "first_seen_at", "changed_at", "pull_id"), "2026-11-20 02:00:00"
    seconds = 0.0
    with store.engine.connect() as connection, connection.begin():
        for page in records(count):
            tuples = [(*validator.check(mapper.map(record), ""), stamp, stamp, 1) for record in page]  # type: ignore
            began = time.perf_counter()
            fill(connection, "dossier", columns, tuples)
            seconds += time.perf_counter() - began
        began = time.perf_counter()
        connection.commit()
    return seconds + time.perf_counter() - began


def measure(name: str, urls: Iterator[str], count: int) -> None:
    """Each run in a new store, since the machine's pace varies; then the same delivery again in the last."""
    floor_name = "executemany" if name == "SQLite" else "COPY"
    rates = []
    for _ in range(RUNS):
        with closing(open_store(next(urls), lambda: NOW)) as other:
            floor = bare(other, count)
        print(f"{name:11} bare {floor_name:15} {floor:6.2f} s  {count / floor:8,.0f} rows/s")
        with closing(open_store(next(urls), lambda: NOW)) as store:
            rates.append(_told(name, "first delivery", store, count))
            if len(rates) == RUNS:
                _told(name, "the same again", store, count)
    print(f"{name:11} best {max(rates):,.0f} rows/s of {RUNS} first deliveries\n")


def _told(name: str, label: str, store: Store, count: int) -> float:
    outcome, seconds = deliver(store, count)
    whole = sum(seconds.values())
    steps = ", ".join(f"{step} {took:.2f}" for step, took in seconds.items())
    print(f"{name:11} {label:20} {whole:6.2f} s  {count / whole:8,.0f} rows/s  ({steps})")
    print(f"{'':12}new {outcome.new}, unchanged {outcome.unchanged}, data version {outcome.version}")
    return count / whole


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"{count:,} dossiers, from parsed record to commit, in pages of {PAGE}")
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", (f"sqlite:///{folder}/{number}.db" for number in itertools.count()), count)
    with own_postgresql() as server:
        measure("PostgreSQL", (new_database(server, f"bench_{number}") for number in itertools.count()), count)
    print(f"peak memory of this process {_peak():.0f} MB")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
