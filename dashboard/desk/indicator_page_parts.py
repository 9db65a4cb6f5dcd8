"""A figure split: by unit and by every dimension of its definition; each part leads to its records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dash.development.base_component import Component

from dashboard import present
from dashboard.desk.attributes import data
from dashboard.desk.compare import PATH as COMPARE
from dashboard.desk.light import dcc, html
from dashboard.desk.records import request_of
from dashboard.desk.visit import SHOWN_LEVELS, Visit
from dashboard.members import member_name
from dashboard.privacy import Suppressed
from dashboard.tokens import SHAPE
from datasets.indicators.definition import Definition
from datasets.indicators.value import Status, Value
from datasets.units import OrgUnit
from datasets.vietnamese import ABSENT, number, sort_key

OPEN_ROWS = 8
MOST_ROWS = 200


def parts(visit: Visit, definition: Definition) -> list[Component]:
    """A card for the units, and one for each dimension."""
    cards = [_by_unit(visit, definition), *(_by(visit, definition, name) for name in definition.drill_by)]
    return [card for card in cards if card is not None]


def _by(visit: Visit, definition: Definition, dimension: str) -> Component | None:
    """The members of one dimension; its own filter does not narrow it."""
    home = visit.queries.settings.centre.language
    values = visit.queries.kept_values(visit.request(definition.id, (visit.period,), by=dimension), visit.viewer)
    told = [(str((value.by or {}).get(dimension, "")), value) for value in values]
    chosen = visit.address.filters.get(dimension)
    names = visit.queries.procedure_names(request_of(visit, definition.id)) if dimension == "procedure_code" else {}
    lines = [
        (
            names.get(member) or member_name(visit.queries, dimension, member, visit.language),
            value,
            visit.address.with_filter(dimension, None if member == chosen else member).href(home),
            member == chosen,
            member,
        )
        for member, value in told
        if _size(value) or isinstance(value, Suppressed)
    ]
    if not lines:
        return None
    heading = visit.text("indicator.by", dimension=visit.text(f"desk.column.{dimension}").lower())
    return _card(visit, definition, dimension, heading, lines)


def _by_unit(visit: Visit, definition: Definition) -> Component | None:
    """The same figure of the units below, else of the unit's siblings, each with its own number, and the way to the
    page that compares them. Hamlets have no number of their own where the records name their hamlet."""
    for units in _compared(visit):
        values = visit.queries.kept_values(
            visit.request(definition.id, (visit.period,), [unit.code for unit in units]), visit.viewer
        )
        lines = [
            (unit.name, value, visit.href(unit=unit.code), unit.code == visit.unit.code, unit.code)
            for unit, value in zip(units, values, strict=True)
            if value.value is not None or isinstance(value, Suppressed) or unit.level in SHOWN_LEVELS
        ]
        if any(value.value is not None or isinstance(value, Suppressed) for _, value, *_ in lines):
            there = visit.address.page(COMPARE).href(visit.queries.settings.centre.language, indicator=definition.id)
            more = dcc.Link(visit.text("compare.title"), href=there, className="breakdown-more")
            return _card(visit, definition, "unit", visit.text("desk.indicator.by_unit"), lines, more)
    return None


def _compared(visit: Visit) -> Iterator[Sequence[OrgUnit]]:
    """Those below, then those beside."""
    units, scope = visit.queries.units, set(visit.queries.scope(visit.viewer))
    if below := [unit for unit in units.children(visit.unit.code) if unit.level != "group"]:
        yield below
    beside = units.children(visit.unit.parent) if visit.unit.parent else visit.queries.scope(visit.viewer)
    if alike := [unit for unit in beside if unit.level == visit.unit.level and unit in scope]:
        yield alike


Line = tuple[str, Value, str, bool, str]
"""Name, value, address of a click, whether it is the chosen one, its code."""


def _card(
    visit: Visit,
    definition: Definition,
    dimension: str,
    heading: str,
    lines: Sequence[Line],
    link: Component | None = None,
) -> Component:
    ordered = sorted(lines, key=lambda line: (-_size(line[1]), sort_key(line[0])))
    most = max((_size(value) for _, value, *_ in ordered), default=0.0) or 1.0
    rate = definition.unit == "percent"
    rows = [_row(visit, definition, line, most, rate, scroll=dimension != "unit") for line in ordered[:MOST_ROWS]]
    rest = rows[OPEN_ROWS:]
    more = visit.text("indicator.more", count=number(len(ordered) - OPEN_ROWS, language=visit.language))
    body: list[Component] = [html.Div(rows[:OPEN_ROWS], className="part-rows")]
    if rest:
        body.append(html.Details([html.Summary(more), html.Div(rest, className="part-rows")]))
    return html.Section(
        [html.H3(heading), *body, link],
        className="panel-card breakdown",
        **data(dimension=dimension, rows=str(len(ordered))),
    )


def _row(visit: Visit, definition: Definition, line: Line, most: float, rate: bool, *, scroll: bool) -> Component:
    name, value, href, chosen, code = line
    said = present.figure_text(value, visit.language, visit.queries.settings.privacy.minimum_cell)
    if value.value is None and not isinstance(value, Suppressed):
        said = ABSENT
    elif rate and value.value is not None:
        said = present.with_unit(value.value, definition.unit, visit.language)
    marked = f"{SHAPE[value.status]} {said}" if value.status in (Status.WATCH, Status.BAD) else said
    share = (value.value or 0) if rate else 100 * _size(value) / most
    cells = [
        html.Span(name, className="part-name", title=name),
        html.Span(html.I(style={"width": f"{min(max(share, 0), 100):.1f}%"}), className="part-track"),
        html.Span(marked, className="part-number" + (f" word-{value.status.value}" if marked != said else "")),
        html.Span(_fraction(visit, value), className="part-of") if definition.denominator is not None else None,
    ]
    look = "part-row" + (" part-row-chosen" if chosen else "") + (" to-records" if scroll else "")
    return html.Div(
        dcc.Link(cells, href=href, className=look),
        **data(member=code, value="" if value.value is None else repr(value.value)),
    )


def _fraction(visit: Visit, value: Value) -> str:
    if value.denominator is None:
        return ""
    return f"{number(value.numerator, language=visit.language)} / {number(value.denominator, language=visit.language)}"


def _size(value: Value) -> float:
    """How much a part weighs: a rate or median by what it is of, a count by itself."""
    size = value.denominator if value.denominator is not None else value.value
    return float(size or 0)
