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
    sums: {hl_cases: [hl_cases_men, hl_cases_women]}    # a row that does not keep it is set aside

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
      known: {"Trạng thái": ["Chuyển đi"]}      # counted by no element; a text in neither is quarantined
    # gives the total (category "") and "lop=6", "lop=6;gioi=nu", ... for each unit and
    # period; what a row leaves unclear is counted as "lop=?"; combinations of declared
    # codes that nobody falls into are 0. One file must hold all of its units and periods.

    title:                       # said once, above the header of a sheet
      period: {pattern: "tháng (?P<month>\\d+) năm (?P<year>\\d{4})"}
    file_name:                   # or in the file's name; both must agree where both speak
      period: {pattern: "_(?P<year>\\d{4})(?P<month>\\d{2})"}
      unit: {pattern: "_(?P<value>99\\d{3})_"}      # codes: {...} may follow
    # groups of a period: year with month, day, week, quarter (1-4, I-IV) or half (1, 2, đầu,
    # cuối), also as alternatives; else `value`. A column of `fields` comes before a heading. Found nowhere: refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors import reducers
from connectors.map_file import MapFile, read_map
from connectors.mapper import Mapper
from connectors.reducers import Record
from datasets.errors import ConfigError, Fault
from datasets.messages import text
from datasets.schema.dataset import Dataset
from datasets.units import UnitTree

MAPS = Path(__file__).parent / "maps"


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
        units: UnitTree | None,
        time_zone: ZoneInfo,
        constants: Mapping[str, object] | None = None,
    ) -> Mapper:
        """A mapper for one pull.

        units       whose codes a unit may be of; None leaves them as they are written
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
        return Mapper(self.file, units, self.file.time_zone or time_zone, given)
