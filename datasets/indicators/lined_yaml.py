"""YAML read strictly, with the line of every value.

Only what JSON knows is converted: numbers, true, false and null. Dates, `no`, `010` and
`10:30` stay text, so that nobody's code loses a zero (style.md 3.13, trap 5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from datasets.errors import Fault
from datasets.messages import text

At = tuple[str | int, ...]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one reads the catalogue in a tenth of the time
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$")
_WORDS = {"true": True, "false": False, "null": None, "": None, "~": None}


@dataclass(slots=True)
class LinedYaml:
    """One file's content, the line of each key by its path, and what is wrong with it as YAML."""

    content: object = None
    lines: dict[At, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, at: At) -> int:
        """The line of the nearest thing on the way to `at`; 0 for the whole file."""
        while at not in self.lines and at:
            at = at[:-1]
        return self.lines.get(at, 0)


def read(path: Path) -> LinedYaml:
    """The file's content. Syntax errors and keys given twice are faults; nothing is raised for them."""
    lined = LinedYaml()
    try:
        root = yaml.compose(path.read_text("utf-8"), _LOADER)
    except (OSError, UnicodeDecodeError):
        lined.faults.append(Fault(path, 0, text("catalogue.unreadable")))
        return lined
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        problem = getattr(error, "problem", None) or error
        lined.faults.append(Fault(path, line, text("catalogue.not_yaml", problem=problem)))
        return lined
    if root is not None:
        lined.content = _plain(root, (), path, lined)
    return lined


def _plain(node: yaml.Node, at: At, path: Path, lined: LinedYaml) -> object:
    lined.lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*at, i), path, lined) for i, child in enumerate(node.value)]
    mapping: dict[object, object] = {}
    for key_node, value_node in node.value:
        key = _scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else str(key_node.value)
        below = (*at, key if isinstance(key, str | int) else str(key))
        if key in mapping:
            lined.faults.append(Fault(path, key_node.start_mark.line + 1, text("catalogue.twice", word=key)))
            continue
        lined.lines[below] = key_node.start_mark.line + 1
        mapping[key] = _plain(value_node, below, path, lined)
    return mapping


def _scalar(node: yaml.ScalarNode) -> object:
    written = str(node.value)
    if node.style:  # quoted or a block; plain is None, or "" by the C loader
        return written
    if written in _WORDS:
        return _WORDS[written]
    if _NUMBER.match(written):
        return float(written) if any(mark in written for mark in ".eE") else int(written)
    return written
