"""What a list's file holds, before it is written in any format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dashboard import present
from dashboard.dimensions import WORD_OF
from dashboard.members import member_name
from dashboard.queries import EVERYONE, Queries, Viewer
from dashboard.record_words import Column, Plain, columns, plain
from datasets.indicators.calculate import Request
from datasets.indicators.definition import Definition
from datasets.indicators.records import RecordRequest
from datasets.indicators.value import Value
from datasets.messages import text
from datasets.periods import Period
from datasets.vietnamese import moment, number

DASH = "-"


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A list ready to be written; `rows` can be read once.

    name      of the file, without its ending; says when the data are invented
    title     what is listed
    lines     below the title: unit and period, filters in words, how many records, as of when
    facts     what the number means and how it was counted: (label, said or number)
    """

    name: str
    title: str
    demo: str
    lines: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Iterator[tuple[Plain, ...]]
    total: int
    facts: tuple[tuple[str, str | float], ...]
    language: str
    made_at: datetime


def record_file(queries: Queries, request: RecordRequest, language: str, viewer: Viewer = EVERYONE) -> RecordFile:
    """The whole list of a question. Raises UsageError as `Queries.records`."""
    _, total, found = queries.record_rows(request, viewer)
    definition = queries.definition(request.indicator)
    shown = columns(definition.numerator.dataset, language)
    assert isinstance(request.period, Period)
    unit = queries.units.get(request.unit)
    value = _value(queries, request, viewer)
    demo = text("desk.demo", language) if queries.settings.centre.demo else ""
    suffix = text("export.demo_suffix", language) if demo else ""
    return RecordFile(
        name=f"{text('export.file', language)}-{request.indicator}-{unit.code}-{request.period.id}{suffix}",
        title=definition.name[language],
        demo=demo,
        lines=(
            f"{unit.name} · {present.period_text(request.period, queries.now(), queries.zone, language)}",
            filter_words(queries, request, language),
            text("export.count", language, count=number(total, language=language)),
            _as_of(queries, value, language),
        ),
        columns=shown,
        rows=(tuple(plain(queries, column.name, row.get(column.name), language) for column in shown) for row in found),
        total=total,
        facts=tuple(_facts(queries, definition, request, value, total, language)),
        language=language,
        made_at=queries.now(),
    )


def filter_words(queries: Queries, request: RecordRequest, language: str) -> str:
    """The filters in a sentence: "Lọc: Lĩnh vực là Đất đai; Địa bàn là Thôn Đông"."""
    parts = [
        text(
            "export.filter_part",
            language,
            column=text(f"desk.column.{name}", language),
            member=member_name(queries, name, str(request.filters[name]), language),
        )
        for name in WORD_OF
        if name in request.filters
    ]
    if request.search:
        parts.append(text("export.filter_search", language, words=request.search))
    return text("export.filters", language, filters="; ".join(parts)) if parts else text("export.no_filter", language)


def _value(queries: Queries, request: RecordRequest, viewer: Viewer) -> Value:
    assert isinstance(request.period, Period)
    filters = {name: str(member) for name, member in request.filters.items()}
    asked = Request(
        (request.indicator,),
        (request.unit,),
        (request.period,),
        rules=request.rules,
        filters=filters,
        boundaries=request.boundaries,
    )
    return queries.values(asked, viewer)[0]


def _as_of(queries: Queries, value: Value, language: str) -> str:
    titles = [queries.source_title(name, language) for name in value.sources]
    return present.source_text(value, titles, queries.zone, language)


def _facts(
    queries: Queries, definition: Definition, request: RecordRequest, value: Value, total: int, language: str
) -> Iterator[tuple[str, str | float]]:
    assert isinstance(request.period, Period)
    unit = queries.units.get(request.unit)
    _, denominator = definition.components(request.rules)
    said: tuple[tuple[str, str | float | None], ...] = (
        ("indicator", definition.name[language]),
        ("id", definition.id),
        ("description", definition.description[language] if definition.description else None),
        ("measure", present.unit_word(definition.unit, language)),
        ("basis", definition.basis[language]),
        ("rules", present.rules_text(definition, request.rules, language)),
        ("unit", f"{unit.name} ({unit.code})"),
        ("period", present.period_text(request.period, queries.now(), queries.zone, language)),
        ("boundaries", text(f"tree.boundaries.{request.boundaries}", language)),
        ("filters", filter_words(queries, request, language)),
        ("part", text(f"desk.records.{request.part}", language) if denominator is not None else None),
        ("records", total),
        ("value", value.value),
        ("numerator", value.numerator if value.denominator is not None else None),
        ("denominator", value.denominator),
        ("target", value.target),
        ("as_of", _as_of(queries, value, language)),
        ("made_at", moment(queries.now(), queries.zone)),
        ("demo", text("export.demo", language) if queries.settings.centre.demo else None),
    )
    for name, fact in said:
        if fact is not None and fact != "":
            yield text(f"export.fact.{name}", language), fact
