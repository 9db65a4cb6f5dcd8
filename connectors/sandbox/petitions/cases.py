"""Petitions: when each comes, what becomes of it, and how it stands at a moment.

About 15 to 40 a month and commune, fewer at Tết, more environment in the rainy months.
Due after 15 working days (QĐ 766, indicator 5.2); how many are answered later than that
is the commune's character. All moments are naive local times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

import yaml

from connectors.sandbox.one_stop.communes import Commune
from connectors.sandbox.one_stop.people import full_name, phone
from datasets.working_days import WorkingCalendar

WORDS = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
TERM_WORKING_DAYS = 15
MONTHS = 36
SILENT_WEEKS = 6
MOMENT = "%Y-%m-%dT%H:%M:%S"
RAINY_MONTHS = range(6, 11)

Record = dict[str, object]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a commune deals with petitions: a month's number, shares of late, repeated and dissatisfied ones."""

    monthly: float
    late: float
    repeated: float
    dissatisfied: float


MANNERS: Mapping[str, Manner] = {
    "99001": Manner(34, late=0.05, repeated=0.04, dissatisfied=0.06),
    "99002": Manner(40, late=0.24, repeated=0.11, dissatisfied=0.17),
    "99003": Manner(26, late=0.09, repeated=0.06, dissatisfied=0.08),
    "99004": Manner(22, late=0.10, repeated=0.07, dissatisfied=0.10),
    "99005": Manner(19, late=0.12, repeated=0.08, dissatisfied=0.09),
    "99006": Manner(15, late=0.03, repeated=0.03, dissatisfied=0.04),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One petition with its whole course; a moment is None when it never comes."""

    unit: str
    code: str
    channel: str
    category: str
    hamlet: str
    received: datetime
    due: datetime
    taken: datetime
    ended: datetime
    end: str  # the status it ends in: 3 answered, 4 refused, 5 withdrawn
    rated: datetime | None
    satisfied: bool
    repeated: bool
    dirt: str
    salt: int

    def moments(self) -> tuple[datetime, ...]:
        """When the system writes to it."""
        return tuple(moment for moment in (self.received, self.taken, self.ended, self.rated) if moment is not None)

    def changed(self, now: datetime) -> datetime | None:
        """The last change until `now`; None when it has not come yet."""
        return max((moment for moment in self.moments() if moment <= now), default=None)


def cases(commune: Commune, seed: int, first_start: datetime, until: date, calendar: WorkingCalendar) -> list[Case]:
    """Every petition of a commune up to a day, oldest first."""
    begin = (first_start - timedelta(days=round(MONTHS * 30.44))).date().replace(day=1)
    silent = first_start - timedelta(weeks=SILENT_WEEKS) if commune.character.silent else None
    found: list[Case] = []
    day = begin
    while day <= until:
        for case in _of_day(commune, seed, day, calendar):
            if silent is None or case.received < silent:
                found.append(case)
        day += timedelta(days=1)
    return found


def _of_day(commune: Commune, seed: int, day: date, calendar: WorkingCalendar) -> Iterator[Case]:
    random = Random(f"{seed} petition {commune.code} {day}")
    mean = MANNERS[commune.code].monthly / 30.44 * _season(day, calendar)
    number = sum(random.random() < mean / 12 for _ in range(12))  # near Poisson, and never more than 12
    for place in range(1, number + 1):
        yield _case(commune, random, day, place, calendar)


def _season(day: date, calendar: WorkingCalendar) -> float:
    """Fewer on days off, far fewer in long holidays."""
    if calendar.is_working(day):
        return 1.15
    long_holiday = not any(calendar.is_working(day + timedelta(days=shift)) for shift in (-2, -1, 1, 2))
    return 0.15 if long_holiday else 0.65


def _case(commune: Commune, random: Random, day: date, place: int, calendar: WorkingCalendar) -> Case:
    manner = MANNERS[commune.code]
    received = datetime.combine(day, time(6)) + timedelta(
        minutes=random.randrange(16 * 60), seconds=random.randrange(60)
    )
    due = datetime.combine(calendar.add(day, TERM_WORKING_DAYS), time(17))
    taken = received + timedelta(hours=2 + random.random() * 30)
    late = random.random() < manner.late
    days = TERM_WORKING_DAYS + 1 + int(random.expovariate(0.25)) if late else 1 + int(random.triangular(0, 14, 6))
    ended = datetime.combine(calendar.add(day, days), time(8)) + timedelta(minutes=random.randrange(500))
    ended = max(ended, taken + timedelta(hours=1))
    end = random.choices("345", (93, 5, 2))[0]
    rated = ended + timedelta(hours=3 + random.random() * 90) if end == "3" and random.random() < 0.55 else None
    satisfied = random.random() >= manner.dissatisfied / 0.55
    repeated = random.random() < manner.repeated
    dirt = random.choice(("status", "order", "code")) if random.random() < commune.character.dirty else ""
    rainy = day.month in RAINY_MONTHS
    categories = {
        name: weight * (1.5 if place_ == 0 and rainy else 1)
        for place_, (name, weight) in enumerate(WORDS["categories"].items())
    }
    return Case(
        unit=commune.code,
        code=f"PA-{commune.code}-{day:%y%m%d}-{place:02}",
        channel=random.choices(list(WORDS["channels"]), list(WORDS["channels"].values()))[0],
        category=random.choices(list(categories), list(categories.values()))[0],
        hamlet=random.choice(commune.hamlets),
        received=received,
        due=due,
        taken=taken,
        ended=ended,
        end=end,
        rated=rated,
        satisfied=satisfied,
        repeated=repeated,
        dirt=dirt,
        salt=random.getrandbits(32),
    )


def record(case: Case, now: datetime) -> Record:
    """The petition as the system shows it at `now`, with people who do not exist."""
    random = Random(case.salt)
    ended, rated = case.ended <= now, case.rated is not None and case.rated <= now
    status = case.end if ended else "2" if case.taken <= now else "1"
    changed = case.changed(now)
    said: Record = {
        "MaPhanAnh": case.code,
        "MaDonVi": case.unit,
        "KenhTiepNhan": case.channel,
        "LinhVuc": case.category,
        "Thon": case.hamlet,
        "TieuDe": f"{random.choice(WORDS['titles'])}: {case.category.lower()}",
        "NoiDung": random.choice(WORDS["texts"]),
        "HoTen": full_name(random),
        "SoDienThoai": phone(random),
        "DiaChi": WORDS["address"].format(hamlet=case.hamlet),
        "ViDo": round(20 + random.random(), 6),
        "KinhDo": round(105 + random.random(), 6),
        "NgayGui": case.received.strftime(MOMENT),
        "HanXuLy": case.due.strftime(MOMENT),
        "NgayTraLoi": case.ended.strftime(MOMENT) if ended and case.end != "5" else None,
        "NoiDungTraLoi": WORDS["answer"] if ended and case.end == "3" else None,
        "TrangThai": status,
        "DanhGia": WORDS["satisfied" if case.satisfied else "dissatisfied"] if rated else None,
        "PhanAnhLai": "1" if case.repeated else "0",
        "NgayCapNhat": changed.strftime(MOMENT) if changed else None,
    }
    match case.dirt:
        case "status":
            said["TrangThai"] = "77"
        case "order" if ended:
            said["NgayTraLoi"] = (case.received - timedelta(days=2)).strftime(MOMENT)
        case "code":
            said["MaPhanAnh"] = ""
    return said


class Petitions:
    """All communes' petitions; made once, seen at any moment."""

    def __init__(
        self, communes: Mapping[str, Commune], seed: int, started: Sequence[datetime], calendar: WorkingCalendar
    ) -> None:
        self._communes = {code: commune for code, commune in communes.items() if code in MANNERS}
        self._seed, self._calendar = seed, calendar
        self._first = min(started)
        self._made: dict[str, list[Case]] = {}
        self._until = date.min

    def changed(self, units: Sequence[str], since: datetime | None, now: datetime) -> list[tuple[datetime, Case]]:
        """Petitions of the units changed at or after `since`, by moment of change and code."""
        self._make(now.date())
        found = []
        for unit in units:
            for case in self._made.get(unit, ()):
                moment = case.changed(now)
                if moment is not None and (since is None or moment >= since):
                    found.append((moment, case))
        return sorted(found, key=lambda entry: (entry[0], entry[1].code))

    @property
    def units(self) -> tuple[str, ...]:
        return tuple(self._communes)

    def _make(self, until: date) -> None:
        if until > self._until:
            self._made = {
                code: cases(commune, self._seed, self._first, until, self._calendar)
                for code, commune in self._communes.items()
            }
            self._until = until
