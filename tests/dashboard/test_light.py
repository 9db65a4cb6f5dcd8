"""The light components of the desk's pages are the ones that Dash itself would have made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.desk import light
from dashboard.desk.parts import OF_THE_CLASS, plain
from dashboard.desk.render import render
from dashboard.panels import PANELS
from dashboard.queries import Queries

ADDRESSES = [
    *((panel.path, search) for panel in PANELS for search in ("?don-vi=98001", "?don-vi=98001&ngon-ngu=en")),
    *((f"/chi-so/{name}", "?don-vi=98001&ky=202611") for name in ("ps_on_time_rate", "hl_cases", "se_population")),
    ("/khong-co", ""),
]


def within(part: Any) -> Iterator[Component]:
    """Every component of a page."""
    if isinstance(part, Component):
        yield part
        yield from within(getattr(part, "children", None))
    elif isinstance(part, list | tuple):
        for each in part:
            yield from within(each)


@pytest.mark.parametrize(("path", "search"), ADDRESSES)
def test_what_a_page_gives_its_components_is_what_dash_lets_them_have(queries: Queries, path: str, search: str) -> None:
    seen = 0
    for part in within(render(queries, path, search)):
        if type(part).__init__ is not light._take:
            continue
        kind = type(part).__mro__[1]
        given = {name: value for name, value in vars(part).items() if name not in OF_THE_CLASS}
        checked = kind(**given)  # TypeError for a property that it has not
        assert checked.to_plotly_json() == part.to_plotly_json()
        seen += 1
    assert seen > 5


def test_a_light_component_is_one_of_its_kind() -> None:
    part = light.html.Div([light.dcc.Link("đi", href="/van-ban")], className="x", **{"data-n": "1"})
    assert isinstance(part, html.Div)
    assert isinstance(part.children[0], dcc.Link)
    whole = html.Div([dcc.Link("đi", href="/van-ban")], className="x", **{"data-n": "1"})
    assert plain(part) == plain(whole)
    assert str(part) == str(whole)
