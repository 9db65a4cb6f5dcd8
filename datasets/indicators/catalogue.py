"""The catalogue: every indicator and element, read strictly from the files of one folder.

`elements*.yaml` hold the elements, every other `*.yaml` indicators. All faults of all
files are gathered before anything is refused.

An indicator that shows one element as it is has the element's id and may leave out name,
unit, numerator, sensitive and drill_by (category, where the element has categories):
they are the element's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from datasets.errors import CatalogueError, Fault
from datasets.indicators.definition import Component, Definition, Element
from datasets.lined_yaml import LinedYaml, read
from datasets.messages import catalogue as messages
from datasets.messages import text

HERE = Path(__file__).parent
ELEMENTS = "elements"
"""How the names of the files of elements begin."""
_WORDED = (
    ("missing", "missing"),
    ("extra_forbidden", "unknown_key"),
    ("literal_error", "one_of"),
    ("enum", "one_of"),
    ("string_type", "not_text"),
    ("string_too_short", "empty"),
    ("too_short", "empty"),
    ("float_", "not_number"),
    ("int_", "not_number"),
    ("bool_", "not_boolean"),
    ("tuple_type", "not_list"),
    ("dict_type", "not_mapping"),
    ("mapping_type", "not_mapping"),
    ("model_type", "not_mapping"),
    ("date", "not_date"),
    ("timezone", "not_date"),
)
"""How pydantic's error types begin, and the fault they are in our words."""
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Indicators and elements by id, in the order of the files."""

    indicators: Mapping[str, Definition]
    elements: Mapping[str, Element]

    @property
    def cumulative(self) -> frozenset[str]:
        """Elements whose value never falls within a year."""
        return frozenset(element.id for element in self.elements.values() if element.cumulative)

    @property
    def categories(self) -> frozenset[str]:
        """Every category that an element declares, in the spelling by which definitions name it."""
        return frozenset(category for element in self.elements.values() for category in element.categories)

    def element_of(self, definition: Definition) -> Element | None:
        """The element that an indicator is made of; None where rows are counted."""
        return self.elements.get(definition.numerator.element or "")

    def is_cumulative(self, definition: Definition) -> bool:
        """Whether an indicator shows what has come together since the year's beginning, or its share of a plan."""
        element = self.element_of(definition)
        return element is not None and element.cumulative

    def for_panel(self, panel: str) -> tuple[Definition, ...]:
        """The panel's indicators."""
        return tuple(definition for definition in self.indicators.values() if definition.panel == panel)


@cache
def load_catalogue(folder: Path = HERE) -> Catalogue:
    """The checked catalogue of a folder. Raises CatalogueError with every fault, by file and line."""
    faults: list[Fault] = []
    elements: dict[str, Element] = {}
    indicators: dict[str, Definition] = {}
    places: dict[str, tuple[Path, int]] = {}
    files = sorted(folder.glob("*.yaml"))
    for path in files:
        if path.name.startswith(ELEMENTS):
            elements |= _load(path, Element, {}, places, faults)
    places = {}
    for path in files:
        if not path.name.startswith(ELEMENTS):
            indicators |= _load(path, Definition, elements, places, faults)
    if faults:
        raise CatalogueError(faults)
    return Catalogue(indicators, elements)


def _load(
    path: Path,
    model: type[M],
    elements: Mapping[str, Element],
    places: dict[str, tuple[Path, int]],
    faults: list[Fault],
) -> dict[str, M]:
    """One file's entries by id; `places` remembers where each id was first seen, over all files."""
    lined = read(path)
    faults += lined.faults
    if lined.faults and lined.content is None:
        return {}
    if not isinstance(lined.content, dict):
        faults.append(Fault(path, 1, text("catalogue.no_mapping")))
        return {}
    entries: dict[str, M] = {}
    for name, raw in lined.content.items():
        line = lined.line((name,))
        if not isinstance(name, str) or not isinstance(raw, dict):
            faults.append(Fault(path, line, text("catalogue.no_entry", value=name)))
            continue
        if name in places:
            other, at = places[name]
            faults.append(Fault(path, line, text("catalogue.duplicate_id", value=name, file=other.name, line=at)))
            continue
        places[name] = (path, line)
        element = elements.get(name)
        filled = _from_element(raw, element) if model is Definition and element else raw
        try:
            entry = model.model_validate({**filled, "id": name})
        except ValidationError as error:
            faults += _faults(path, lined, name, error)
            continue
        if isinstance(entry, Definition):
            faults += _element_faults(path, lined, entry, elements)
        entries[name] = entry
    return entries


def _from_element(raw: Mapping[str, Any], element: Element) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": element.name,
        "unit": element.unit,
        "sensitive": element.sensitive,
        "numerator": {"dataset": "observation", "element": element.id},
        "drill_by": ["category"] if element.categories else [],
    }
    return {**shown, **raw}


def _element_faults(
    path: Path, lined: LinedYaml, definition: Definition, elements: Mapping[str, Element]
) -> list[Fault]:
    """Elements and categories that a definition names and that nobody declared."""
    faults: list[Fault] = []
    pairs = [(definition.numerator, definition.denominator)]
    pairs += [(under.numerator, under.denominator) for under in definition.under.values()]
    for pair in pairs:
        for part, component in zip(("numerator", "denominator"), pair, strict=True):
            if isinstance(component, Component) and component.element is not None:
                line = lined.line((definition.id, part))
                element = elements.get(component.element)
                if element is None:
                    faults.append(Fault(path, line, text("catalogue.unknown_element", value=component.element)))
                elif component.category is not None and component.category not in element.categories:
                    faults.append(
                        Fault(
                            path,
                            line,
                            text("catalogue.unknown_category", element=element.id, value=component.category),
                        )
                    )
    return faults


def _faults(path: Path, lined: LinedYaml, name: str, error: ValidationError) -> list[Fault]:
    """Pydantic's errors as faults; of a list and a thing inside it only the thing is told."""
    details = error.errors()
    places = [detail["loc"] for detail in details]
    return [
        _fault(path, lined, name, detail)
        for detail in details
        if not any(len(other) > len(detail["loc"]) and other[: len(detail["loc"])] == detail["loc"] for other in places)
    ]


def _fault(path: Path, lined: LinedYaml, name: str, detail: ErrorDetails) -> Fault:
    """One error in our words, at the line of the thing it is about."""
    params = {key: value for key, value in detail.get("ctx", {}).items() if key != "error"}
    at = (name, *detail["loc"], *str(params.pop("at", "")).split("/"))
    where = ".".join(str(part) for part in at if part not in ("", "[key]"))
    code = next((ours for theirs, ours in _WORDED if detail["type"].startswith(theirs)), detail["type"])
    if f"catalogue.{code}" not in messages("vi"):
        code = "wrong_value"
    params = {
        "value": str(detail.get("input"))[:80],
        "word": detail["loc"][-1] if detail["loc"] else name,
        "problem": detail["msg"],
        **params,
        "expected": str(params.get("expected", "")).replace(" or ", ", "),
    }
    return Fault(path, lined.line(at), f"{where}: {text(f'catalogue.{code}', **params)}")
