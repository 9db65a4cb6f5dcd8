"""The desk's own components, drawn by assets/js/window.js.

Dash draws new children by throwing the old ones away. The window instead takes the whole page as data (`tree`:
components of Dash's HTML, links, and the parts below) and lets React change what differs: a chart keeps its
drawing, a list its grid, the reader the focus. Nothing in a tree is a callback's input or output: its parts write
the address, and the page follows it. A page with forms or callbacks of its own is the window's `children`, as Dash
draws them.
"""

from __future__ import annotations

from typing import Any

from dash import dcc
from dash.development.base_component import Component


class Part(Component):
    """A component of this house; the names of what it takes are its class's `_prop_names`."""

    _namespace = "dashboard"
    _valid_wildcard_attributes = []

    def __init__(self, **props: Any) -> None:
        super().__init__(**props)


class Window(Part):
    """All that is seen: the `tree`, `plain`, or None for `children`; and what it was drawn from."""

    _type = "Window"
    _prop_names = ["id", "children", "tree", "address", "version"]


class Chart(Part):
    """A plotly figure; a click adds `word`=member to the address, or leads to one of `indicators` (desk.js)."""

    _type = "Chart"
    _prop_names = ["key", "figure", "config", "word", "indicators", "listed"]


class Spark(Part):
    """A small line through `dots`, [x, y] from the upper left of a place of `size`, with an area beneath it."""

    _type = "Spark"
    _prop_names = ["dots", "size", "label"]


class Grid(Part):
    """The list of records. `query` is the question that its rows answer, `first` the first of them (records.py)."""

    _type = "Grid"
    _prop_names = ["query", "first", "columns", "options", "height"]


class Search(Part):
    """A field whose words become the address's `tim`."""

    _type = "Search"
    _prop_names = ["words", "placeholder", "longest"]


OF_THE_CLASS = frozenset(
    ("_prop_names", "_valid_wildcard_attributes", "available_properties", "available_wildcard_properties")
)
"""What Dash's components keep in each instance beside their properties."""

DRAWN = ("dash_html_components", "dashboard")


def plain(part: Any) -> Any:
    """A component with all that is in it as Dash writes it for the browser, in a fifth of Dash's time, which asks
    each component for every property that it might have had.

    Raises TypeError for what the window cannot draw in a tree: it has HTML, links and the parts above.
    """
    if isinstance(part, Component):
        if part._namespace not in DRAWN and not isinstance(part, dcc.Link):
            raise TypeError(f"{part._type} has no place in a page's tree")
        held = {name: value for name, value in vars(part).items() if name not in OF_THE_CLASS}
        props = {name: plain(value) if name == "children" else value for name, value in held.items()}
        return {"props": props, "type": part._type, "namespace": part._namespace}
    return [plain(each) for each in part] if isinstance(part, list | tuple) else part
