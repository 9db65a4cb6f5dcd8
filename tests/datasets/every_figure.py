"""An invented commune in which every indicator of the catalogue has something to count.

Dossiers, documents and petitions with every field now filled, now not; one observation of
every element in every type of period it may have, of the commune and of its hamlets.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from datasets.indicators.catalogue import Catalogue
from datasets.periods import Period, PeriodType
from datasets.schema.dataset import Row
from datasets.schema.document import STATUSES as DOCUMENT_STATUSES
from datasets.schema.document import URGENCIES
from datasets.schema.dossier import CHANNELS, SERVICE_LEVELS
from datasets.schema.dossier import STATUSES as DOSSIER_STATUSES
from datasets.schema.petition import CHANNELS as PETITION_CHANNELS
from datasets.schema.petition import STATUSES as PETITION_STATUSES

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
COMMUNE = "98001"
HAMLETS = ("98001-1", "98001-2", "98001-3")
MONTH = Period.parse("202610")
FIRST = datetime(2026, 8, 20, 8, tzinfo=ZONE)
NOW = datetime(2026, 11, 20, 9, tzinfo=ZONE)
FORMULAS = ("=HYPERLINK(1)", "+84", "-1", "@cmd", "\tTab")


def _day(chance: random.Random, after: datetime, most: int) -> datetime:
    return min(after + timedelta(hours=chance.randint(1, most * 24)), NOW - timedelta(hours=1))


def _maybe(chance: random.Random, *choices: object) -> object:
    """One of the choices, now and then nothing."""
    return chance.choice((*choices, None))


def dossiers(count: int = 160) -> Iterator[Row]:
    chance = random.Random(1)
    for number in range(count):
        received = FIRST + timedelta(hours=chance.randint(0, 85 * 24))
        due = received + timedelta(days=chance.randint(2, 20))
        status = chance.choice(DOSSIER_STATUSES)
        row: Row = {
            "unit": COMMUNE,
            "dossier_code": f"D{number:04}",
            "procedure_code": _maybe(chance, "1.001", "1.002"),
            "procedure_name": chance.choice(("Khai sinh", *FORMULAS)),
            "procedure_field": _maybe(chance, "Hộ tịch", "Đất đai"),
            "service_level": _maybe(chance, *SERVICE_LEVELS),
            "channel": chance.choice(CHANNELS),
            "received_at": received,
            "due_at": _maybe(chance, due, due, due),
            "status": status,
            "hamlet": _maybe(chance, "Thôn Đông", "Thôn Tây"),
            "receiving_unit": _maybe(chance, COMMUNE, "98002"),
            "handler": _maybe(chance, "CB-1", "CB-2"),
            "supplement_requests": chance.randint(0, 2),
            "paused_seconds": chance.choice((0, 86_400)),
            "fee_amount": _maybe(chance, 0.0, 8_000.0),
            "updated_at": _day(chance, received, 10),
        }
        for flag in ("paid_online", "parts_digital", "result_digital", "data_reused", "citizen_data_used",
                     "apology_sent"):  # fmt: skip
            row[flag] = _maybe(chance, True, False)
        row["satisfaction"] = _maybe(chance, 1, 2, 3, 4, 5)
        if status in ("finished", "returned"):
            row["finished_at"] = _day(chance, received, 25)
        yield row


def documents(count: int = 120) -> Iterator[Row]:
    chance = random.Random(2)
    for number in range(count):
        arrived = FIRST + timedelta(hours=chance.randint(0, 85 * 24))
        status = chance.choice(DOCUMENT_STATUSES)
        row: Row = {
            "unit": COMMUNE,
            "direction": chance.choice(("in", "out")),
            "register_year": 2026,
            "register_number": str(number),
            "number_notation": f"{number}/QĐ-UBND",
            "document_type": _maybe(chance, "Công văn", "Quyết định"),
            "issuer": _maybe(chance, "UBND tỉnh", "Sở Y tế"),
            "urgency": _maybe(chance, *URGENCIES),
            "issued_on": arrived.date(),
            "arrived_at": arrived,
            "due_at": _maybe(chance, arrived + timedelta(days=chance.randint(1, 15))),
            "status": status,
            "handler": _maybe(chance, "CB-1", "CB-3"),
            "department": _maybe(chance, "Văn phòng"),
            "updated_at": _day(chance, arrived, 8),
        }
        for flag in ("signed_organisation", "signed_person", "via_interlink"):
            row[flag] = _maybe(chance, True, False)
        if status in ("done", "refused", "recalled"):
            row["done_at"] = _day(chance, arrived, 20)
        yield row


def petitions(count: int = 80) -> Iterator[Row]:
    chance = random.Random(3)
    for number in range(count):
        received = FIRST + timedelta(hours=chance.randint(0, 85 * 24))
        status = chance.choice(PETITION_STATUSES)
        row: Row = {
            "unit": COMMUNE,
            "petition_code": f"P{number:04}",
            "channel": _maybe(chance, *PETITION_CHANNELS),
            "category": _maybe(chance, "Môi trường", "Giao thông"),
            "hamlet": _maybe(chance, "Thôn Đông", "Thôn Tây"),
            "received_at": received,
            "due_at": _maybe(chance, received + timedelta(days=chance.randint(2, 20))),
            "status": status,
            "satisfied": _maybe(chance, True, False),
            "repeated": _maybe(chance, True, False),
            "updated_at": _day(chance, received, 8),
        }
        if status == "answered":
            row["answered_at"] = _day(chance, received, 20)
        yield row


def observations(catalogue: Catalogue) -> Iterator[Row]:
    """Of the commune where the number is none of its parts' sum, of every hamlet where it is."""
    chance = random.Random(4)
    for element in catalogue.elements.values():
        units = HAMLETS if element.over_units == "sum" else (COMMUNE,)
        for kind in element.periods:
            last = MONTH.end - timedelta(days=1)
            period = Period.of(date(2025, 12, 31) if kind is PeriodType.YEAR else last, kind)
            for unit in units:
                for category in ("", *element.categories):
                    yield {
                        "unit": unit,
                        "element": element.id,
                        "period": period.id,
                        "category": category,
                        "value": float(chance.randint(6, 900)),
                    }
