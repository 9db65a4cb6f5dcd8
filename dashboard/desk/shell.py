"""The frame around every page: header, navigation, and the row of pickers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash.development.base_component import Component

from dashboard.desk.address import COMPARISONS
from dashboard.desk.attributes import aria, data
from dashboard.desk.light import dcc, html
from dashboard.desk.visit import SHOWN_LEVELS, Visit
from dashboard.panels import PANELS
from dashboard.queries import REPORTING_LEVELS
from datasets.indicators.rules import RULE_SETS
from datasets.periods import Period, PeriodType
from datasets.units import OrgUnit
from datasets.vietnamese import day

PAGES = (
    ("compare", "/so-sanh"),
    ("sources", "/nguon-so-lieu"),
    ("alerts", "/canh-bao"),
    ("briefings", "/bao-cao-tuan"),
    ("screens", "/man-hinh-quan-ly"),
)
WALL_PATH = "/man-hinh/"
PERIODS_OFFERED = {"day": 31, "week": 27, "month": 25, "quarter": 13, "half_year": 8, "year": 8}
PICKED_TYPES = (PeriodType.DAY, PeriodType.WEEK, PeriodType.MONTH, PeriodType.QUARTER, PeriodType.YEAR)

Option = Mapping[str, Any]
"""`{"value": ..., "label": ...}`, or `{"group": name, "items": [options]}`."""


def frame(visit: Visit, body: Component) -> Component:
    """The whole window around a page's body. The navigation is a drawer on narrow screens (assets/js/desk.js)."""
    return html.Div(
        [
            html.A(visit.text("look.skip"), href="#main", className="skip"),
            html.Header(_header(visit), className="header"),
            html.Div(_navigation(visit), className="navbar", id="navbar"),
            html.Button(className="veil", hidden=True, **aria(label=visit.text("look.menu_close"))),
            html.Main(body, className="main", id="main"),
        ],
        className="shell",
        lang=visit.language,
    )


def _header(visit: Visit) -> Component:
    settings = visit.queries.settings
    today = visit.queries.today()
    other = "en" if visit.language == "vi" else "vi"
    return html.Div(
        [
            html.Button(
                html.I(className="icon icon-menu"),
                className="menu",
                type="button",
                **aria(label=visit.text("look.menu"), expanded="false", controls="navbar"),
            ),
            dcc.Link(settings.centre.name, href=visit.to("/"), className="centre-name"),
            html.Span(visit.text("desk.demo"), className="demo") if settings.centre.demo else None,
            html.Span(className="spring"),
            html.Span(f"{visit.text(f'desk.weekday.{today.weekday()}')}, {day(today)}", className="today"),
            dcc.Link(
                visit.text("desk.other_language"), href=visit.href(language=other), className="language", refresh=False
            ),
        ],
        className="header-line",
    )


def _navigation(visit: Visit) -> Component:
    here = visit.address.path
    links = [_nav(visit, panel.id, visit.text(f"panel.{panel.id}.title"), panel.path, here) for panel in PANELS]
    others = [_nav(visit, page, visit.text(f"desk.page.{page}"), path, here) for page, path in PAGES]
    wall = html.A(
        [html.I(className="icon icon-wall"), visit.text("desk.page.wall")],
        href=WALL_PATH + ("?ngon-ngu=en" if visit.language == "en" else ""),
        className="nav",
        target="_blank",
    )
    return html.Nav(
        [*links, html.Hr(), *others, wall], className="navigation", **aria(label=visit.text("desk.navigation"))
    )


def _nav(visit: Visit, name: str, label: str, path: str, here: str) -> Component:
    chosen = here == path
    return dcc.Link(
        [html.I(className=f"icon icon-{name.replace('_', '-')}"), label],
        href=visit.to(path),
        className="nav nav-chosen" if chosen else "nav",
    )


def title_row(visit: Visit, title: str, subtitle: str, right: Component | None = None) -> Component:
    return html.Div(
        [
            html.Div([html.H2(title), html.Div(subtitle, className="subtitle")]),
            html.Div(right, className="title-right"),
        ],
        className="title-row",
    )


