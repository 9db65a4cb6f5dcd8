"""Units of the same level side by side: what is compared with whom, and how far chance alone reaches.

One request for all units and periods, one more for the like-for-like comparison, whatever the
number of units. The group's own value is made of the added components, never of the units' rates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dashboard import present
from dashboard.desk.visit import Visit
from dashboard.members import member_name
from dashboard.panel import Change
from dashboard.panel_asked import last_periods
from datasets.indicators import limits
from datasets.indicators.calculate import Request
from datasets.indicators.definition import Definition
from datasets.indicators.limits import Limits, Standing
from datasets.indicators.value import Status, Value
from datasets.indicators.window import Window, like_for_like
from datasets.periods import Period
from datasets.units import OrgUnit
from datasets.units_territory import GROUP
from datasets.vietnamese import sort_key

PATH = "/so-sanh"
HISTORY = 12
REPORTING = ("province", "district", "commune")
MEASURED = {
    "percent", "score", "dong", "million_dong", "million_dong_month", "million_dong_year", "hectares",
    "people_per_km2", "watts", "points", "rank", "days", "pupils_per_class", "teachers_per_class",
}  # fmt: skip
"""Units of measure that are no counts of single things: chance says nothing about a share of them."""


@dataclass(frozen=True, slots=True)
class Peers:
    """Who is compared: units of one level, and in words why these (a message and its names).

    how      siblings | kind | below, as in the address
    above    the unit that the group is made of, where it is all that is below it
    """

    how: str
    units: tuple[OrgUnit, ...]
    level: str
    above: OrgUnit | None


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of the comparison, or one hamlet that is a member of records.

    limits    where chance alone would keep it, in the value's unit; None where that cannot be said
    history   its last periods, the asked one last; None where not known
    change    against the chosen comparison, like for like
    """

    key: str
    name: str
    unit: OrgUnit | None
    value: Value
    limits: Limits | None
    standing: Standing | None
    history: tuple[float | None, ...]
    change: Change | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """An indicator over its peers, the worst first, the unknown last.

    pooled     the group's value from the added components; None where they do not add up
    by_size    the limits are of counts, by population
    """

    definition: Definition
    peers: Peers
    rows: tuple[Row, ...]
    pooled: float | None
    pooled_history: tuple[float | None, ...]
    by_size: bool
    against: str


def peers_of(visit: Visit, how: str | None) -> Peers:
    """Who the visited unit is compared with; what is not possible there becomes what is."""
    queries, unit = visit.queries, visit.unit
    territory = queries.calculator.territory(unit.code, visit.period, visit.ask.boundaries)
    seen = {each.code for each in queries.scope(visit.viewer)}
    below = _of_one_level([each for each in territory.children(unit.code) if each.code in seen])
    if below and (how == "below" or (how is None and below[0].level in REPORTING)):
        return Peers("below", below, below[0].level, unit)
    siblings: tuple[OrgUnit, ...] = ()
    if unit.parent and unit.parent in queries.units:
        near = [each for each in territory.children(unit.parent) if each.code in seen]
        siblings = tuple(each for each in near if each.level == unit.level)
    if how != "kind" and len(siblings) > 1:
        return Peers("siblings", siblings, unit.level, territory.unit(str(unit.parent)))
    alike = tuple(
        each
        for each in queries.scope(visit.viewer)
        if (each.level, each.kind) == (unit.level, unit.kind) and each.valid_to == unit.valid_to
    )
    return Peers("kind", alike or (unit,), unit.level, None)


def _of_one_level(units: Sequence[OrgUnit]) -> tuple[OrgUnit, ...]:
    """The children of the highest level that reports, else the hamlets."""
    for level in (*REPORTING, "hamlet"):
        found = tuple(unit for unit in units if unit.level == level and unit.level != GROUP)
        if found:
            return found
    return ()


def comparison(visit: Visit, indicator: str) -> Comparison:
    """The indicator over the visited unit's peers. Raises UsageError for an unknown indicator."""
    definition = visit.queries.definition(indicator)
    peers = peers_of(visit, visit.address.group)
    by_member = peers.how == "below" and peers.level == "hamlet" and "hamlet" in definition.drill_by
    periods = last_periods(visit.period, HISTORY)
    history = _values(visit, definition, peers, periods, by_member)
    pair = None
    if visit.address.compare in ("previous", "last_year"):
        last_year = visit.address.compare == "last_year"
        other = visit.period.same_last_year() if last_year else visit.period.previous()
        pair = like_for_like(visit.period, other, visit.now, visit.queries.zone, visit.queries.calendar)
    windows = (pair.present, pair.other) if pair else ()
    beside = _values(visit, definition, peers, windows, by_member) if windows else {}
    if visit.address.compare == "target":
        against = visit.text("panel.against.target")
    else:
        against = present.against_text(pair, visit.language) if pair else ""
    now = {key: found[visit.period.id] for key, found in history.items()}
    names = _names(visit, peers, by_member, history)
    pooled = _pooled(definition, now.values())
    shown, by_size = _limits(visit, definition, peers, now, pooled)
    rows = []
    for key, (name, unit) in names.items():
        value = now.get(key)
        if value is None:
            continue
        reach = shown.get(key)
        rows.append(
            Row(
                key,
                name,
                unit,
                value,
                reach,
                reach.standing(value.value) if reach and value.value is not None else None,
                tuple(_own(history[key][period.id]) for period in periods),
                _change(visit, definition, value, [beside[key][w.id] for w in windows] if key in beside else []),
            )
        )
    together = [_pooled(definition, [found[p.id] for found in history.values() if p.id in found]) for p in periods]
    return Comparison(definition, peers, _ranked(rows, definition), pooled, tuple(together), by_size, against)


