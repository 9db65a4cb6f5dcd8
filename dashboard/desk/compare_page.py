"""The page that puts units side by side: all figures of a territory, or one indicator in depth.

/so-sanh                 units x the figures of the overview: which unit, which figure
/so-sanh?chi-so=<id>     one indicator: who differs clearly, where, and how it came about
"""

from __future__ import annotations

import json

from dash.development.base_component import Component

from dashboard import present
from dashboard.desk import attributes
from dashboard.desk.address import GROUPS
from dashboard.desk.charts import table_twin, tools
from dashboard.desk.compare import PATH, REPORTING, Comparison, Row, comparison, peers_of
from dashboard.desk.compare_marks import Scale, among_limits, path
from dashboard.desk.compare_words import (
    SHAPES,
    counted,
    finding,
    level_word,
    peers_words,
    said_value,
    standing_words,
    tone,
)
from dashboard.desk.light import dcc, html
from dashboard.desk.shell import title_row, toolbar
from dashboard.desk.territory_map import Place, picture, place_map
from dashboard.desk.territory_view import supervised
from dashboard.desk.tree import crumbs, hamlets_are_filters
from dashboard.desk.visit import Visit
from dashboard.panel_asked import last_periods
from dashboard.panels import BY_ID, PANELS
from dashboard.privacy import Suppressed
from dashboard.provenance import sources_said
from datasets.vietnamese import number, sort_key


def page(visit: Visit) -> Component:
    """One indicator where the address names one, else the whole territory."""
    indicator = visit.address.indicator
    if indicator is None or indicator not in visit.queries.catalogue.indicators:
        return _territory(visit)
    found = comparison(visit, indicator)
    definition = found.definition
    period = present.period_text(visit.period, visit.now, visit.queries.zone, visit.language)
    about = dcc.Link(visit.text("compare.about"), href=visit.to(f"/chi-so/{indicator}"), className="freshness")
    counts_dossiers = bool(present.rules_text(definition, visit.address.rules, visit.language))
    return html.Div(
        [
            crumbs(visit),
            title_row(visit, definition.name[visit.language], f"{peers_words(visit, found.peers)} · {period}", about),
            toolbar(visit, rules=counts_dossiers),
            html.Div([_indicators(visit, indicator), _groups(visit, found)], className="toolbar"),
            html.P(finding(visit, found), className="compare-finding", role="status"),
            html.Div([_ranking(visit, found), _side(visit, found)], className="compare-columns"),
            _paths(visit, found),
        ],
        className="page page-compare",
    )


def _territory(visit: Visit) -> Component:
    period = present.period_text(visit.period, visit.now, visit.queries.zone, visit.language)
    peers = peers_of(visit, visit.address.group)
    subtitle = f"{peers_words(visit, peers)} · {period}"
    return html.Div(
        [
            crumbs(visit),
            title_row(visit, visit.text("compare.title"), subtitle),
            toolbar(visit, rules=True, compare=False),
            supervised(visit, peers),
        ],
        className="page page-compare",
    )


def _indicators(visit: Visit, chosen: str) -> Component:
    """Every indicator, by panel."""
    groups = []
    for panel in PANELS:
        mine = sorted(visit.queries.catalogue.for_panel(panel.id), key=lambda d: sort_key(d.name[visit.language]))
        if mine:
            options = [html.Option(d.name[visit.language], value=d.id, selected=d.id == chosen) for d in mine]
            groups.append(html.Optgroup(options, label=visit.text(f"panel.{panel.id}.title")))
    name = "pick-compared"
    word = attributes.data(word="chi-so")
    return html.Div(
        [html.Label(visit.text("compare.indicator"), htmlFor=name), html.Select(groups, id=name, **word)],
        className="pick pick-wide",
    )


def _groups(visit: Visit, found: Comparison) -> Component | None:
    """Compared with whom: those below, those beside, those of the same kind; only what there is here."""
    offered = []
    for how in GROUPS.values():
        peers = peers_of(visit, how)
        if peers.how == how and len(peers.units) > 1:
            said = visit.text(f"compare.group.{how}", level=level_word(visit, peers.level).capitalize())
            chosen = how == found.peers.how
            offered.append(
                dcc.Link(said, href=visit.href(group=how), className="part part-chosen" if chosen else "part")
            )
    if len(offered) < 2:
        return None
    return html.Div(
        [html.Div(visit.text("compare.group"), className="pick-label"), html.Div(offered, className="parts")],
        className="pick pick-group",
    )


