"""Reading a field map's YAML strictly: every fault with its line, nothing guessed.

YAML reads 01 as 1 and no as False, so codes and column names must be quoted text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from connectors.map_dates import NAMED, date_reader
from connectors.map_wide import CATEGORY, ELEMENT, VALUE, WIDE_KEYS, Wide, heading_column, read_wide
from datasets.errors import ConfigError, Fault
from datasets.messages import text
from datasets.periods import PeriodType
from datasets.schema import BY_NAME
from datasets.schema.dataset import Dataset, Field, FieldType

REDUCERS = ("count_of", "sum_of", "any_of", "pause_of")
TOP_KEYS = ("dataset", "fields", "constants", "personal", "ignore", "time_zone", "blank", "overlay", *WIDE_KEYS)
FIELD_KEYS = ("from", "type", "format", "codes", "missing", "units", "optional", *REDUCERS)
REDUCER_KEYS = {"any_of": ("path", "field", "equals", "unless"), "pause_of": ("path", "from", "to")}
TYPE_NAMES = {
    FieldType.TEXT: ("text",),
    FieldType.UNIT: ("text",),
    FieldType.PERIOD: ("text", *(t.value for t in PeriodType)),
    FieldType.DATE: ("date", "datetime"),
    FieldType.MOMENT: ("datetime", "date"),
    FieldType.INTEGER: ("integer",),
    FieldType.NUMBER: ("number",),
    FieldType.BOOLEAN: ("boolean",),
    FieldType.CHOICE: ("choice", "text"),
}


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """How one canonical field is filled.

    sources    the source's names for it, the first that a record has is taken; dots go into objects
    reducer    (name, arguments) used when the record has none of the sources
    missing    canonical value for a blank or absent one
    optional   its column may be absent without the source counting as changed
    """

    field: Field
    line: int
    sources: tuple[str, ...] = ()
    type: str = ""
    formats: tuple[str, ...] = ()
    codes: dict[str, object] | None = None
    missing: object = None
    optional: bool = False
    reducer: tuple[str, dict[str, object]] | None = None

    @property
    def unfolded(self) -> bool:
        """Whether unfolding or a heading may fill it, so that a row need not have its column."""
        return any(name.startswith("@") for name in self.sources)


@dataclass(slots=True)
class MapFile:
    """What a field map's file says, checked against its dataset.

    overlay   a record that has this column says only what changed of another (overlay.py)
    """

    path: Path
    dataset: Dataset
    fields: list[FieldSpec] = field(default_factory=list)
    constants: dict[str, object] = field(default_factory=dict)
    personal: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    time_zone: ZoneInfo | None = None
    wide: Wide = field(default_factory=Wide)
    overlay: str | None = None


def read_map(path: Path, language: str = "vi") -> MapFile:
    """The map in a file. Raises ConfigError with every fault and its line."""
    return _MapReader(path, language).read()


class _MapReader:
    """Walks the YAML nodes, so that every fault has its line."""

    def __init__(self, path: Path, language: str) -> None:
        self.path, self.language = path, language
        self.faults: list[Fault] = []

    def fault(self, node: yaml.Node | int, key: str, **params: object) -> None:
        line = node if isinstance(node, int) else node.start_mark.line + 1
        self.faults.append(Fault(self.path, line, text(key, self.language, **params)))

    def read(self) -> MapFile:
        root = self._compose()
        top = {name: value for name, _, value in self.entries(root, TOP_KEYS)} if root else {}
        dataset = self._dataset(top.get("dataset"), root)
        if dataset is None or (self.faults and not root):
            raise ConfigError(self.faults)
        found = MapFile(self.path, dataset)
        for name, key, value in self.entries(top["fields"]) if "fields" in top else ():
            declared = self.declared(dataset, name, key)
            if declared:
                found.fields.append(self._spec(declared, key.start_mark.line + 1, value))
        for name, key, value in self.entries(top["constants"]) if "constants" in top else ():
            declared = self.declared(dataset, name, key)
            if declared:
                found.constants[name] = self.canonical(declared, value)
        found.personal = self.texts_at(top.get("personal"))
        found.ignore = self.texts_at(top.get("ignore"))
        found.blank = self.texts_at(top.get("blank"))
        found.time_zone = self._zone(top.get("time_zone"))
        found.overlay = self.text_at(top["overlay"]) if "overlay" in top else None
        found.wide = read_wide(self, dataset, top)
        self._add_wide_fields(found)
        self._personal_unused(found)
        if self.faults:
            raise ConfigError(sorted(self.faults, key=lambda fault: fault.line))
        return found

    def _compose(self) -> yaml.Node | None:
        try:
            root = yaml.compose(self.path.read_text("utf-8"), Loader=yaml.SafeLoader)
        except OSError as error:
            self.fault(0, "map.unreadable_file", reason=error.strerror or error)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            self.fault(mark.line + 1 if mark else 0, "map.not_yaml", reason=getattr(error, "problem", None) or error)
        else:
            if isinstance(root, yaml.MappingNode):
                return root
            self.fault(1, "map.not_a_mapping")
        return None

    def entries(
        self, node: yaml.Node, known: tuple[str, ...] | None = None
    ) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, "map.not_a_mapping")
            return
        seen = set()
        for key, value in node.value:
            name = self.text_at(key)
            if name is None:
                continue
            if name in seen:
                self.fault(key, "map.twice", name=name)
            elif known is not None and name not in known:
                self.fault(key, "map.unknown_key", name=name, known=", ".join(known))
            else:
                yield name, key, value
            seen.add(name)

    def text_at(self, node: yaml.Node) -> str | None:
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str":
            return str(node.value)
        self.fault(node, "map.not_text", value=getattr(node, "value", "") if isinstance(node, yaml.ScalarNode) else "…")
        return None

    def texts_at(self, node: yaml.Node | None) -> tuple[str, ...]:
        """A text, or a list of texts."""
        if node is None:
            return ()
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return tuple(value for value in map(self.text_at, nodes) if value is not None)

    def _dataset(self, node: yaml.Node | None, root: yaml.Node | None) -> Dataset | None:
        if node is None:
            if root:
                self.fault(root, "map.key_missing", name="dataset")
            return None
        name = self.text_at(node)
        if name is not None and name not in BY_NAME:
            self.fault(node, "map.unknown_dataset", name=name, known=", ".join(BY_NAME))
        return BY_NAME.get(name or "")

    def declared(self, dataset: Dataset, name: str, node: yaml.Node) -> Field | None:
        for candidate in dataset.fields:
            if candidate.name == name:
                return candidate
        known = ", ".join(candidate.name for candidate in dataset.fields)
        self.fault(node, "map.unknown_field", name=name, dataset=dataset.name, known=known)
        return None

    def _spec(self, declared: Field, line: int, node: yaml.Node) -> FieldSpec:
        if not isinstance(node, yaml.MappingNode):
            return FieldSpec(declared, line, sources=self.texts_at(node))
        said = {name: value for name, _, value in self.entries(node, FIELD_KEYS)}
        reducers = [name for name in REDUCERS if name in said]
        if len(reducers) > 1:
            self.fault(node, "map.two_reducers", field=declared.name)
        if "from" not in said and not reducers:
            self.fault(node, "map.no_source", field=declared.name)
        kind = self.text_at(said["type"]) if "type" in said else None
        if kind is not None and kind not in TYPE_NAMES[declared.type]:
            expected = ", ".join(TYPE_NAMES[declared.type])
            self.fault(said["type"], "map.wrong_type", field=declared.name, value=kind, known=expected)
        if "units" in said and (declared.type is not FieldType.UNIT or self.text_at(said["units"]) != "code"):
            self.fault(said["units"], "map.units", field=declared.name)
        return FieldSpec(
            field=declared,
            line=line,
            sources=self.texts_at(said.get("from")),
            type=kind or "",
            formats=self._formats(said.get("format")),
            codes=self._codes(declared, said["codes"]) if "codes" in said else None,
            missing=self.canonical(declared, said["missing"]) if "missing" in said else None,
            optional=self.scalar_at(said.get("optional")) is True,
            reducer=self._reducer(reducers[0], said[reducers[0]]) if reducers else None,
        )

    def _formats(self, node: yaml.Node | None) -> tuple[str, ...]:
        formats = self.texts_at(node)
        for name in formats:
            try:
                date_reader((name,), ZoneInfo("UTC"), day_only=False)
            except ValueError:
                assert node is not None
                self.fault(node, "map.format", value=name, known=", ".join(NAMED))
                return ()
        return formats

    def _codes(self, declared: Field, node: yaml.Node) -> dict[str, object]:
        return {code: self.canonical(declared, value) for code, _, value in self.entries(node)}

    def scalar_at(self, node: yaml.Node | None) -> object:
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode):
            self.fault(node, "map.not_scalar")
            return None
        loader = yaml.SafeLoader("")
        return loader.construct_object(node)

    def canonical(self, declared: Field, node: yaml.Node) -> object:
        """A value as the dataset wants it, e.g. one of the field's choices."""
        value = self.scalar_at(node)
        right = {
            FieldType.CHOICE: value in declared.choices,
            FieldType.BOOLEAN: isinstance(value, bool),
            FieldType.INTEGER: isinstance(value, int) and not isinstance(value, bool),
            FieldType.NUMBER: isinstance(value, (int, float)) and not isinstance(value, bool),
        }.get(declared.type, isinstance(value, str))
        if value is not None and not right:
            known = ", ".join(declared.choices) or declared.type.value
            self.fault(node, "map.wrong_value", field=declared.name, value=value, known=known)
        return value

    def _reducer(self, name: str, node: yaml.Node) -> tuple[str, dict[str, object]]:
        if name in ("count_of", "sum_of"):
            path = self.text_at(node) or ""
            if name == "sum_of" and "." not in path:
                self.fault(node, "map.sum_path")
            return name, {"path": path}
        said = {key: value for key, _, value in self.entries(node, REDUCER_KEYS[name])}
        needed = ("path", "field") if name == "any_of" else ("path", "from", "to")
        for key in needed:
            if key not in said:
                self.fault(node, "map.key_missing", name=key)
        arguments: dict[str, object] = {key: self.text_at(said[key]) for key in needed if key in said}
        if name == "any_of":
            arguments["equals"] = self.texts_at(said.get("equals"))
            unless = self.entries(said["unless"]) if "unless" in said else ()
            arguments["unless"] = {key: self.texts_at(value) for key, _, value in unless}
        return name, arguments

    def _zone(self, node: yaml.Node | None) -> ZoneInfo | None:
        name = self.text_at(node) if node else None
        try:
            return ZoneInfo(name) if name else None
        except (ZoneInfoNotFoundError, ValueError):
            assert node is not None
            self.fault(node, "map.time_zone", value=name)
            return None

    def _add_wide_fields(self, found: MapFile) -> None:
        """The fields that unfolding fills, read like columns; a column of the map's own comes before a heading."""
        filled = {"element": ELEMENT, "value": VALUE} if found.wide.unfolds else {}
        if found.wide.categorised:
            filled["category"] = CATEGORY
        places = {spec.field.name: place for place, spec in enumerate(found.fields)}
        for name in filled.keys() & places.keys():
            self.fault(found.fields[places[name]].line, "map.filled_twice", field=name)
        for name, column in filled.items():
            declared = found.dataset.field(name)
            codes: dict[str, object] | None = None
            if name == "element":
                codes = {element: element for element in found.wide.elements}
            found.fields.append(FieldSpec(declared, 0, (column,), codes=codes))
        for heading in found.wide.headings:
            name = heading.field.name
            if name in places:
                spec = found.fields[places[name]]
                found.fields[places[name]] = replace(spec, sources=(*spec.sources, heading_column(name)), optional=True)
            elif name not in {spec.field.name for spec in found.fields}:
                found.fields.append(FieldSpec(heading.field, heading.line, (heading_column(name),), optional=True))

    def _personal_unused(self, found: MapFile) -> None:
        """A column cannot be dropped at the door and stored."""
        for spec in found.fields:
            for name in set(spec.sources) & set(found.personal):
                self.fault(spec.line, "map.personal_used", name=name, field=spec.field.name)
