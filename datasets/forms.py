"""Which entry forms there are: their columns, what may be typed, and the map that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from datasets.schema import BY_NAME
from datasets.schema.dataset import Field

TYPED = "typed"
"""The source of whatever people type into forms."""

FILE = Path(__file__).parent / "forms.yaml"


@dataclass(frozen=True, slots=True)
class FormColumn:
    """One column to fill.

    words    what may be typed -> canonical value; None for free entry
    needed   a line cannot do without it
    example  for the example line: a number, days before today for dates, the meaning of a word
    """

    field: Field
    header: str
    words: Mapping[str, object] | None = None
    needed: bool = False
    example: float | str | bool | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """One dataset's form. `map` names the field map that reads it."""

    dataset: str
    map: str
    columns: tuple[FormColumn, ...]


@cache
def forms() -> dict[str, Form]:
    """Every form by its dataset, in the order of forms.yaml."""
    content: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return {dataset: _form(dataset, said) for dataset, said in content.items()}


def _form(dataset: str, said: Mapping[str, Any]) -> Form:
    declared = {each.name: each for each in BY_NAME[dataset].fields}
    columns = tuple(_column(declared[name], column) for name, column in said["columns"].items())
    return Form(dataset, said["map"], columns)


def _column(field: Field, said: str | Mapping[str, Any]) -> FormColumn:
    block: Mapping[str, Any] = {"header": said} if isinstance(said, str) else said
    needed = field.required or block.get("needed", False)
    return FormColumn(field, block["header"], block.get("words"), needed, block.get("example"))
