"""What a commune has beside its dossiers, made up for the benches: three years of documents, petitions and reports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from datasets.indicators.catalogue import Catalogue
from datasets.indicators.definition import Element
from datasets.periods import Period, PeriodType
from datasets.schema import BY_NAME
from datasets.schema.dataset import Context, Row
from datasets.store import Store
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar

YEARS = 3
STRETCH = 5000
REPORTED = (PeriodType.MONTH, PeriodType.WEEK, PeriodType.DAY, PeriodType.QUARTER, PeriodType.YEAR)
"""By which periods an element is reported: the first of these that it allows."""


def documents(unit: str, now: datetime) -> Iterator[Row]:
    """Forty-two come in a week and fourteen go out; one in five of the last month's is still open."""
    start = now - timedelta(days=365 * YEARS)
    for n in range(YEARS * 365 * 8):
        at = start + timedelta(hours=3 * n)
        incoming = n % 4 != 3
        is_open = incoming and n % 5 == 0 and now - at < timedelta(days=30)
        ended = None if is_open or not incoming else min(at + timedelta(days=n % 9), now)
        yield {
            "unit": unit,
            "direction": "in" if incoming else "out",
            "register_year": at.year,
            "register_number": str(n),
            "document_type": ("Công văn", "Quyết định", "Báo cáo")[n % 3],
            "issuer": f"Cơ quan {n % 12}",
            "urgency": "normal" if n % 6 else "urgent",
            "issued_on": at.date(),
            "arrived_at": at,
            "due_at": at + timedelta(days=5) if incoming else None,
            "done_at": ended,
            "status": "processing" if is_open else "done" if incoming else "accepted",
            "handler": f"Người xử lý {n % 8}",
            "department": f"Phòng {n % 3}",
            "signed_organisation": n % 9 != 0,
            "signed_person": n % 7 != 0,
            "via_interlink": n % 10 != 0,
        }


def petitions(unit: str, now: datetime) -> Iterator[Row]:
    """One a day."""
    for n in range(YEARS * 365):
        at = now - timedelta(days=YEARS * 365 - n)
        answered = min(at + timedelta(days=n % 12), now) if now - at > timedelta(days=6) else None
        yield {
            "unit": unit,
            "petition_code": f"P{n}",
            "channel": ("app", "phone", "direct")[n % 3],
            "category": ("Đất đai", "Môi trường", "Giao thông", "An ninh")[n % 4],
            "received_at": at,
            "due_at": at + timedelta(days=10),
            "answered_at": answered,
            "status": "answered" if answered else "processing",
            "satisfied": n % 8 != 0,
            "repeated": n % 20 == 0,
        }


def observations(unit: str, now: datetime, catalogue: Catalogue) -> Iterator[Row]:
    """Every element of the catalogue with its categories, each period of three years."""
    for place, element in enumerate(catalogue.elements.values()):
        for period in _periods(element, now):
            grown = period.start.timetuple().tm_yday if element.cumulative else 100
            for n, category in enumerate(("", *element.categories)):
                value = float((place % 17 + 3) * grown // (n + 1) + period.start.month)
                yield {"unit": unit, "element": element.id, "period": period.id, "category": category, "value": value}


def _periods(element: Element, now: datetime) -> Iterator[Period]:
    kind = next(kind for kind in (*REPORTED, *element.periods) if kind in element.periods)
    period = Period.of(now.date(), kind).previous()
    while period.start.year > now.year - YEARS:
        yield period
        period = period.previous()


def furnish(store: Store, unit: str, now: datetime, zone: ZoneInfo, catalogue: Catalogue) -> None:
    """Deliver all of it, each dataset by a source of its own."""
    for name, rows in (
        ("document", documents(unit, now)),
        ("petition", petitions(unit, now)),
        ("observation", observations(unit, now, catalogue)),
    ):
        validator = Validator(BY_NAME[name], Context(now, zone, WorkingCalendar()), name, {unit})
        checked = [validator.check(row, str(n)) for n, row in enumerate(rows)]
        kept = [row for row in checked if isinstance(row, tuple)]
        assert len(kept) == len(checked), next(row for row in checked if not isinstance(row, tuple))
        with store.delivery(BY_NAME[name], name, store.ledger.begin(name, name)) as delivery:
            for start in range(0, len(kept), STRETCH):
                delivery.stage(kept[start : start + STRETCH])
            delivery.commit(read=len(kept), as_of=now)