def href_of(visit: Visit, row: Row, indicator: str) -> str:
    """Where a unit's figure opens: on its panel with the records behind it, else the indicator's page."""
    panel = BY_ID[visit.queries.definition(indicator).panel]
    there = visit.address.page(panel.path if panel.records else f"/chi-so/{indicator}")
    unit = row.unit.code if row.unit is not None else visit.unit.code
    filters = {}
    is_part = row.unit is None or row.unit.level not in REPORTING
    if is_part and hamlets_are_filters(Visit(visit.queries, there, visit.unit, visit.period, visit.now, visit.viewer)):
        unit, filters = visit.unit.code, {"hamlet": row.name if row.key else ""}
    chosen = indicator if panel.records else None
    return there.href(visit.queries.settings.centre.language, unit=unit, filters=filters, indicator=chosen)


# -- the ranking ---------------------------------------------------------------


def _ranking(visit: Visit, found: Comparison) -> Component:
    scale = _scale(found)
    target = next((row.value.target for row in found.rows if row.value.target is not None), None)
    heads = [
        html.Th(level_word(visit, found.peers.level).capitalize(), scope="col"),
        html.Th(visit.text("compare.value"), className="right", scope="col"),
        html.Th(_axis(visit, found, scale), className="reach-head", scope="col"),
        html.Th(visit.text("compare.standing"), scope="col"),
        html.Th(visit.text(f"desk.compare.{visit.address.compare}"), className="right", scope="col"),
    ]
    rows = [_ranked(visit, found, row, scale) for row in found.rows]
    notes = [_legend(visit, found)]
    if target is not None:
        notes.append(html.Span(visit.text("compare.target", value=said_value(visit, found, target)), className="chip"))
    if found.against:
        notes.append(html.Span(found.against, className="chip"))
    title = visit.text("compare.ranking")
    return html.Section(
        [
            html.Div([html.H3(title), tools(visit, ("png", "copy"))], className="chart-title"),
            html.Div(className="said", **attributes.aria(live="polite")),
            html.Div(notes, className="chips"),
            html.Div(
                html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="table compact ranking"),
                className="scroll",
            ),
        ],
        className="panel-card chart",
        **attributes.aria(label=title),
        **attributes.data(twin=json.dumps(_ranking_twin(visit, found), ensure_ascii=False)),
    )


def _ranking_twin(visit: Visit, found: Comparison) -> dict[str, object]:
    """The ranking to copy or to save: each unit with its value, what it is of, how it stands, and its change."""
    head = [
        level_word(visit, found.peers.level).capitalize(),
        visit.text("compare.value"),
        visit.text("compare.parts"),
        visit.text("compare.standing"),
        visit.text(f"desk.compare.{visit.address.compare}"),
    ]
    rows = [
        [
            row.name,
            _figure(visit, found, row),
            counted(visit, row),
            standing_words(visit, row),
            row.change.text if row.change else "",
        ]
        for row in found.rows
    ]
    if not any(row[2] for row in rows):
        head, rows = head[:2] + head[3:], [row[:2] + row[3:] for row in rows]
    return _twin(visit, found, finding(visit, found), [head, *rows])


def _twin(visit: Visit, found: Comparison, said: str, rows: list[list[str]]) -> dict[str, object]:
    language = visit.language
    source = sources_said(visit.queries, (row.value for row in found.rows), language)
    unit = present.unit_word(found.definition.unit, language)
    return table_twin(visit, found.definition.name[language], said, peers_words(visit, found.peers), unit, source, rows)


def _scale(found: Comparison) -> Scale:
    values: list[float | None] = [row.value.value for row in found.rows]
    for row in found.rows:
        if row.limits is not None:
            values += [row.limits.far_low, row.limits.far_high]
    return Scale.over([*values, found.pooled], percent=found.definition.unit == "percent")


def _axis(visit: Visit, found: Comparison, scale: Scale) -> Component:
    """The ends of the scale and the group's own value, which the line shows."""
    language = visit.language
    ends = [html.Span(number(scale.low, 0, language), className="axis-low")]
    ends.append(html.Span(number(scale.high, 0, language), className="axis-high"))
    if found.pooled is not None:
        place = min(max(scale.at(found.pooled), 14), 86)
        said = visit.text("compare.pooled", value=said_value(visit, found, found.pooled))
        ends.append(html.Span(said, className="axis-group", style={"left": f"{place:.1f}%"}))
    return html.Div(ends, className="axis")


def _ranked(visit: Visit, found: Comparison, row: Row, scale: Scale) -> Component:
    shade = tone(row, found.definition.better)
    words = standing_words(visit, row)
    figure = _figure(visit, found, row)
    change = row.change
    better = {True: "good", False: "bad", None: "none"}[change.better if change else None]
    chosen = row.unit is not None and row.unit.code == visit.unit.code
    parts = counted(visit, row)
    return html.Tr(
        [
            html.Th(
                dcc.Link(row.name, href=href_of(visit, row, found.definition.id), title=visit.text("compare.open")),
                scope="row",
            ),
            html.Td([html.B(figure), html.Div(parts, className="faint") if parts else None], className="right"),
            html.Td(among_limits(row.value.value, row.limits, found.pooled, scale, shade), className="reach-cell"),
            html.Td(
                html.Div([html.Span(SHAPES[shade], className="shape"), html.Span(words)]),
                className=f"standing word-{shade}",
            ),
            html.Td(change.text if change else "", className=f"right change-{better}"),
        ],
        className="row-chosen" if chosen else "",
    )


