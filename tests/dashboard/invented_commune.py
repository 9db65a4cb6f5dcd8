"""The invented commune Bình Minh in week 47 of 2026, small enough to count by hand.

Dossiers of week 47 (Monday 16/11 to Sunday 22/11), seen on Friday 20/11 at 09:00:

    code  field      hamlet     channel  received  due    finished
    A1    Hộ tịch    Thôn Đông  online   16/11     18/11  17/11       early
    A2    Hộ tịch    Thôn Đông  online   16/11     18/11  18/11       on time
    A3    Hộ tịch    Thôn Tây   direct   17/11     18/11  19/11       late
    A4    Đất đai    Thôn Tây   direct   17/11     30/11  -           pending in time
    A5    Đất đai    Thôn Đông  online   18/11     19/11  -           pending overdue
    A6    Chứng thực Thôn Đông  postal   19/11     27/11  -           pending in time
and of week 46 (9/11 to 15/11):
    B1    Hộ tịch    Thôn Đông  online   09/11     11/11  10/11
    B2    Đất đai    Thôn Tây   direct   10/11     16/11  -           pending overdue

So in week 47: received 6, resolved 3, on time 2 of 3, pending 4, of them overdue 2
(A5, B2); carried over 1 (B2). Online 3 of 6.

Facts of the pilot commune (real names, invented numbers): 3 accounts in 09/2020, 24 in
05/2022; income 55.25 in 2022. Cases of a disease by hamlet: 12, 3, 7.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from datasets.clock import Clock
from datasets.schema import BY_NAME
from datasets.schema.dataset import Context
from datasets.settings import Settings
from datasets.store import Store
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
UNITS = """code,name,level,parent,kind,valid_from,valid_to,successor,population,households
98,Tỉnh Bình Minh,province,,demo_province,,,,,
98001,Xã Bình Minh,commune,98,demo_commune,,,,8000,2000
98001-1,Thôn Đông,hamlet,98001,hamlet,,,,,
98001-2,Thôn Tây,hamlet,98001,hamlet,,,,,
98001-3,Thôn Nam,hamlet,98001,hamlet,,,,,
98002,Xã Hoàng Hôn,commune,98,demo_commune,,,,6000,1500
TD-1,Xã Thí Điểm,commune,,demo_commune,,2025-06-30,,,
"""
CONFIG = """
centre: {name: "Trung tâm điều hành xã Bình Minh", unit: "98001", demo: true}
units: units.csv
store: {url: "sqlite:///ioc.db"}
sources:
  one_stop:
    title: {vi: Một cửa điện tử, en: One-stop system}
    dataset: dossier
    connector: rest
    map: one_stop_dvcqg
    url: http://127.0.0.1:9/
    schedule: "*/10 * * * *"
    stale_after: 2h
    contact: Bộ phận Một cửa
  reports:
    title: {vi: Báo cáo, en: Reports}
    dataset: observation
    connector: files
    map: observation_form
    path: inbox
    stale_after: 3650d
"""
DOSSIERS = """
A1|Hộ tịch|Thôn Đông|online|16|18|17
A2|Hộ tịch|Thôn Đông|online|16|18|18
A3|Hộ tịch|Thôn Tây|direct|17|18|19
A4|Đất đai|Thôn Tây|direct|17|30|
A5|Đất đai|Thôn Đông|online|18|19|
A6|Chứng thực|Thôn Đông|postal|19|27|
B1|Hộ tịch|Thôn Đông|online|9|11|10
B2|Đất đai|Thôn Tây|direct|10|16|
"""
FACTS = (
    ("TD-1", "doc_accounts", "202009", 3.0),
    ("TD-1", "doc_accounts", "202205", 24.0),
    ("TD-1", "se_income_per_head", "2022", 55.25),
    ("98001-1", "hl_cases", "2026W47", 12.0),
    ("98001-2", "hl_cases", "2026W47", 3.0),
    ("98001-3", "hl_cases", "2026W47", 7.0),
)


def fill(store: Store, settings: Settings, calendar: WorkingCalendar, clock: Clock) -> None:
    """Deliver everything, as two pulls would."""
    context = Context(now=clock(), time_zone=ZONE, calendar=calendar)
    deliver(store, context, "one_stop", "dossier", [dossier(line) for line in DOSSIERS.split("\n") if line])
    facts = [{"unit": u, "element": e, "period": p, "value": v} for u, e, p, v in FACTS]
    deliver(store, context, "reports", "observation", facts)


def dossier(line: str) -> dict[str, object]:
    code, field, hamlet, channel, received, due, finished = line.split("|")
    row: dict[str, object] = {
        "unit": "98001",
        "dossier_code": code,
        "procedure_name": f"Thủ tục {field}",
        "procedure_field": field,
        "hamlet": hamlet,
        "channel": channel,
        "received_at": datetime(2026, 11, int(received), 8, tzinfo=ZONE),
        "due_at": date(2026, 11, int(due)),
        "status": "finished" if finished else "processing",
    }
    if finished:
        row["finished_at"] = datetime(2026, 11, int(finished), 15, tzinfo=ZONE)
    return row


def deliver(store: Store, context: Context, source: str, dataset: str, rows: list[dict[str, object]]) -> None:
    declared = BY_NAME[dataset]
    validator = Validator(declared, context, source, None)
    ready = []
    for number, row in enumerate(rows):
        checked = validator.check(row, str(number))
        assert isinstance(checked, tuple), checked
        ready.append(checked)
    pull = store.ledger.begin(source, dataset)
    with store.delivery(declared, source, pull) as delivery:
        delivery.stage(ready)
        delivery.commit(read=len(rows), as_of=context.now)
