"""Field maps: the meaning of one export, from its columns and codes to canonical fields.

A map is a YAML file (design.md 6.3; the shipped ones are in connectors/maps):

    dataset: dossier
    fields:
      dossier_code: MaHoSo                       # a column, by name
      status: [TrangThai, "Trạng thái"]          # several names for it
      received_at: {from: NgayTiepNhan, type: datetime, format: "%Y%m%d%H%M%S"}
      channel: {from: KenhThucHien, codes: {"1": direct, "2": online}, missing: direct}
      supplement_requests: {count_of: DanhSachHoSoBoSung}          # see reducers.py
    constants: {}                # canonical values that every record gets
    personal: [ChuHoSo]          # dropped at the door: never read, stored or logged
    ignore: [GhiChu]             # known and not needed
    blank: ["-"]                 # texts that mean "nothing"
    time_zone: UTC               # of moments without an offset; default the centre's
    overlay: ResponseFor         # a record with this column says only what changed (overlay.py)

Names match without case, spaces, diacritics and composed or decomposed letters. What
is in no list is an unknown column: counted by name, its values never looked at.
In names of sheets' columns "#" stands for a number or a date: "Thực hiện tháng #".

Tables that are not one observation per row (dataset observation; unfold.py, counting.py).
One of these three beside `fields`, and headings with any of them:

    values:                      # one row, several elements
      hl_cases: "Mắc trong tuần"
      hl_deaths: {from: ["Tử vong", "Chết"], optional: true}
      hl_cases/nu: "Nữ"          # a category of its own: element/category
    # with `fields: category: {from: "Bệnh", codes: {...}}` each row is one category

    lines:                       # one line per indicator, "1. Tổng thu ngân sách"
      from: ["Chỉ tiêu", "Nội dung"]
      columns: {month: "Thực hiện tháng #", total: ["Lũy kế", "Lũy kế # tháng"]}
      codes:
        "Tổng thu ngân sách": {month: se_budget_revenue_month, total: se_budget_revenue}
        "Thu chuyển nguồn": null         # known, not wanted; an unknown line is quarantined
        # with a single column simply  "Số hộ nghèo": se_poor_households
      measure: {from: "Đơn vị tính", codes: {"triệu đồng": 1, "tỷ đồng": 1000}}   # factors

    count:                       # one row per person: counted here, no row ever leaves
      each: ["Mã định danh", "Họ tên"]   # a row counts where this column is filled
      dimensions:
        lop: {from: "Khối học", codes: {"Khối 6": "6", "6": "6"}}
        gioi: {from: "Giới tính", codes: {"Nam": "nam", "Nữ": "nu"}}
      elements:
        ed_pupils: {by: [[lop], [lop, gioi]], where: {"Trạng thái": ["Đang học"]}}
        ed_pupils_present: {sum: "Sĩ số", less: [["Vắng P"], ["Vắng K"]]}     # rows of classes, added up
    # gives the total (category "") and "lop=6", "lop=6;gioi=nu", ... for each unit and
    # period; what a row leaves unclear is counted as "lop=?"; combinations of declared
    # codes that nobody falls into are 0. One file must hold all of its units and periods.

    title:                       # said once, above the header of a sheet
      period: {pattern: "tháng (?P<month>\\d+) năm (?P<year>\\d{4})"}
    file_name:                   # or in the file's name; both must agree where both speak
      period: {pattern: "_(?P<year>\\d{4})(?P<month>\\d{2})"}
      unit: {pattern: "_(?P<value>99\\d{3})_"}      # codes: {...} may follow
    # groups of a period: year with month, day, week, quarter (1-4, I-IV), half (1, 2, đầu,
    # cuối); else `value`. A column of `fields` comes before a heading. Found nowhere: refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors import reducers
from connectors.connector import RawRecord
from connectors.map_dates import Reader, Unreadable, date_reader
from connectors.map_file import FieldSpec, MapFile, read_map
from connectors.map_values import boolean_reader, code_reader, number_reader, period_reader, text_reader
from connectors.reducers import Record
from datasets.errors import ConfigError, Fault
from datasets.messages import text
from datasets.periods import PeriodType
from datasets.schema.dataset import Dataset, FieldType, Row
from datasets.validate import Problem
from datasets.vietnamese import fold

MAPS = Path(__file__).parent / "maps"

_REMEMBERED = 4096
"""Readings kept per field: dates, codes and names recur, dossier codes do not."""
_SHAPES = 256
_UNREAD: object = object()


class FieldMap:
    """One export's meaning, checked; `bind` it to read records."""

    def __init__(self, file: MapFile) -> None:
        self.file = file
        self.dataset = file.dataset

    @classmethod
    def load(cls, path: Path, language: str = "vi") -> FieldMap:
        """Raises ConfigError with every fault of the file and its line."""
        return cls(read_map(path, language))

    @classmethod
    def find(cls, name: str, root: Path, language: str = "vi") -> FieldMap:
        """The shipped map of that name, else the file of that path beside the configuration in `root`."""
        shipped = MAPS / f"{name}.yaml"
        return cls.load(shipped if shipped.is_file() else root / name, language)

    @property
    def names(self) -> tuple[str, ...]:
        """Every column name the map knows: mapped, personal and ignored; top-level, as written."""
        mapped = [name for spec in self.file.fields for name in spec.sources if not name.startswith("@")]
        mapped += [name for column in self.file.wide.columns for name in column.sources]
        return tuple(dict.fromkeys((*mapped, *self.file.personal, *self.file.ignore)))

    def identity(self) -> Callable[[Record], object]:
        """Tells a raw record's natural key; a record whose key columns are not all there is its own key."""
        key = [spec.sources for spec in self.file.fields if spec.field.name in self.dataset.key and spec.sources]
        paths = [tuple(tuple(name.split(".")) for name in names) for names in key]

        def identify(record: Record) -> object:
            parts = []
            for ways in paths:
                found = next((value for way in ways if (value := reducers.dig(record, way)) is not None), None)
                if found is None:
                    return record
                parts.append(found)
            return tuple(parts) or record

        return identify

    def bind(
        self,
        dataset: Dataset,
        units: object,
        time_zone: ZoneInfo,
        constants: Mapping[str, object] | None = None,
    ) -> Mapper:
        """A mapper for one pull.

        constants   the source's own, from the configuration; they add to the map's
        Raises ConfigError when the map is for another dataset, a constant is no field, or
        a required field has neither a column nor a constant.
        """
        faults = []
        given = {**self.file.constants, **(constants or {})}
        if dataset.name != self.dataset.name:
            faults.append(("map.other_dataset", {"name": self.dataset.name, "dataset": dataset.name}))
        filled = {spec.field.name for spec in self.file.fields} | given.keys()
        if self.file.wide.counting:
            filled |= {"element", "value"}
        fields = {declared.name: declared for declared in dataset.fields}
        for name in given.keys() - fields.keys():
            faults.append(("map.unknown_field", {"name": name, "dataset": dataset.name, "known": ", ".join(fields)}))
        for declared in dataset.fields:
            if declared.required and declared.name not in filled:
                faults.append(("map.required_field", {"name": declared.name, "dataset": dataset.name}))
        if faults:
            raise ConfigError([Fault(self.file.path, 0, text(key, **params)) for key, params in faults])
        return Mapper(self.file, self.file.time_zone or time_zone, given)


