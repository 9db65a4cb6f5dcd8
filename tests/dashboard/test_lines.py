"""Values made when they are looked at are those made at once, and what a page takes of them unmade is the same."""

from __future__ import annotations

from dashboard.queries import Queries
from datasets.indicators.calculate import Request
from datasets.indicators.line import Lines
from datasets.periods import Period

MONTHS = tuple(map(Period.parse, ("202609", "202610", "202611")))
IDS = tuple(month.id for month in MONTHS)


def test_a_line_tells_the_numbers_targets_and_sources_of_its_values(queries: Queries) -> None:
    request = Request(tuple(queries.catalogue.indicators), ("98001", "TD-1"), MONTHS)
    lines, values = queries.values_of((request,))[0], queries.values(request)
    assert isinstance(lines, Lines)
    assert len(lines) == len(values)
    assert [lines[0], lines[-1], *lines[5:9]] == [values[0], values[-1], *values[5:9]]
    asked = iter(values)
    for line in (line for of_indicator in lines.by_indicator for line in of_indicator):
        mine = [next(asked) for _ in MONTHS]
        assert [line[month] for month in IDS] == mine == line.in_order()
        assert line.told() == [(value.value, value.period_of_value) for value in mine]
        assert line.path((*IDS, "202612")) == [v.value if v.period_of_value == v.period else None for v in mine] + [
            None
        ]
        assert [line.target(month) for month in IDS] == [value.target for value in mine]
        assert list(line.origins(IDS)) == [(v.sources, v.as_of) for v in mine if v.value is not None]
    assert list(asked) == []
