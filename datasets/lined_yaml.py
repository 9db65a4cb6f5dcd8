"""YAML read strictly, with the line of every value.

Only what JSON knows is converted: numbers, true, false and null. What YAML 1.1 would
turn into something else (01, 010, 10:30, no, 2026-01-01) is never guessed at: it stays
text, and where `strict` it is a fault that asks for quotes (style.md 3.13, trap 5).
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
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # reads the catalogue in a tenth of the time
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_WORDS = {"true": True, "false": False, "null": None, "": None, "~": None}
_SECRET = re.compile(r"secret|password|passwd|token|key|mat_khau", re.IGNORECASE)


@dataclass(slots=True)
class LinedYaml:
    """One file's content, the line of each key by its path, and what is wrong with it as YAML.

    doubtful   paths of values that `faults` already complains about
    """

    content: object = None
    lines: dict[At, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    doubtful: set[At] = field(default_factory=set)

    def line(self, at: At) -> int:
        """The line of the nearest thing on the way to `at`; 0 for the whole file.

        Steps that are not in the file are left out, so that a path may name the member
        of a union (pydantic does) or a key that is missing.
        """
        known: At = ()
        for step in at:
            if (*known, step) in self.lines:
                known = (*known, step)
        return self.lines.get(known, 0)


class _Reader:
    def __init__(self, path: Path, strict: bool, language: str) -> None:
        self.path, self.strict, self.language = path, strict, language
        self.lined = LinedYaml()

    def fault(self, line: int, key: str, /, **params: object) -> None:
        self.lined.faults.append(Fault(self.path, line, text(key, self.language, **params)))

    def read(self) -> LinedYaml:
        try:
            root = self.compose(self.path.read_text("utf-8-sig"))
            if root is not None:
                self.lined.content = self.plain(root, ())
        except FileNotFoundError:
            self.fault(0, "yaml.missing")
        except OSError as error:
            self.fault(0, "yaml.unreadable", reason=error.strerror or error)
        except UnicodeDecodeError:
            self.fault(0, "yaml.not_utf8")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            tab = "'\\t'" in str(error.problem)
            key = "yaml.tab" if tab else "yaml.syntax"
            self.fault(mark.line + 1 if mark else 0, key, problem=error.problem or error.context or "")
        except yaml.YAMLError as error:
            self.fault(0, "yaml.syntax", problem=str(error).splitlines()[0])
        except RecursionError:
            self.fault(0, "yaml.circle")
        return self.lined

    def compose(self, written: str) -> yaml.Node | None:
        """The fast loader's tree; what it cannot read the other one reads again, for its clearer complaint."""
        try:
            return yaml.compose(written, _FAST)
        except yaml.YAMLError:
            return yaml.compose(written, yaml.SafeLoader)

    def plain(self, node: yaml.Node, at: At) -> object:
        self.lined.lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(child, (*at, place)) for place, child in enumerate(node.value)]
        mapping: dict[object, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.fault(line, "yaml.key")
                continue
            key = self.scalar(key_node, (*at, str(key_node.value)))
            if self.strict and not isinstance(key, str):
                self.fault(line, "yaml.doubtful", value=key_node.value)
                key = str(key_node.value)
            below = (*at, key if isinstance(key, str | int) else str(key))
            if key in mapping:
                self.fault(line, "yaml.twice", key=key, other=self.lined.lines[below])
                continue
            self.lined.lines[below] = line
            mapping[key] = self.plain(value_node, below)
        return mapping

    def scalar(self, node: yaml.ScalarNode, at: At) -> object:
        written = str(node.value)
        if node.style:  # quoted or a block; plain is None, or "" by the C loader
            return written
        if written in _WORDS:
            return _WORDS[written]
        if _NUMBER.fullmatch(written):
            return float(written) if any(mark in written for mark in ".eE") else int(written)
        if self.strict and (node.tag != "tag:yaml.org,2002:str" or _LEADING_ZERO.fullmatch(written)):
            secret = any(_SECRET.search(str(step)) for step in at)
            self.fault(node.start_mark.line + 1, "yaml.doubtful", value="…" if secret else written)
            self.lined.doubtful.add(at)
        return written


def read(path: Path, *, strict: bool = False, language: str = "vi") -> LinedYaml:
    """The file's content. Everything wrong with it as a file is among its faults; nothing is raised."""
    return _Reader(path, strict, language).read()
