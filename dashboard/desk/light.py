"""Dash's HTML and links, the same components made in a tenth of the time.

Dash looks at every argument of a component against lists that it makes anew for each: most of the work of drawing a
page of a thousand. These take what they are given; tests/dashboard/test_light.py asks Dash whether it is right.
"""

from __future__ import annotations

from typing import Any

import dash
from dash.development.base_component import Component, ComponentMeta

OF_A_CLASS = (
    *("_prop_names", "_valid_wildcard_attributes", "available_properties", "available_wildcard_properties"),
    *("_namespace", "_type", "_children_props", "__module__"),
)
"""What Dash keeps in each instance, and reads of each class when it is made."""


NEEDED = {"Link": {"href": ""}}
"""What a component is not made without."""


class Light:
    """The components of one of Dash's suites, by their names."""

    def __init__(self, suite: Any) -> None:
        self._suite = suite

    def __getattr__(self, name: str) -> Any:
        made = lightened(getattr(self._suite, name))
        setattr(self, name, made)
        return made


def lightened(kind: type[Component]) -> Any:
    """The component without its checks."""
    whole = kind(**NEEDED.get(kind.__name__, {}))
    kept: dict[str, Any] = {name: getattr(whole, name) for name in OF_A_CLASS}
    return ComponentMeta(kind.__name__, (kind,), {**kept, "__init__": _take})


def _take(self: Component, children: Any = None, **given: Any) -> None:
    vars(self).update(given, children=children)


html, dcc = Light(dash.html), Light(dash.dcc)
