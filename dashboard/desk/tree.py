"""Where the page stands in the tree: province > commune > hamlet, with the siblings one click away.

Each step is a link and, where it has siblings, a menu of them (a native disclosure: Enter or
Space opens it, Tab walks through it, Escape closes it: assets/js/tree.js). Going to a hamlet is
a filter where the page's records name their hamlet, and a unit of its own where hamlets report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash.development.base_component import Component

from dashboard.desk.attributes import aria
from dashboard.desk.light import dcc, html
from dashboard.desk.visit import Visit
from dashboard.panels import BY_PATH
from datasets.units import OrgUnit
from datasets.units_territory import GROUP
from datasets.vietnamese import sort_key

HAMLET = "hamlet"
PARTS = (HAMLET, "facility", "school")
"""Levels below the commune; of these only hamlets are places one goes down to."""


@dataclass(frozen=True, slots=True)
class Step:
    """One place: its name, its address (None: not for this viewer), and the others of its kind."""

    name: str
    href: str | None
    others: tuple[tuple[str, str, bool], ...]  # name, address, whether it is this one
    here: bool


def crumbs(visit: Visit) -> Component:
    """The breadcrumb, and the choice of boundaries where it makes a difference."""
    steps = steps_of(visit)
    return html.Div(
        [
            html.Nav(html.Ol([_step(visit, step) for step in steps]), **aria(label=visit.text("tree.label"))),
            boundaries(visit),
        ],
        className="crumbs",
    )


def steps_of(visit: Visit) -> list[Step]:
    """From the top down to the page's unit, its hamlet filter, or an invitation to go further down."""
    queries = visit.queries
    territory = queries.calculator.territory(visit.unit.code, visit.period, visit.ask.boundaries)
    seen = {unit.code for unit in queries.scope(visit.viewer)}
    lineage: list[OrgUnit] = [territory.unit(visit.unit.code)]
    while (parent := lineage[0].parent) is not None:
        lineage.insert(0, territory.unit(parent))
    by_filter = hamlets_are_filters(visit)
    hamlet = visit.address.filters.get(HAMLET) if by_filter else None
    found = []
    for unit in lineage:
        siblings: Sequence[OrgUnit] = territory.children(unit.parent) if unit.parent else _tops(visit, unit)
        alike = [each for each in siblings if each.level == unit.level and each.code in seen and each.level != GROUP]
        is_hamlet = unit.level == HAMLET
        others = [
            (each.name, _down(visit, each, by_filter) if is_hamlet else _to(visit, each), each.code == unit.code)
            for each in alike
        ]
        last = unit.code == visit.unit.code and hamlet is None
        href = _to(visit, unit) if unit.code in seen else None
        found.append(Step(unit.name, href, tuple(others) if len(others) > 1 else (), last))
    if visit.unit.level != HAMLET and (below := _below(visit, seen, by_filter, hamlet)):
        name = hamlet if hamlet is not None else visit.text("tree.down")
        found.append(Step(name or visit.text("choice.unknown"), None, below, hamlet is not None))
    return found


def hamlets_are_filters(visit: Visit) -> bool:
    """Whether the page counts records that name their hamlet; else hamlets have figures of their own."""
    panel = BY_PATH.get(visit.address.path)
    names = [card.indicator for card in panel.cards] if panel else []
    if not names and visit.address.path.startswith("/chi-so/"):
        names = [visit.address.path.removeprefix("/chi-so/")]
    known = visit.queries.catalogue.indicators
    return any(HAMLET in known[name].drill_by for name in names if name in known)


def _below(visit: Visit, seen: set[str], by_filter: bool, hamlet: str | None) -> tuple[tuple[str, str, bool], ...]:
    territory = visit.queries.calculator.territory(visit.unit.code, visit.period, visit.ask.boundaries)
    children = [unit for unit in territory.children(visit.unit.code) if unit.code in seen]
    units = [unit for unit in children if unit.level not in PARTS] or [u for u in children if u.level == HAMLET]
    return tuple((unit.name, _down(visit, unit, by_filter), unit.name == hamlet) for unit in units)


def _down(visit: Visit, unit: OrgUnit, by_filter: bool) -> str:
    if unit.level != HAMLET or not by_filter:
        return _to(visit, unit)
    filtered = visit.address.with_filter(HAMLET, unit.name)
    return visit.href(filters=filtered.filters, unit=visit.unit.code if visit.unit.level != HAMLET else unit.parent)


def _to(visit: Visit, unit: OrgUnit) -> str:
    """The same page of another unit; filters are members of this one and stay behind."""
    return visit.href(unit=unit.code, filters={}, search_words=None)


def _tops(visit: Visit, unit: OrgUnit) -> list[OrgUnit]:
    tops = [each for each in visit.queries.scope(visit.viewer) if each.parent is None and each.valid_to is None]
    return sorted(tops, key=lambda each: (each.code != unit.code, sort_key(each.name)))


def _step(visit: Visit, step: Step) -> Component:
    label: Component
    if step.here:
        label = html.Span(step.name, **aria(current="page"))
    elif step.href is not None:
        label = dcc.Link(step.name, href=step.href)
    elif step.others:
        label = html.Span()
    else:
        label = html.Span(step.name, className="crumb-closed")
    if not step.others:
        return html.Li(label)
    inviting = step.href is None and not step.here
    menu = html.Details(
        [
            html.Summary(
                step.name if inviting else "▾",
                className="crumb-down" if inviting else "crumb-more",
                **aria(label=visit.text("tree.siblings", name=step.name)),
            ),
            html.Ul(
                [
                    html.Li(
                        dcc.Link(name, href=href, className="chosen" if chosen else ""),
                    )
                    for name, href, chosen in step.others
                ]
            ),
        ],
        className="crumb-menu",
    )
    return html.Li([label, menu])


def boundaries(visit: Visit) -> Component | None:
    """By today's boundaries or those of the period: only where a unit on the page was merged."""
    territory = visit.queries.calculator.territory(visit.unit.code, visit.period)
    lineage = {visit.unit.code, *(unit.code for unit in visit.queries.units.ancestors(visit.unit.code))}
    touched = [code for code in territory.before if code in lineage or code in territory.codes(visit.unit.code)]
    if not touched:
        return None
    former = ", ".join(
        visit.text("tree.merged", name=visit.queries.units.get(each.code).name, day=f"{each.last_day:%d/%m/%Y}")
        for code in touched
        for each in territory.before[code]
    )
    chosen = visit.address.boundaries
    return html.Div(
        [
            html.Span(visit.text("tree.boundaries"), className="faint"),
            html.Div(
                [
                    dcc.Link(
                        visit.text(f"tree.boundaries.{which}"),
                        href=visit.href(boundaries=which),
                        className="part part-chosen" if which == chosen else "part",
                    )
                    for which in ("now", "then")
                ],
                className="parts",
            ),
        ],
        className="boundaries",
        title=former,
    )
