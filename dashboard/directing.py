"""What calls for direction now: overdue work, work due today, silent sources, disease, absent pupils.

One computation for desk, wall and briefing. Only counts and ages leave this file: no record,
no person. Each kind of work (dossiers, documents, petitions) is found by what its indicators
count, so that a dataset that gets an "overdue" indicator is here without a line of code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from statistics import mean, pstdev

from dashboard.disease_weeks import bands
from dashboard.members import member_name
from dashboard.panel import SourceState
from dashboard.present import unit_word
from dashboard.queries import EVERYONE, Queries, Viewer
from datasets.errors import OpsError
from datasets.indicators.calculate import Request
from datasets.indicators.definition import Definition
from datasets.indicators.records import RecordRequest
from datasets.indicators.unit_silence import Silence
from datasets.indicators.value import Status, Value
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.vietnamese import day, number

BAND_WEEKS = 8
BAND_WIDTH = 2.0  # standard deviations above the mean of the weeks before
FEWEST_CASES = 3
DISEASE, ATTENDANCE = "hl_cases", ("ed_unexcused_rate", "ed_attendance_rate", "ed_absent")
PLACES = ("procedure_field", "category", "document_type", "department", "hamlet")
"""Dimensions a wall may name the largest member of: never a person's."""
INCOMING = ("direction", "in")
SEVERITY = ("never", "fresh", "late", "stale")
ORDER = (Status.BAD, Status.WATCH)


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to give directions on.

    count, unit  "23" and "hồ sơ"; count may be a share
    detail       how bad it is: the worst age, where most of it lies
    sources      whose data it rests on; as_of of when they are
    indicator    the figure it is of, "" for none; part of the address of its records
    place        the unit it is about where that is another than the asked one
    """

    key: str
    count: str
    unit: str
    title: str
    detail: str
    status: Status
    sources: tuple[str, ...] = ()
    as_of: datetime | None = None
    indicator: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    place: str = ""


def todos(queries: Queries, unit: str, language: str, viewer: Viewer = EVERYONE) -> tuple[Todo, ...]:
    """Everything that calls for direction in a unit now, the worst first. Raises UsageError as `Queries.check`."""
    queries.check(viewer, (unit,))
    return queries.answer(("directing", unit, language), lambda: _todos(queries, unit, language))


def _todos(queries: Queries, unit: str, language: str) -> tuple[Todo, ...]:
    with queries.sitting():
        work = _work(queries, unit)
        found = [
            *_overdue(queries, work, unit, language),
            *_due_today(queries, work, unit, language),
            *_disease(queries, unit, language),
            *_attendance(queries, unit, language),
            *_silent(queries.sources(language), language),
            *_silent_units(queries, unit, language),
        ]
    return tuple(sorted(found, key=lambda todo: ORDER.index(todo.status)))


@dataclass(frozen=True, slots=True)
class _Work:
    """What is pending this week.

    values   of the indicators of what is pending and of what is overdue; one that cannot be counted is absent
    parts    of what is overdue, the parts by the first dimension that a wall may name
    """

    period: Period
    values: Mapping[str, Value]
    parts: Mapping[str, Sequence[Value]]


def _work(queries: Queries, unit: str) -> _Work:
    period = Period.of(queries.today(), PeriodType.WEEK)
    overdue = list(_pending(queries, {"overdue": True}))
    split = {each.id: dimension for each in overdue if (dimension := _place(each))}
    asked = [Request((each.id,), (unit,), (period,)) for each in (*overdue, *_pending(queries, {}))]
    asked += [Request((name,), (unit,), (period,), by=dimension) for name, dimension in split.items()]
    told = _told(queries, asked)
    values, parts = told[: len(asked) - len(split)], told[len(asked) - len(split) :]
    return _Work(period, {v.indicator: v for each in values for v in each}, dict(zip(split, parts, strict=True)))


def _place(definition: Definition) -> str | None:
    """Its first dimension that a wall may name the largest member of."""
    return next((name for name in definition.drill_by if name in PLACES), None)


def _pending(queries: Queries, where: dict[str, object]) -> Iterator[Definition]:
    """The catalogue's counts of what is pending under exactly these conditions; of documents, those that came in."""
    for definition in queries.catalogue.indicators.values():
        counted = definition.numerator
        asked = {name: value for name, value in counted.where.items() if (name, value) != INCOMING}
        if definition.denominator is None and counted.count == "pending" and asked == where:
            yield definition