def _own(value: Value) -> float | None:
    """A path shows what was told of each period, not an older number that stands in."""
    return value.value if value.period_of_value == value.period else None


def _values(
    visit: Visit, definition: Definition, peers: Peers, periods: Sequence[Period | Window], by_member: bool
) -> dict[str, dict[str, Value]]:
    """key -> period id -> value, in one request."""
    asked = Request(
        (definition.id,),
        (visit.unit.code,) if by_member else tuple(unit.code for unit in peers.units),
        tuple(periods),
        rules=visit.address.rules,
        by="hamlet" if by_member else None,
        boundaries=visit.ask.boundaries,
    )
    found: dict[str, dict[str, Value]] = {}
    for value in visit.queries.kept_values(asked, visit.viewer):
        key = (value.by or {}).get("hamlet", "") if by_member else value.unit
        found.setdefault(key, {})[value.period] = value
    return _with_all_hamlets(found, definition, peers, periods) if by_member and found else found


def _with_all_hamlets(
    found: Mapping[str, Mapping[str, Value]], definition: Definition, peers: Peers, periods: Sequence[Period | Window]
) -> dict[str, dict[str, Value]]:
    """Every hamlet of the tree in every period: one without a row has none of it, and no rate."""
    some = next(iter(next(iter(found.values())).values()))
    zero = 0 if definition.denominator is None and definition.numerator.kind == "count" else None
    nothing = some._replace(value=zero, numerator=zero, denominator=None, status=Status.NONE, target=None)
    whole = {unit.name: dict(found.get(unit.name, {})) for unit in peers.units}
    whole |= {key: dict(values) for key, values in found.items() if key not in whole}
    for key, values in whole.items():
        for period in periods:
            empty = nothing._replace(by={"hamlet": key}, period=period.id, period_of_value=period.id)
            values.setdefault(period.id, empty)
    last = periods[-1].id
    return {key: values for key, values in whole.items() if key or values[last].value}


def _names(
    visit: Visit, peers: Peers, by_member: bool, found: Mapping[str, object]
) -> dict[str, tuple[str, OrgUnit | None]]:
    if not by_member:
        return {unit.code: (unit.name, unit) for unit in peers.units}
    units = {unit.name: unit for unit in peers.units}
    return {key: (member_name(visit.queries, "hamlet", key, visit.language), units.get(key)) for key in found}


def _pooled(definition: Definition, values: Iterable[Value]) -> float | None:
    """The group's value: added numerators over added denominators; of plain counts nothing."""
    known = [(v.numerator, v.denominator) for v in values if v.numerator is not None and v.denominator]
    bottom = sum(below for _, below in known)
    return sum(top for top, _ in known) / bottom * definition.factor if bottom else None


def _is_count(visit: Visit, definition: Definition) -> bool:
    """Whether the value counts single things that happened or wait, so that more people have more of them."""
    if definition.denominator is not None or definition.unit in MEASURED:
        return False
    if definition.numerator.kind == "count":
        return True
    element = visit.queries.catalogue.elements.get(str(definition.numerator.element))
    return element is not None and element.over_units == "sum" and element.over_time == "sum"


def _limits(
    visit: Visit, definition: Definition, peers: Peers, now: Mapping[str, Value], pooled: float | None
) -> tuple[dict[str, Limits], bool]:
    """Funnel limits of each unit, and whether they are of counts by population."""
    if is_proportion(definition, now):
        if pooled is None:
            return {}, False
        found = {key: limits.of_share(pooled / 100, int(value.denominator or 0)) for key, value in now.items()}
        return {
            key: Limits(each.low * 100, each.high * 100, each.far_low * 100, each.far_high * 100)
            for key, each in found.items()
            if each is not None
        }, False
    people = {unit.code: unit.population for unit in peers.units} | {u.name: u.population for u in peers.units}
    counted = {key: value.value for key, value in now.items() if value.value is not None}
    everyone = sum(people.get(key) or 0 for key in counted)
    if not _is_count(visit, definition) or not counted or not all(people.get(key) for key in counted):
        return {}, False
    total = sum(counted.values())
    reached = {key: limits.of_count(total * (people[key] or 0) / everyone) for key in counted}
    return {key: each for key, each in reached.items() if each is not None}, True


def is_proportion(definition: Definition, values: Mapping[str, Value]) -> bool:
    """Whether the value is a share of single things, each of them counted or not."""
    numerator, denominator = definition.numerator, definition.denominator
    if definition.unit != "percent" or denominator is None or definition.factor != 100:
        return False
    if numerator.kind not in ("count", "element") or denominator.kind != numerator.kind:
        return False
    parts = [(v.numerator, v.denominator) for v in values.values() if v.numerator is not None and v.denominator]
    return all(top <= bottom and top == int(top) and bottom == int(bottom) for top, bottom in parts)


def _change(visit: Visit, definition: Definition, value: Value, pair: Sequence[Value]) -> Change | None:
    if visit.address.compare == "target":
        return present.change(value.value, value.target, definition, "", visit.language)
    if not pair:
        return None
    here, there = pair
    return present.change_between(here, there, definition, "", visit.language)


def _ranked(rows: Sequence[Row], definition: Definition) -> tuple[Row, ...]:
    """The worst first; where neither is worse the largest first; equal ones by name; unknown last."""
    sign = 1 if definition.better == "higher" else -1

    def place(row: Row) -> tuple[bool, float, tuple[object, ...] | object]:
        known = row.value.value is not None
        return (not known, sign * (row.value.value or 0.0) if known else 0.0, sort_key(row.name))

    return tuple(sorted(rows, key=place))
