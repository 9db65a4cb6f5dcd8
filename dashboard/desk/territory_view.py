"""The supervising view: the units below side by side, each figure judged, the worst unit first.

One request for all figures of all units. A cell opens the unit's own panel with the records
behind the figure; a column's head opens the comparison of that figure; a row's head the unit.
"""

from __future__ import annotations

from collections.abc import Sequence

from dash.development.base_component import Component

from dashboard import present
from dashboard.desk.compare import PATH, REPORTING, Peers, peers_of
from dashboard.desk.compare_words import level_word
from dashboard.desk.light import dcc, html
from dashboard.desk.visit import Visit
from dashboard.directing import silence_words
from dashboard.panels import BY_ID
from dashboard.tokens import SHAPE
from datasets.indicators.calculate import Request
from datasets.indicators.unit_silence import Silence
from datasets.indicators.value import Status, Value
from datasets.units import OrgUnit
from datasets.vietnamese import day, sort_key

MOST_COLUMNS = 9


def overview_part(visit: Visit) -> Component | None:
    """For the overview: the matrix, where the visited unit has units below that report."""
    peers = peers_of(visit, "below")
    if peers.how != "below" or peers.level not in REPORTING or len(peers.units) < 2:
        return None
    return supervised(visit, peers)


def columns_of(visit: Visit) -> tuple[str, ...]:
    """The figures of the overview that units can be compared by, in its order."""
    known = visit.queries.catalogue.indicators
    names = [card.indicator for card in BY_ID["overview"].cards if card.indicator in known]
    return tuple(names[:MOST_COLUMNS])


def supervised(visit: Visit, peers: Peers) -> Component:
    """Units x figures. A unit whose figures are bad stands first; one that tells nothing says so."""
    columns = columns_of(visit)
    asked = Request(
        columns,
        tuple(unit.code for unit in peers.units),
        (visit.period,),
        rules=visit.address.rules,
        boundaries=visit.ask.boundaries,
    )
    found: dict[str, dict[str, Value]] = {}
    for value in visit.queries.kept_values(asked, visit.viewer):
        found.setdefault(value.unit, {})[value.indicator] = value
    silent = {each.unit: each for each in reversed(visit.queries.silences(visit.unit.code, visit.viewer))}
    ordered = sorted(peers.units, key=lambda unit: _weight(unit, found[unit.code]))
    shown = [name for name in columns if any(values[name].value is not None for values in found.values())]
    heads = [html.Th(level_word(visit, peers.level).capitalize(), scope="col")]
    for name in shown:
        definition = visit.queries.definition(name)
        there = visit.address.page(PATH).href(visit.queries.settings.centre.language, indicator=name)
        unit = present.unit_word(definition.unit, visit.language)
        heads.append(
            html.Th(
                dcc.Link([definition.name[visit.language], html.Span(unit, className="faint")], href=there),
                scope="col",
            )
        )
    rows = [
        html.Tr(
            [
                html.Th(
                    [
                        dcc.Link(unit.name, href=visit.address.page("/").href(_home(visit), unit=unit.code)),
                        _silence(visit, silent.get(unit.code)),
                    ],
                    scope="row",
                ),
                *(_cell(visit, unit, found[unit.code][name]) for name in shown),
            ]
        )
        for unit in ordered
    ]
    return html.Section(
        [
            html.H3(visit.text("compare.supervised", level=level_word(visit, peers.level))),
            html.P(_finding(visit, peers, ordered, found), className="chart-finding"),
            html.Div(
                html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="table compact matrix"),
                className="scroll",
            ),
        ],
        className="panel-card supervised",
    )


def _silence(visit: Visit, silence: Silence | None) -> Component | None:
    """Since when a unit has sent nothing: its zeros are not zeros."""
    if silence is None:
        return None
    return html.Div(
        f"{SHAPE[Status.BAD]} {visit.text('silence.since', day=day(silence.since))}",
        className="word-bad",
        title=silence_words(visit.queries, silence, visit.language),
    )


def _home(visit: Visit) -> str:
    return visit.queries.settings.centre.language


def _weight(unit: OrgUnit, values: dict[str, Value]) -> tuple[int, int, int, object]:
    """Bad figures first, then those to watch; units that tell nothing at the end."""
    standing = [value.status for value in values.values() if value.value is not None]
    return (0 if standing else 1, -standing.count(Status.BAD), -standing.count(Status.WATCH), sort_key(unit.name))


def _cell(visit: Visit, unit: OrgUnit, value: Value) -> Component:
    definition = visit.queries.definition(value.indicator)
    minimum = visit.queries.settings.privacy.minimum_cell
    if value.value is None:
        said = present.figure_text(value, visit.language, minimum)
        return html.Td(said if said.startswith("<") else "–", className="matrix-cell matrix-unknown", title=said)
    said = present.figure_text(value, visit.language, minimum)
    panel = BY_ID[definition.panel]
    there = visit.address.page(panel.path if panel.records else f"/chi-so/{value.indicator}")
    href = there.href(_home(visit), unit=unit.code, indicator=value.indicator if panel.records else None)
    word = present.status_word(value.status, visit.language)
    words = visit.text(
        "compare.cell", name=unit.name, indicator=definition.name[visit.language],
        value=present.with_unit(value.value, definition.unit, visit.language), status=word,
    )  # fmt: skip
    shape = SHAPE[value.status]
    return html.Td(
        dcc.Link(
            [html.Span(shape, className="shape") if shape else None, said],
            href=href,
            title=words.strip(),
        ),
        className=f"matrix-cell matrix-{value.status.value}",
    )


def _finding(visit: Visit, peers: Peers, ordered: Sequence[OrgUnit], found: dict[str, dict[str, Value]]) -> str:
    """Which unit has most figures out of bounds, and how many have none."""
    bad = {unit.code: sum(v.status is Status.BAD for v in found[unit.code].values()) for unit in ordered}
    level = level_word(visit, peers.level)
    worst = ordered[0]
    clear = sum(count == 0 for count in bad.values())
    if not bad[worst.code]:
        return visit.text("compare.supervised.clear", count=len(ordered), level=level)
    names = [
        visit.queries.definition(name).name[visit.language]
        for name, value in found[worst.code].items()
        if value.status is Status.BAD
    ]
    return visit.text(
        "compare.supervised.worst",
        name=worst.name, count=bad[worst.code], figures="; ".join(names), clear=clear, all=len(ordered), level=level,
    )  # fmt: skip