def _overdue(queries: Queries, work: _Work, unit: str, language: str) -> Iterator[Todo]:
    for definition in _pending(queries, {"overdue": True}):
        value = work.values.get(definition.id)
        if not value or not value.value:
            continue
        dataset = str(definition.numerator.dataset)
        oldest = queries.records(RecordRequest(definition.id, unit, work.period, limit=1)).rows
        due = _local_day(queries, oldest[0].get("due_at") if oldest else None)
        said = []
        if due is not None:
            late = max(queries.calendar.difference(due, queries.today()), 0)
            said.append(text("wall.todo.oldest", language, days=number(late, language=language), day=day(due)))
        if most := _most(queries, definition, work, language):
            said.append(most)
        yield Todo(
            f"overdue_{dataset}",
            number(value.value, language=language),
            unit_word(definition.unit, language),
            text(f"wall.todo.overdue.{dataset}", language),
            " · ".join(said),
            Status.WATCH if value.status is Status.WATCH else Status.BAD,
            value.sources,
            value.as_of,
            definition.id,
        )


def _most(queries: Queries, definition: Definition, work: _Work, language: str) -> str:
    """Where most of it lies: the largest member of its first dimension."""
    dimension = _place(definition)
    if dimension is None:
        return ""
    parts = [(v.value, (v.by or {}).get(dimension, "")) for v in work.parts.get(definition.id, ()) if v.value]
    named = [(count, member) for count, member in parts if member]
    if len(parts) < 2 or not named:
        return ""
    count, member = max(named)
    if count < 2:  # one of each: none stands out
        return ""
    name = member_name(queries, dimension, member, language)
    return text("wall.todo.most", language, member=name, count=number(count, language=language))


def _due_today(queries: Queries, work: _Work, unit: str, language: str) -> Iterator[Todo]:
    """Open work whose due day is today; what was due this morning already stands under overdue too."""
    today = queries.today()
    for definition in _pending(queries, {}):
        request = RecordRequest(definition.id, unit, work.period, filters={"due_on": today}, limit=0)
        count = queries.records(request).total
        if not count:
            continue
        value = work.values.get(definition.id)
        dataset = str(definition.numerator.dataset)
        yield Todo(
            f"due_{dataset}",
            number(count, language=language),
            unit_word(definition.unit, language),
            text(f"wall.todo.due.{dataset}", language),
            text("wall.todo.due_note", language),
            Status.WATCH,
            value.sources if value else (),
            value.as_of if value else None,
            definition.id,
            (("due_on", today.isoformat()),),
        )


def _disease(queries: Queries, unit: str, language: str) -> Iterator[Todo]:
    """Cases of the last whole week above the alarm line of the same weeks of five years; of a unit without so long
    a past, above the mean and two standard deviations of the weeks before."""
    if DISEASE not in queries.catalogue.indicators:
        return
    last = Period.of(queries.today(), PeriodType.WEEK).previous()
    weeks = tuple(last.previous(n) for n in range(BAND_WEEKS, -1, -1))
    asked = Request((DISEASE,), (unit,), weeks)
    values = queries.values(asked)
    known = [v for v in values if v.value is not None and v.period_of_value == v.period]
    if not known or known[-1].period != last.id:
        return
    *before, now = known
    assert now.value is not None
    around = bands(queries, replace(asked, periods=(last,)), (last,))[0]
    if around is not None:
        top, said = around.alarm, text("wall.todo.years", language, week=last.label(language), count=around.years,
                                       top=number(around.alarm, 1, language))  # fmt: skip
    elif len(known) > BAND_WEEKS // 2:
        past = [v.value for v in before if v.value is not None]
        top = mean(past) + BAND_WIDTH * pstdev(past)
        told = number(top, 1, language)
        said = text("wall.todo.band", language, week=last.label(language), top=told, count=len(past))
    else:
        return
    if now.value <= top or now.value < FEWEST_CASES:
        return
    definition = queries.definition(DISEASE)
    yield Todo(
        "disease",
        number(now.value, language=language),
        unit_word(definition.unit, language),
        text("wall.todo.disease", language),
        said,
        Status.BAD,
        now.sources,
        now.as_of,
        DISEASE,
    )


