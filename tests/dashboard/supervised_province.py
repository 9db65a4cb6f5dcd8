"""An invented province of four communes, small enough to count by hand.

Week 47 of 2026 (16/11 to 22/11), seen on Friday 20/11 at 09:00, dossiers due on 18/11:

    commune         resolved  on time   pending overdue (due 18/11)
    97001 An        100       97        0
    97002 Bé        10        8         0
    97003 Cần       100       70        12: 9 Đất đai, 3 Hộ tịch; handlers Lê Năm 10, Vũ Sáu 2
    together        210       175 = 83.3 %

97004 Dứt was merged into 97003 on 1/10/2026. In September 97003 received 20 dossiers, 97004 5.
Limits of 97002: 10 dossiers at 83.3 %: 8 of 10 is well within.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
UNITS = """code,name,level,parent,kind,valid_from,valid_to,successor,population,households
97,Tỉnh Giám Sát,province,,demo_province,,,,,
97001,Xã An,commune,97,demo_commune,,,,9000,2000
97001-1,Thôn An Một,hamlet,97001,hamlet,,,,,
97002,Xã Bé,commune,97,demo_commune,,,,1000,250
97003,Xã Cần,commune,97,demo_commune,,,,8000,1900
97003-1,Thôn Cần Một,hamlet,97003,hamlet,,,,,
97003-2,Thôn Cần Hai,hamlet,97003,hamlet,,,,,
97004,Xã Dứt,commune,97,demo_commune,,2026-09-30,97003,,
96,Tỉnh Khác,province,,demo_province,,,,,
96001,Xã Ngoài,commune,96,demo_commune,,,,,
"""
CONFIG = """
centre: {name: "Trung tâm tỉnh Giám Sát", unit: "97", demo: true}
units: units.csv
store: {url: "sqlite:///ioc.db"}
sources:
  one_stop:
    title: {vi: Một cửa điện tử, en: One-stop system}
    dataset: dossier
    connector: rest
    map: one_stop_dvcqg
    url: http://127.0.0.1:9/
    stale_after: 2h
"""


def rows() -> list[dict[str, object]]:
    """Every dossier of the province, as a source would give it."""
    found = []
    for unit, on_time, late in (("97001", 97, 3), ("97002", 8, 2), ("97003", 70, 30)):
        found += [_dossier(unit, f"{unit}-E{n}", 16, 18, 17) for n in range(on_time)]
        found += [_dossier(unit, f"{unit}-L{n}", 16, 18, 19) for n in range(late)]
    found += [
        _dossier("97003", f"97003-P{n}", 16, 18, None)
        | {"procedure_field": "Đất đai" if n < 9 else "Hộ tịch", "handler": "Lê Năm" if n < 10 else "Vũ Sáu"}
        for n in range(12)
    ]
    for unit, count in (("97003", 20), ("97004", 5)):
        found += [
            _dossier(unit, f"{unit}-S{n}", 16, 18, 17)
            | {
                "received_at": datetime(2026, 9, 7, 8, tzinfo=ZONE),
                "due_at": date(2026, 9, 10),
                "finished_at": datetime(2026, 9, 9, 15, tzinfo=ZONE),
            }
            for n in range(count)
        ]
    return found


def _dossier(unit: str, code: str, received: int, due: int, finished: int | None) -> dict[str, object]:
    row: dict[str, object] = {
        "unit": unit,
        "dossier_code": code,
        "procedure_name": "Thủ tục",
        "procedure_field": "Hộ tịch",
        "hamlet": "Thôn Cần Một" if unit == "97003" else None,
        "handler": "Lê Năm",
        "channel": "online",
        "received_at": datetime(2026, 11, received, 8, tzinfo=ZONE),
        "due_at": date(2026, 11, due),
        "status": "finished" if finished else "processing",
    }
    if finished:
        row["finished_at"] = datetime(2026, 11, finished, 15, tzinfo=ZONE)
    return row