@dataclass(frozen=True, slots=True)
class _Shape:
    """How records with exactly these keys are read."""

    base: Row
    columns: tuple[tuple[str, str, dict[str, object], Reader], ...]
    computed: tuple[tuple[str, str, reducers.Reduce], ...]
    unknown: tuple[str, ...]


class Mapper:
    """Reads one delivery's records. Records of one shape (same keys) share a plan made once.

    unknown   how many records had each unknown column, by its name
    """

    def __init__(self, file: MapFile, time_zone: ZoneInfo, constants: Mapping[str, object]) -> None:
        self.unknown: Counter[str] = Counter()
        self._file = file
        self._time_zone = time_zone
        self._constants = dict(constants)
        self._blank = {fold(value) for value in file.blank}
        self._readers = {spec.field.name: self._reader(spec) for spec in file.fields}
        self._memos: dict[str, dict[str, object]] = {spec.field.name: {} for spec in file.fields}
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        named = (name.split(".")[0] for spec in file.fields for name in _top_names(spec))
        self._known = {fold(name) for name in (*named, *(n for s in file.fields for n in s.sources))}
        self._known |= {fold(name.split(".")[0]) for name in (*file.personal, *file.ignore)}
        self._known |= {fold(name) for name in (*file.personal, *file.ignore)}
        self._known |= {fold(name) for column in file.wide.columns for name in column.sources}

    def map(self, record: RawRecord) -> Row | list[Problem]:
        """The canonical row, or every reason why the record cannot be read."""
        if record.fault:
            return [Problem("", record.fault, "", record.row_id)]
        values = record.values
        keys = tuple(values)
        shape = self._shapes.get(keys) or self._learn(keys)
        row = shape.base.copy()
        problems: list[Problem] = []
        for name, key, memo, read in shape.columns:
            raw = values[key]
            if raw.__class__ is str:
                value = memo.get(raw, _UNREAD)
                if value is not _UNREAD:
                    row[name] = value
                    continue
            try:
                value = row[name] = read(raw)
            except Unreadable as fault:
                problems.append(Problem(name, fault.code, _shown(raw), record.row_id))
                continue
            if raw.__class__ is str:
                if len(memo) >= _REMEMBERED:
                    memo.clear()
                memo[raw] = value
        for name, shown, reduce in shape.computed:
            try:
                row[name] = reduce(values)
            except Unreadable as fault:
                problems.append(Problem(name, fault.code, shown, record.row_id))
        if shape.unknown:
            self.unknown.update(shape.unknown)
        return problems or row

    def strangers(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Those of the columns that the map knows nothing of, in alphabetical order."""
        return tuple(sorted(name for name in columns if not name.startswith("@") and fold(name) not in self._known))

    def missing(self, columns: Collection[str] | None) -> tuple[str, ...]:
        """Columns the map wants and the source no longer gives, by their first name in the map.

        `columns` None (nothing to judge by) answers none.
        """
        if columns is None:
            return ()
        there = {fold(name) for name in columns}
        gone = []
        for spec in self._file.fields:
            if spec.optional or not spec.sources or spec.reducer is not None or spec.unfolded:
                continue
            if not any(fold(name) in there or fold(name.split(".")[0]) in there for name in spec.sources):
                gone.append(spec.sources[0])
        return tuple(gone)

    def key_of(self, record: RawRecord) -> str:
        """The record's natural key as far as it can be read, for the quarantine's list: "H15-0001"."""
        index = _Index(record.values)
        parts = []
        for name in self._file.dataset.key:
            spec = next((spec for spec in self._file.fields if spec.field.name == name), None)
            if name == "source" or spec is None:
                continue
            path = next((path for path in map(index.path, spec.sources) if path), None)
            if path and isinstance(raw := reducers.dig(record.values, path), (str, int, float)):
                parts.append(_shown(raw))
        return " | ".join(part for part in parts if part)

    def _learn(self, keys: tuple[str, ...]) -> _Shape:
        index = _Index(keys)
        base: Row = dict(self._constants)
        columns, computed = [], []
        used = set()
        for spec in self._file.fields:
            name, read = spec.field.name, self._readers[spec.field.name]
            path = next((path for path in map(index.path, spec.sources) if path), None)
            if path is not None:
                used.add(path[0])
                if len(path) == 1:
                    columns.append((name, path[0], self._memos[name], read))
                else:
                    computed.append((name, ".".join(path), _at(path, read)))
            elif spec.reducer is not None:
                computed.append((name, "", self._with_default(spec, self._reduce(spec, index))))
            elif name not in base:
                base[name] = spec.missing
        unknown = tuple(key for key in keys if key not in used and fold(key) not in self._known)
        shape = _Shape(base, tuple(columns), tuple(computed), unknown)
        if len(self._shapes) >= _SHAPES:
            self._shapes.clear()
        self._shapes[keys] = shape
        return shape

    def _reader(self, spec: FieldSpec) -> Reader:
        kind = spec.field.type
        read: Reader
        if spec.codes is not None:
            read = code_reader(spec.codes)
        elif kind is FieldType.CHOICE:
            read = code_reader({choice: choice for choice in spec.field.choices})
        elif kind in (FieldType.MOMENT, FieldType.DATE):
            day_only = kind is FieldType.DATE or spec.type == "date"
            read = date_reader(spec.formats, self._time_zone, day_only=day_only)
        elif kind in (FieldType.INTEGER, FieldType.NUMBER):
            read = number_reader(whole=kind is FieldType.INTEGER)
        elif kind is FieldType.BOOLEAN:
            read = boolean_reader()
        elif kind is FieldType.PERIOD:
            read = period_reader(PeriodType(spec.type) if spec.type not in ("", "text") else None)
        else:
            read = text_reader()
        return self._with_blanks(spec, read)

    def _with_blanks(self, spec: FieldSpec, read: Reader) -> Reader:
        blank, missing = self._blank, spec.missing
        if not blank and missing is None:
            return read

        def reading(raw: object) -> object:
            if blank and isinstance(raw, str) and fold(raw) in blank:
                return missing
            value = read(raw)
            return missing if value is None else value

        return reading

    def _with_default(self, spec: FieldSpec, reduce: reducers.Reduce) -> reducers.Reduce:
        if spec.missing is None:
            return reduce
        return lambda record: spec.missing if (value := reduce(record)) is None else value

    def _reduce(self, spec: FieldSpec, index: _Index) -> reducers.Reduce:
        assert spec.reducer is not None
        name, arguments = spec.reducer
        path = str(arguments["path"])
        if name == "count_of":
            return reducers.count_of(index.path_or(path))
        if name == "sum_of":
            path, _, field = path.rpartition(".")
            return reducers.sum_of(index.path_or(path), field)
        if name == "any_of":
            return reducers.any_of(
                index.path_or(path),
                str(arguments["field"]),
                arguments["equals"],  # type: ignore[arg-type]
                arguments["unless"],  # type: ignore[arg-type]
            )
        moment = date_reader(spec.formats, self._time_zone, day_only=False)
        return reducers.pause_of(index.path_or(path), str(arguments["from"]), str(arguments["to"]), moment)


class _Index:
    """The keys of a record by their folded names; an exact name wins."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._exact = frozenset(keys)
        self._folded: dict[str, str] = {}
        for key in self._exact:
            self._folded.setdefault(fold(key), key)

    def key(self, name: str) -> str | None:
        return name if name in self._exact else self._folded.get(fold(name))

    def path(self, name: str) -> tuple[str, ...] | None:
        """Where a source name stands: the key itself, or a way into an object; None when it is not there."""
        key = self.key(name)
        if key is not None:
            return (key,)
        first, dot, rest = name.partition(".")
        key = self.key(first) if dot else None
        return (key, *rest.split(".")) if key else None

    def path_or(self, name: str) -> tuple[str, ...]:
        return self.path(name) or tuple(name.split("."))


def _top_names(spec: FieldSpec) -> tuple[str, ...]:
    return spec.sources if spec.reducer is None else (*spec.sources, str(spec.reducer[1]["path"]))


def _at(path: tuple[str, ...], read: Reader) -> reducers.Reduce:
    return lambda record: read(reducers.dig(record, path))


def _shown(raw: object) -> str:
    """The raw value for the quarantine's list; objects and lists are not shown."""
    return str(raw)[:80] if isinstance(raw, (str, int, float, date)) else type(raw).__name__