def _attendance(queries: Queries, unit: str, language: str) -> Iterator[Todo]:
    """Absent pupils of today, or of the last day that was told this week; one line, the first figure known."""
    names = [name for name in ATTENDANCE if name in queries.catalogue.indicators]
    today = Period.of(queries.today(), PeriodType.DAY)
    days = (today, today.previous(), today.previous(2), today.previous(3))
    told = _told(queries, [Request((name,), (unit,), days) for name in names])
    for name, values in zip(names, told, strict=True):
        definition = queries.definition(name)
        for period, value in zip(days, values, strict=False):
            if value.value is None or value.period_of_value != period.id:
                continue
            judged = value.status in ORDER
            if not judged and (definition.unit == "percent" or not value.value):
                break
            yield Todo(
                "absent",
                number(value.value, language=language),
                unit_word(definition.unit, language),
                definition.name[language],
                text("wall.todo.of_day", language, day=period.label(language)),
                value.status if judged else Status.WATCH,
                value.sources,
                value.as_of,
                name,
            )
            return


def _silent(sources: tuple[SourceState, ...], language: str) -> Iterator[Todo]:
    """Sources that broke their promise, or missed so many runs that a person must act."""
    silent = sorted((s for s in sources if s.alarming), key=lambda s: SEVERITY.index(s.freshness))
    if silent:
        worst = silent[-1]
        yield Todo(
            "sources",
            str(len(silent)),
            text("wall.todo.source_unit", language),
            text("wall.todo.sources", language),
            text("wall.todo.source", language, title=worst.title, sentence=worst.sentence),
            Status.BAD if worst.freshness == "stale" else Status.WATCH,
        )


def _silent_units(queries: Queries, unit: str, language: str) -> Iterator[Todo]:
    """Units that stopped sending while their source goes on; the one longest silent is named."""
    found = queries.silences(unit)
    if not found:
        return
    longest, count = found[0], len({each.unit for each in found})
    said = [silence_words(queries, longest, language)]
    if count > 1:
        said.append(text("silence.others", language, count=number(count - 1, language=language)))
    yield Todo(
        "silent_units",
        number(count, language=language),
        text("silence.unit", language),
        text("silence.title", language, day=day(longest.since)),
        " · ".join(said),
        Status.BAD,
        tuple(sorted({name for each in found for name in each.sources})),
        place=longest.unit if longest.unit != queries.units.get(unit).code else "",
    )


def silence_words(queries: Queries, silence: Silence, language: str) -> str:
    """ "Xã Dừng: không có hồ sơ một cửa mới, đã 20 ngày làm việc; thường không quá 1 ngày"."""
    return text(
        "silence.detail",
        language,
        name=queries.units.get(silence.unit).name,
        what=text(f"silence.of.{silence.dataset}", language),
        days=number(silence.days, language=language),
        usual=number(silence.usual, language=language),
    )


def _told(queries: Queries, requests: Sequence[Request]) -> Sequence[Sequence[Value]]:
    """The values of each request, read together; a figure that cannot be counted is no reason for a blank wall."""
    try:
        return queries.values_of(requests)
    except OpsError:
        return [_told_alone(queries, request) for request in requests]


def _told_alone(queries: Queries, request: Request) -> list[Value]:
    try:
        return queries.values(request)
    except OpsError:
        return []


def _local_day(queries: Queries, moment: object) -> date | None:
    if isinstance(moment, datetime):
        return moment.astimezone(queries.zone).date()
    return moment if isinstance(moment, date) else None