def _figure(visit: Visit, found: Comparison, row: Row) -> str:
    """The value with its unit; "<5" for a withheld one, a dash for an unknown one: the standing says why."""
    if isinstance(row.value, Suppressed):
        return present.figure_text(row.value, visit.language, visit.queries.settings.privacy.minimum_cell)
    return said_value(visit, found, row.value.value)


def _legend(visit: Visit, found: Comparison) -> Component:
    if not any(row.limits for row in found.rows):
        return html.Span(visit.text("compare.limits.none"), className="chip")
    key = "compare.limits.size" if found.by_size else "compare.limits.share"
    return html.Span(
        [html.I(className="key-usual"), visit.text(key), html.I(className="key-far"), visit.text("compare.limits.far")],
        className="chip chip-limits",
    )


# -- the map, and the paths -------------------------------------------------------


def _side(visit: Visit, found: Comparison) -> Component:
    drawn = place_map(visit.queries)
    order = {unit.code: n for n, unit in enumerate(found.peers.units)}
    rows = sorted(found.rows, key=lambda row: order.get(row.unit.code if row.unit else "", len(order)))
    places = []
    for row in rows:
        shade = tone(row, found.definition.better)
        figure = _figure(visit, found, row)
        words = standing_words(visit, row)
        said = visit.text("compare.place", name=row.name, value=figure, standing=words) if words else figure
        mark = f"{SHAPES[shade]} {figure}".strip()
        key = row.unit.code if row.unit is not None else row.key
        tinted = shade if row.value.value is not None else "unknown"
        places.append(Place(key, row.name, mark, tinted, href_of(visit, row, found.definition.id), said))
    has_map = bool(places) and all(place.key in drawn.shapes for place in places)
    return html.Section(
        [
            html.H3(visit.text("compare.map" if has_map else "compare.tiles")),
            html.P(visit.text("compare.map.note" if has_map else "compare.tiles.note"), className="chart-finding"),
            picture(places, drawn),
        ],
        className="panel-card side-map",
    )


def _paths(visit: Visit, found: Comparison) -> Component | None:
    """One small path a unit, all on one scale, with the group's own beneath where it has one."""
    drawn = [row for row in found.rows if sum(value is not None for value in row.history) > 1]
    if not drawn:
        return None
    values = [value for row in drawn for value in (*row.history, *found.pooled_history)]
    scale = Scale.over(values, percent=found.definition.unit == "percent")
    grouped = any(value is not None for value in found.pooled_history)
    cells = []
    for row in drawn:
        figure = said_value(visit, found, row.value.value)
        label = visit.text("compare.path.label", name=row.name, count=len(row.history), value=figure)
        cells.append(
            html.Figure(
                [
                    html.Figcaption([html.Span(row.name, className="path-name"), html.B(figure)]),
                    path(row.history, found.pooled_history if grouped else (), scale, label),
                ],
                className="path-cell",
            )
        )
    low, high = (said_value(visit, found, round(end, 1)) for end in (scale.low, scale.high))
    note = visit.text("compare.path.note", count=len(drawn[0].history), low=low, high=high)
    if grouped:
        note = f"{note} {visit.text('compare.path.group')}"
    title = visit.text("compare.path")
    return html.Section(
        [
            html.Div([html.H3(title), tools(visit)], className="chart-title"),
            html.Div(className="said", **attributes.aria(live="polite")),
            html.P(note, className="chart-finding"),
            html.Div(cells, className="path-grid"),
            html.Div(className="twin"),
        ],
        className="panel-card chart",
        **attributes.aria(label=title),
        **attributes.data(twin=json.dumps(_paths_twin(visit, found, drawn), ensure_ascii=False)),
    )


def _paths_twin(visit: Visit, found: Comparison, drawn: list[Row]) -> dict[str, object]:
    """The paths as a table: a row a unit, a column a period, the group's own value last."""
    periods = last_periods(visit.period, len(drawn[0].history))
    head = [level_word(visit, found.peers.level).capitalize()]
    head += [present.short_period(period, visit.language) for period in periods]
    paths = [(row.name, row.history) for row in drawn]
    if any(value is not None for value in found.pooled_history):
        paths.append((visit.text("compare.together"), found.pooled_history))
    spell = number if found.definition.denominator is not None else present.as_reported
    rows = [[name, *(spell(value, language=visit.language) for value in history)] for name, history in paths]
    return _twin(visit, found, visit.text("compare.path"), [head, *rows])


__all__ = ["PATH", "href_of", "page"]
