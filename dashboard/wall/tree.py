"""The painted tree, three ways: Dash components, plain HTML for the first paint, a flat state for updates.

A node that may change while the wall runs carries `data-k`, a key unique on the page. Its
text, its other `data-` attributes and its style may change; its tag, class and place may
not. So one tree gives the first paint, the mounted page and each later update, and they
cannot disagree.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from dash import html
from dash.development.base_component import Component

_CAPITAL = re.compile(r"[A-Z]")
_TEXT_ATTRIBUTES = {"className": "class", "title": "title", "lang": "lang", "role": "role"}

Style = Mapping[str, str | int | float]


def box(cls: str, *children: object, key: str = "", style: Style | None = None, **data: str) -> Component:
    """A block. `data` become data- attributes; `key` makes it updatable."""
    return _node(html.Div, cls, list(children), key, style, data)


def leaf(cls: str, key: str, words: str, px: int | None = None, tag: type = html.Div, **data: str) -> Component:
    """A text that must be seen whole: browser tests measure every `data-fit`."""
    style = {"fontSize": f"{px}px"} if px else None
    return _node(tag, cls, words, key, style, {"fit": "", **data})


def _node(tag: type, cls: str, children: object, key: str, style: Style | None, data: Mapping[str, str]) -> Component:
    attributes: dict[str, Any] = {f"data-{name.replace('_', '-')}": value for name, value in data.items()}
    if key:
        attributes["data-k"] = key
    if style:
        attributes["style"] = dict(style)
    return tag(children, className=cls, **attributes)


def _walk(node: object) -> Iterator[Component]:
    if isinstance(node, list | tuple):
        for child in node:
            yield from _walk(child)
    elif isinstance(node, Component):
        yield node
        yield from _walk(getattr(node, "children", None))


def _props(node: Component) -> dict[str, Any]:
    return {name: value for name, value in node.to_plotly_json()["props"].items() if name != "children"}


def state(tree: Component) -> dict[str, dict[str, Any]]:
    """{key: {"t": text, "a": {attribute: value}, "s": {style: value}}} of every updatable node."""
    nodes: dict[str, dict[str, Any]] = {}
    for node in _walk(tree):
        props = _props(node)
        key = props.get("data-k")
        if key is None:
            continue
        if key in nodes:
            raise ValueError(f"two nodes of the wall share the key {key}")
        children = getattr(node, "children", None)
        attributes = {n: v for n, v in props.items() if n.startswith("data-") and n not in ("data-k", "data-fit")}
        known = {"t": children if isinstance(children, str) else None, "a": attributes, "s": props.get("style")}
        nodes[key] = {name: value for name, value in known.items() if value not in (None, {})}
    return nodes


def shape(tree: Component) -> str:
    """A short name of everything that cannot change in place; another shape wants a new page."""
    fixed = [f"{node._type}.{_props(node).get('className')}.{_props(node).get('data-k')}" for node in _walk(tree)]
    return hashlib.sha256("\n".join(fixed).encode()).hexdigest()[:12]


def to_html(node: object) -> str:
    """The same tree as HTML, for a first paint without script: no hidden rows, and charts yet to be drawn."""
    if node is None:
        return ""
    if isinstance(node, list | tuple):
        return "".join(map(to_html, node))
    if not isinstance(node, Component):
        return escape(str(node))
    tag, props, said = node._type.lower(), _props(node), []
    if props.get("data-off"):
        return ""
    for name, value in props.items():
        if name == "style":
            said.append(f' style="{escape(_css(value))}"')
        elif name in _TEXT_ATTRIBUTES:
            said.append(f' {_TEXT_ATTRIBUTES[name]}="{escape(str(value))}"')
        elif name.startswith("data-") and name not in ("data-k", "data-figure", "data-words"):
            said.append(f' {name}="{escape(str(value))}"')
    return f"<{tag}{''.join(said)}>{to_html(getattr(node, 'children', None))}</{tag}>"


def _css(style: Style) -> str:
    return ";".join(f"{_CAPITAL.sub(lambda m: '-' + m[0].lower(), name)}:{value}" for name, value in style.items())
