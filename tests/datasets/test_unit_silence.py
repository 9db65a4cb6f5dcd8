"""When a unit is silent though its source goes on, counted by hand.

Now is Friday 20/11/2026, 09:00. No holiday lies in the weeks looked at.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from datasets.indicators.calculate import Calculator
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.unit_silence import Silence, silences, usual_gap
from datasets.schema import DOSSIER
from datasets.store import Store
from datasets.units import OrgUnit, UnitTree
from datasets.working_days import WorkingCalendar

UNITS = tuple(
    OrgUnit(code, f"Xã {code}", level, parent, level, None, None, None, None, None)
    for code, level, parent in (
        ("98", "province", None),
        ("98001", "commune", "98"),
        ("98002", "commune", "98"),
        ("98003", "commune", "98"),
        ("98004", "commune", "98"),
    )
)
PROMISE = {"one_stop": timedelta(days=1)}


def weekdays(first: date, last: date, step: int = 1) -> list[date]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5][::step]


def dossier(unit: str, day: date, zone) -> dict[str, object]:
    moment = datetime(day.year, day.month, day.day, 8, tzinfo=zone)
    return {
        "unit": unit, "dossier_code": f"{unit}-{day}", "procedure_name": "Thủ tục", "procedure_field": "Hộ tịch",
        "channel": "direct", "received_at": moment, "status": "processing",
    }  # fmt: skip


def test_the_usual_gap_is_what_nine_in_ten_gaps_do_not_exceed(calendar: WorkingCalendar) -> None:
    daily = weekdays(date(2026, 10, 5), date(2026, 10, 16))  # ten days: nine gaps
    assert usual_gap(daily, calendar) is None
    eleven = [*daily, date(2026, 10, 19)]
    assert usual_gap(eleven, calendar) == 1  # over a weekend as well
    assert usual_gap([*eleven[:-1], date(2026, 10, 28)], calendar) == 1  # one gap of 8 days among ten is not usual
    assert usual_gap([*eleven, date(2026, 10, 28), date(2026, 11, 6)], calendar) == 7  # 2 of 12: 19/10 to 28/10 is 7


def test_only_the_commune_that_stopped_is_silent(store: Store, deliver, zone, clock, calendar) -> None:
    stopped = weekdays(date(2026, 9, 7), date(2026, 10, 23))  # each working day up to Friday 23/10
    steady = weekdays(date(2026, 9, 7), date(2026, 11, 19))
    rare = weekdays(date(2026, 6, 1), date(2026, 10, 23), step=10)  # every second week: 19 working days are usual
    new = weekdays(date(2026, 10, 19), date(2026, 10, 23))  # five days tell nothing usual
    told = {"98001": stopped, "98002": steady, "98003": rare, "98004": new}
    deliver(store, [dossier(unit, day, zone) for unit, days in told.items() for day in days], dataset=DOSSIER)
    calculator = Calculator(store, load_catalogue(), UnitTree(UNITS), calendar, zone, clock)
    with store.engine.connect() as connection:
        found = silences(connection, calculator, UNITS[1:], PROMISE)
        # whole working days without: 26/10 to 30/10, 2/11 to 6/11, 9/11 to 13/11, 16/11 to 19/11
        assert found == [
            Silence("98001", "dossier", date(2026, 10, 23), date(2026, 10, 26), 19, 1, ("one_stop",)),
        ]
        assert silences(connection, calculator, UNITS[1:], PROMISE, late=["one_stop"]) == []  # the source says it
        assert silences(connection, calculator, UNITS[1:], {"one_stop": timedelta(days=19)}) == []  # as promised
        assert len(silences(connection, calculator, UNITS[1:], {"one_stop": timedelta(days=18)})) == 1
        assert silences(connection, calculator, UNITS[:1], PROMISE) == []  # the province together is not silent
        assert silences(connection, calculator, (), PROMISE) == []


def test_three_quiet_days_are_not_silence_and_a_fourth_is(store: Store, deliver, zone, calendar) -> None:
    days = weekdays(date(2026, 10, 19), date(2026, 11, 13))  # up to Friday 13/11
    deliver(store, [dossier("98001", day, zone) for day in days], dataset=DOSSIER)

    def silent_on(day: int) -> bool:
        now = datetime(2026, 11, day, 9, tzinfo=zone)
        calculator = Calculator(store, load_catalogue(), UnitTree(UNITS), calendar, zone, lambda: now)
        with store.engine.connect() as connection:
            return bool(silences(connection, calculator, UNITS[1:2], PROMISE))

    # on Thursday 19/11 Monday, Tuesday and Wednesday have passed; on Friday also Thursday
    assert [silent_on(day) for day in (16, 18, 19, 20, 21)] == [False, False, False, True, True]