def toolbar(visit: Visit, *, rules: bool, compare: bool = True) -> Component:
    """Unit, period, comparison and, where dossiers are counted, the rule set."""
    return html.Div(
        [
            _select(visit, "don-vi", "unit", visit.unit.code, _units(visit), 262),
            _select(visit, "ky", "type", visit.period.id, _types(visit), 104),
            _periods(visit),
            _select(visit, "so-sanh", "compare", _compare_word(visit), _comparisons(visit), 172) if compare else None,
            _select(visit, "quy-tac", "rules", visit.address.rules, _rules(visit), 270) if rules else None,
        ],
        className="toolbar",
    )


def _select(visit: Visit, word: str, part: str, value: str, options: Sequence[Option], width: int) -> Component:
    """A labelled picker of the browser's own: its choice becomes the address's `word` (assets/js/desk.js)."""
    name = f"pick-{part}"
    return html.Div(
        [
            html.Label(visit.text(f"desk.pick.{part}"), htmlFor=name),
            html.Select([_choice(option, value) for option in options], id=name, **data(word=word)),
        ],
        className="pick",
        style={"width": width},
    )


def _choice(option: Option, value: str) -> Component:
    if "items" in option:
        return html.Optgroup([_choice(item, value) for item in option["items"]], label=option["group"])
    return html.Option(option["label"], value=option["value"], selected=option["value"] == value)


def _units(visit: Visit) -> list[Option]:
    """Standing units under their province, then former ones; hamlets and schools are no units of a page."""
    scope = visit.queries.scope(visit.viewer)
    groups: dict[str, list[Option]] = {}
    for unit in scope:
        if unit.level not in SHOWN_LEVELS:
            continue
        if unit.valid_to is not None:
            if unit.level in REPORTING_LEVELS:
                groups.setdefault("", []).append(_option(unit))
            continue
        above = visit.queries.units.ancestors(unit.code)
        groups.setdefault(above[-1].name if above else unit.name, []).append(_option(unit))
    former = groups.pop("", [])
    found: list[Option] = [{"group": name, "items": items} for name, items in groups.items() if len(items) > 1]
    alone = [item for items in groups.values() if len(items) == 1 for item in items]
    for name, items in (("alone", alone), ("former", former)):
        if items:
            found.append({"group": visit.text(f"desk.pick.{name}"), "items": items})
    return found


def _option(unit: OrgUnit) -> Option:
    return {"value": unit.code, "label": unit.name}


def _types(visit: Visit) -> list[dict[str, str]]:
    """Each type with the period of that type that holds the chosen period's last day so far."""
    last = min(visit.period.end.toordinal() - 1, visit.now.date().toordinal())
    on = visit.period.start.fromordinal(last)
    types = PICKED_TYPES if visit.period.type in PICKED_TYPES else (*PICKED_TYPES, visit.period.type)
    return [
        {
            "value": visit.period.id if kind is visit.period.type else Period.of(on, kind).id,
            "label": visit.text(f"desk.type.{kind.value}"),
        }
        for kind in types
    ]


def _periods(visit: Visit) -> Component:
    running = Period.of(visit.now.date(), visit.period.type)
    offered = [running.previous(n) for n in range(PERIODS_OFFERED[visit.period.type.value])]
    if visit.period not in offered:
        offered.append(visit.period)
    following = visit.period.next() if visit.period < running else None
    return html.Div(
        [
            _step(visit, visit.period.previous(), "previous", "‹"),
            _select(
                visit,
                "ky",
                "period",
                visit.period.id,
                [{"value": p.id, "label": p.label(visit.language)} for p in offered],
                150,
            ),
            _step(visit, following, "next", "›"),
        ],
        className="stepper",
    )


def _step(visit: Visit, period: Period | None, which: str, sign: str) -> Component:
    label = visit.text(f"desk.pick.{which}")
    if period is None:
        return html.Span(sign, className="step step-off", **aria(hidden="true"))
    return dcc.Link(sign, href=visit.href(period=period.id), className="step", title=label)


def _compare_word(visit: Visit) -> str:
    return next(word for word, meaning in COMPARISONS.items() if meaning == visit.address.compare)


def _comparisons(visit: Visit) -> list[dict[str, str]]:
    return [{"value": word, "label": visit.text(f"desk.compare.{meaning}")} for word, meaning in COMPARISONS.items()]


def _rules(visit: Visit) -> list[dict[str, str]]:
    return [{"value": rules.id, "label": rules.legal_name(visit.language)} for rules in RULE_SETS]
