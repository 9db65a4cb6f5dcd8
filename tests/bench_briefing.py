"""How long a pack of four files takes, and 130 of them: `python tests/bench_briefing.py [communes] [dossiers a week]`.

A province of communes is made up: 14 weeks of dossiers and documents, 15 months of every figure of the
catalogue, weekly cases of disease. Then the real command writes DOCX, PDF, PPTX and XLSX, first for one
commune and then for all of them; time, memory and child processes are those of its process.
Prints one line per promise; exit 1 when one is broken.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from datasets.indicators.catalogue import load_catalogue  # noqa: E402
from datasets.periods import Period, PeriodType  # noqa: E402
from datasets.schema import BY_NAME  # noqa: E402
from datasets.schema.dataset import Context  # noqa: E402
from datasets.store import Store, open_store  # noqa: E402
from datasets.validate import Validator  # noqa: E402
from datasets.working_days import WorkingCalendar  # noqa: E402

GIVEN = tuple(map(int, sys.argv[1:]))
COMMUNES, A_WEEK = (*GIVEN, *(130, 200)[len(GIVEN) :])
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=ZONE)
WEEK, WEEKS, MONTHS = "2026W47", 14, 15
FORMATS = ("docx", "pdf", "pptx", "xlsx")
FIELDS = ("Hộ tịch", "Đất đai", "Chứng thực", "Bảo trợ xã hội", "Kinh doanh", "Xây dựng", "Môi trường", "Giáo dục")
SOURCES = {"one_stop": "dossier", "register": "document", "reports": "observation"}
Rows = Iterator[dict[str, object]]


def units() -> str:
    lines = ["code,name,level,parent,kind,valid_from,valid_to,successor,population,households"]
    lines.append("98,Tỉnh Đo Đạc,province,,demo_province,,,,,")
    for number in range(1, COMMUNES + 1):
        code = f"98{number:03}"
        lines.append(f"{code},Xã Số {number},commune,98,demo_commune,,,,{6000 + 40 * number},{1500 + 10 * number}")
        lines += [f"{code}-T{n},Thôn {n},hamlet,{code},hamlet,,,,," for n in range(1, 9)]
    return "\n".join(lines) + "\n"


def configuration() -> str:
    sources = "".join(
        f"  {name}: {{title: {{vi: {name}, en: {name}}}, dataset: {dataset}, connector: files, map: {map_}, "
        f"path: in/{name}, stale_after: 30d}}\n"
        for (name, dataset), map_ in zip(
            SOURCES.items(), ("one_stop_dvcqg", "ioffice_export", "observation_form"), strict=True
        )
    )
    return (
        'centre: {name: "Trung tâm đo đạc", unit: "98", demo: true}\nunits: units.csv\n'
        f'store: {{url: "sqlite:///ioc.db"}}\nsources:\n{sources}'
    )


def dossiers(unit: str, chance: random.Random) -> Rows:
    skill = chance.uniform(0.85, 0.99)
    for number in range(WEEKS * A_WEEK):
        received = NOW - timedelta(minutes=chance.randrange(1, WEEKS * 7 * 24 * 60))
        allowed = chance.choice((1, 3, 5, 10, 20))
        took = chance.uniform(0.2, 0.95) * allowed if chance.random() < skill else allowed + chance.uniform(1, 6)
        ended = received + timedelta(days=took)
        row: dict[str, object] = {
            "unit": unit, "dossier_code": f"H98.{unit}-{number:05}", "procedure_name": "Thủ tục",
            "procedure_field": chance.choice(FIELDS), "hamlet": f"{unit}-T{chance.randrange(1, 9)}",
            "channel": chance.choice(("online", "online", "direct", "postal")), "received_at": received,
            "due_at": (received + timedelta(days=allowed)).date(), "handler": f"CB{chance.randrange(1, 8)}",
            "status": "finished" if ended < NOW else "processing",
        }  # fmt: skip
        if ended < NOW:
            row["finished_at"] = ended
        yield row


def documents(unit: str, chance: random.Random) -> Rows:
    for number in range(WEEKS * A_WEEK):
        arrived = NOW - timedelta(minutes=chance.randrange(1, WEEKS * 7 * 24 * 60))
        ended = arrived + timedelta(days=chance.uniform(0.2, 6))
        incoming = chance.random() < 0.8
        row: dict[str, object] = {
            "unit": unit, "direction": "in" if incoming else "out", "register_number": str(number + 1),
            "register_year": 2026, "number_notation": f"{number + 1}/CV-UBND", "document_type": "Công văn",
            "department": f"Phòng {chance.randrange(1, 5)}", "issued_on": arrived.date(), "via_interlink": True,
            "status": "done" if ended < NOW else "processing",
        }  # fmt: skip
        if incoming:
            row |= {"arrived_at": arrived, "due_at": (arrived + timedelta(days=4)).date()}
        if ended < NOW:
            row["done_at"] = ended
        yield row


def figures(unit: str, chance: random.Random) -> Rows:
    month, week = Period.of(date(2026, 10, 15), PeriodType.MONTH), Period.parse(WEEK)
    for element in load_catalogue().elements.values():
        if element.categories:
            continue
        by_week = PeriodType.WEEK in element.periods
        if not by_week and PeriodType.MONTH not in element.periods:
            continue
        for back in range(60 if by_week else MONTHS):
            period = (week if by_week else month).previous(back)
            yield {"unit": unit, "element": element.id, "period": period.id, "value": float(chance.randrange(3, 900))}


MAKERS = {"one_stop": dossiers, "register": documents, "reports": figures}


def fill(store: Store) -> int:
    """Deliver a province; gives how many rows."""
    calendar = WorkingCalendar()
    whole = 0
    for source, dataset in SOURCES.items():
        validator = Validator(BY_NAME[dataset], Context(NOW, ZONE, calendar), source, None)
        count = 0
        with store.delivery(BY_NAME[dataset], source, store.ledger.begin(source, dataset)) as delivery:
            for number in range(1, COMMUNES + 1):
                rows = list(MAKERS[source](f"98{number:03}", random.Random(number)))
                checked = validator.check_all(rows, [""] * len(rows))
                wrong = next((each for each in checked if not isinstance(each, tuple)), None)
                assert wrong is None, wrong
                delivery.stage(checked)
                count += len(rows)
            delivery.commit(read=count, as_of=NOW)
        whole += count
    return whole


@dataclass
class Run:
    """What one run of the command took."""

    wall: float
    cpu: float
    peak_mb: float
    children: int
    files: int


def run(folder: Path, chosen: list[str]) -> Run:
    """The command as the office gives it, watched from outside."""
    out = folder / f"out-{len(chosen)}"
    said = ["briefing", "--config", str(folder / "config.yaml"), "--period", WEEK, "--to", str(out), "--fresh"]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", *said, "--formats", ",".join(FORMATS), "--unit", *chosen],
        cwd=ROOT, env=os.environ | {"IOC_NOW": NOW.isoformat()}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    children: set[str] = set()
    while True:
        children |= children_of(process.pid)
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(0.2)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, process.returncode
    cpu = usage.ru_utime + usage.ru_stime
    files = sum(path.stat().st_size > 5_000 for path in out.iterdir())
    return Run(time.perf_counter() - began, cpu, usage.ru_maxrss / 1024, len(children), files)


def children_of(pid: int) -> set[str]:
    try:
        return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except OSError:
        return set()


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "units.csv").write_text(units(), "utf-8")
        (folder / "config.yaml").write_text(configuration(), "utf-8")
        began = time.perf_counter()
        with closing(open_store(f"sqlite:///{folder}/ioc.db", lambda: NOW)) as store:
            rows = fill(store)
            store.checkpoint()
        print(f"{COMMUNES} communes, {rows:,} rows, made in {time.perf_counter() - began:.0f} s")
        codes = [f"98{number:03}" for number in range(1, COMMUNES + 1)]
        one, province, every = run(folder, codes[:1]), run(folder, ["98"]), run(folder, codes)
    lines = [
        ("one pack of four files, seconds (<= 5)", one.wall, one.wall <= 5),
        ("   of processor time", one.cpu, True),
        ("   memory, MB (<= 400)", one.peak_mb, one.peak_mb <= 400),
        ("the province's pack with its ranking, seconds", province.wall, True),
        ("   memory, MB", province.peak_mb, True),
        (f"{COMMUNES} packs, seconds (<= 360)", every.wall, every.wall <= 360),
        ("   of processor time", every.cpu, True),
        ("   memory, MB", every.peak_mb, True),
        ("   files", every.files, every.files == len(FORMATS) * COMMUNES),
        ("processes started beside its own", one.children + every.children, one.children + every.children == 0),
    ]
    for said, value, kept in lines:
        print(f"{'ok    ' if kept else 'BROKEN'} {said}: {value:.1f}")
    return 0 if all(kept for _, _, kept in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
