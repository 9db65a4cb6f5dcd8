"""One case for every field map and every way in: a source in its true shape, its people, what it comes to.

A source is files in a folder, a web service, or a database. Web services answer from
`tables`: path -> the list of a service with pages, or a function of the query. The
house test `test_every_map_and_every_connector_has_a_case` reads this list.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.connectors import roster_zip
from tests.connectors.fixtures import exports
from tests.connectors.fixtures.form_06a import one_stop_report
from tests.connectors.sheet_files import ods, xls
from tests.connectors.test_edxml import PERSONAL, document, status

FIXTURES = Path(__file__).parent / "fixtures"
NOW = "2026-11-20T09:00:00+07:00"
UNITS = """\
code,name,level,parent,kind,valid_from,valid_to,successor,population,households
99,Tỉnh,province,,province,,,,,
99001,Xã Một,commune,99,commune,,,,8000,2400
99002,Xã Hai,commune,99,commune,,,,6000,1800
X0001,Xã Ba,commune,99,commune,,,,,
X0002,Xã Bốn,commune,99,commune,,,,,
99001-TYT,Trạm Y tế Một,facility,99001,health_station,,,,,
99001-TH,TH,facility,99001,school,,,,,
99001-CS,CS,facility,99001,school,,,,,
"""
Query = Mapping[str, Sequence[str]]
Answer = Callable[[Query], bytes]


@dataclass(frozen=True, slots=True)
class Case:
    """One source.

    block    its lines in the configuration; {url} is its server
    files    name -> content, dropped into the folder `inbox`
    answer   of its web service, to any query
    script   SQL that makes its database, register.db
    people   personal values that it holds
    rows     stored at the end, aside: set aside
    """

    map: str
    connector: str
    dataset: str
    block: str
    rows: int
    people: tuple[str, ...] = ()
    aside: int = 0
    files: Mapping[str, bytes] = field(default_factory=dict)
    answer: Answer | None = None
    script: str = ""
    way: str = ""

    @property
    def name(self) -> str:
        return f"{self.map}-{self.way or self.connector}"

    def source(self, name: str, url: str, inbox: str = "inbox") -> str:
        """The block of the configuration under a name."""
        said = self.block.replace("{url}", url).replace("{inbox}", inbox)
        return f"  {name}: {{dataset: {self.dataset}, connector: {self.connector}, map: {self.map}, {said}}}\n"

    def lay(self, root: Path, url: str) -> Path:
        """Make a centre with this one source, `it`, in an empty folder; answers its configuration."""
        (root / "units.csv").write_text(UNITS, "utf-8")
        config = root / "config.yaml"
        head = 'centre: {name: Thử, unit: "99"}\nunits: units.csv\nstore: {url: "sqlite:///ioc.db"}\nsources:\n'
        config.write_text(head + self.source("it", url), "utf-8")
        self.drop(root / "inbox")
        if self.script:
            with closing(sqlite3.connect(root / "register.db")) as database:
                database.executescript(self.script)
        return config

    def drop(self, inbox: Path) -> None:
        """Put the files into a folder, over whatever is remembered of them."""
        inbox.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (inbox / name).write_bytes(content)


def paged(records: Sequence[Mapping[str, object]], items: str, total: str) -> Answer:
    """A service with pages of the size asked for (page from `first`)."""

    def answer(asked: Query) -> bytes:
        page, size = int(asked["page"][0]), int(asked["size"][0])
        found = records[(page - 1) * size : page * size]
        said: dict[str, object] = {"error_code": "00"}
        for path, value in ((items, list(found)), (total, len(records))):
            inner, (*above, last) = said, path.split(".")
            for part in above:
                inner = inner.setdefault(part, {})  # type: ignore[assignment]
            inner[last] = value
        return json.dumps(said, ensure_ascii=False).encode()

    return answer


def data_values(asked: Query) -> bytes:
    """DHIS2: data values of the two data sets for the months asked for, with who typed them."""
    elements = {"BC_TYT": ("TYT_LUOTKHAM", "TYT_DE"), "BC_TC": ("TC_DOITUONG", "TC_DAYDU")}[asked["dataSet"][0]]
    values = [
        {"dataElement": element, "period": period, "orgUnit": "99001-TYT", "categoryOptionCombo": "default",
         "attributeOptionCombo": "default", "value": "12", "storedBy": "nguyenthinhaplieu",
         "comment": "hỏi chị Lê Thị Y Sĩ", "lastUpdated": "2026-11-01T08:00:00.000+0700"}
        for period in asked["period"] for element in elements
    ]  # fmt: skip
    return json.dumps({"dataValues": values}, ensure_ascii=False).encode()


PETITIONS = [
    {"MaPhanAnh": f"PA{number:04}", "MaDonVi": "99001", "KenhTiepNhan": "1", "LinhVuc": "Môi trường", "Thon": "Thôn 1",
     "NgayGui": "2026-11-02T08:15:00", "HanXuLy": "2026-11-09T17:00:00", "NgayTraLoi": None, "TrangThai": "2",
     "DanhGia": None, "PhanAnhLai": "0", "NgayCapNhat": f"2026-11-0{number}T09:00:00", "HoTen": "Lê Thị Phản Ánh",
     "SoDienThoai": "0933444555", "Email": "phananh@vidu.example", "DiaChi": "Ngõ 7 Thôn Kín",
     "TieuDe": "rác sau nhà bà Lê", "NoiDung": "đống rác sau nhà bà Lê", "ViDo": 20.123456, "KinhDo": 105.987654,
     "NoiDungTraLoi": "đã nhắc ông Phạm", "HinhAnh": ["anh-nha-ba-le.jpg"], "CanBoXuLy": "Ngô Văn Cán Bộ"}
    for number in range(1, 6)
]  # fmt: skip
DOSSIERS = json.loads((FIXTURES / "one_stop_page.json").read_text("utf-8"))["data"]["items"]
DOSSIER_PEOPLE = tuple(
    str(record[name])
    for record in DOSSIERS
    for name in ("ChuHoSo", "MaDoiTuong", "Email", "SoDienThoai", "TrichYeuHoSo", "DiaChi")
    if len(str(record.get(name, ""))) > 8
)
MESSAGES = [
    document(),
    document("16/KH-UBND", "2026/11/02 09:00:00"),
    document("17/KH-UBND", "2026/11/02 10:00:00"),
    status("05", "2026/11/03 08:00:00", staff="CB01"),
    status("06", "2026/11/04 08:00:00", "16/KH-UBND", staff="CB02"),
]
BIRTHS = """
CREATE TABLE ho_tich (ma_xa TEXT, loai TEXT, ho_ten TEXT, so_dinh_danh TEXT, ky TEXT, so INTEGER, cap_nhat TEXT);
INSERT INTO ho_tich VALUES
 ('99001','khai sinh','Nguyễn Thị Sơ Sinh','001226000111','202609',14,'2026-10-01 08:00:00'),
 ('99001','KT','Trần Văn Đã Khuất','001026000222','202609',3,'2026-10-01 08:00:00'),
 ('99001','kết hôn','Lê Thị Cô Dâu','001096000333','202609',5,'2026-10-02 08:00:00'),
 ('99002','khai sinh','Phạm Văn Sơ Sinh','001226000444','202610',9,'2026-11-02 08:00:00'),
 ('99002','khai tử','Hoàng Thị Đã Khuất','001026000555','202610',1,'2026-11-02 08:00:00');
"""
BORN = ("Nguyễn Thị Sơ Sinh", "001226000111", "Trần Văn Đã Khuất", "Lê Thị Cô Dâu", "001096000333",
        "Phạm Văn Sơ Sinh", "Hoàng Thị Đã Khuất")  # fmt: skip
PAGES = "paging: {type: page_number, page_param: page, size_param: size, size: 2}"
FOLDER = "path: {inbox}"


def _folder(
    name: str, dataset: str, files: Mapping[str, bytes], rows: int, people: Sequence[str] = exports.SIGNERS,
    *, more: str = "", way: str = "xlsx", aside: int = 0,
) -> Case:  # fmt: skip
    block = f"{FOLDER}, expect: {{max_quarantined_share: 0.5}}{more}"
    return Case(name, "files", dataset, block, rows, tuple(people), aside, files, way=way)


def _register(name: str, rows: int, more: str) -> Case:
    people = ("Lê Thị Bí Mật Riêng", "0912 345 678", "Trần Thị Văn Thư")
    if name != "so_van_ban_den":
        people = ("Nguyễn Văn Ký Tên", "Trần Thị Văn Thư", "Phạm Văn Riêng Tư")
    if name == "ioffice_export":
        people = ("Nguyễn Văn Ký Tên", "Lê Thị Bí Mật Riêng", "0912 345 678", "01/MAT-CAT", "Công an tỉnh")
    return _folder(
        name, "document", {f"{name}.xlsx": (FIXTURES / f"{name}.xlsx").read_bytes()}, rows, people, more=more
    )


_report_titles, _report_header, _report_rows = exports.school_report_cells()
CASES = (
    _folder("attendance_classes", "observation", {"d.xlsx": exports.attendance_of_classes()}, 10, exports.CLASS_PEOPLE),
    _folder(
        "attendance_classes", "observation", {"d.xls": xls([exports.CLASS_HEADER, *exports.CLASS_ROWS])}, 10,
        exports.CLASS_PEOPLE, way="xls",
    ),
    _folder(
        "attendance_pupils", "observation", {"d.xlsx": exports.attendance_of_pupils()}, 8, exports.PRESENT_PEOPLE
    ),
    _folder("school_pupils", "observation", {"hoc-sinh_99001-TH_202609.xlsx": exports.pupils()}, 45,
            exports.PUPIL_PEOPLE),
    _folder("school_teachers", "observation", {"giao-vien_99001-TH_202609.xlsx": exports.teachers()}, 1,
            exports.TEACHER_PEOPLE),
    _folder("school_report", "observation", {"bao-cao.xlsx": exports.school_report()}, 12, exports.REPORT_PEOPLE),
    _folder(
        "school_report", "observation",
        {"bao-cao.ods": ods([[title] for title in _report_titles] + [_report_header] + _report_rows)}, 12,
        exports.REPORT_PEOPLE[:3], way="ods",
    ),
    _folder("budget_monthly", "observation", {"ngan-sach_99001_202610.xlsx": exports.budget()}, 8),
    _folder("socio_monthly", "observation", {"kinh-te_99001_202610.xlsx": exports.socio()}, 4),
    _folder("counters", "observation", {"thong-ke-so_202610.xlsx": exports.counters()}, 16),
    _folder("disease_weekly", "observation", {"99001-TYT-tuan-46-2026.xlsx": exports.disease_week()}, 15,
            ("Lê Văn Ca Bệnh", *exports.SIGNERS)),
    _folder("station_monthly", "observation", {"bao-cao-thang.xlsx": exports.station_month()}, 4,
            ("Phạm Thị Sản Phụ", *exports.SIGNERS)),
    _folder("immunisation", "observation", {"tiem-chung.xlsx": exports.immunisation()}, 8),
    _folder("one_stop_list", "dossier", {"danh-sach.csv": exports.dossier_list()}, 3, exports.DOSSIER_PEOPLE,
            way="csv"),
    _folder("one_stop_list", "dossier", {"danh-sach.xlsx": exports.dossier_list_sheet()}, 3, exports.DOSSIER_PEOPLE),
    _folder("one_stop_report", "observation", {"bieu-06a.xlsx": one_stop_report()}, 32),
    _folder("petition_form", "petition", {"so-phan-anh.xlsx": exports.petition_book()}, 2, exports.PETITION_PEOPLE),
    _folder("observation_form", "observation", {"so-lieu.xlsx": exports.figures()}, 3, exports.TYPED_PEOPLE),
    _folder(
        "observation_form", "observation",
        {"so-lieu.jsonl": "".join(
            json.dumps({"unit": "99001", "element": "se_population", "period": f"2026{month:02}", "value": month,
                        "Ghi chú": "bà Trần Thị Hộ Nghèo"}, ensure_ascii=False) + "\n"
            for month in range(1, 8)
        ).encode()}, 7, ("bà Trần Thị Hộ Nghèo",), way="jsonl",
    ),
    _register("so_van_ban_den", 3, ', constants: {unit: "99001"}'),
    _register("so_van_ban_di", 2, ', constants: {unit: "99001"}'),
    _register("ioffice_export", 3, ""),
    Case(
        "one_stop_dvcqg", "rest", "dossier",
        f'url: "{{url}}", {PAGES}, records: data.items, total: data.total, '
        'success: {path: error_code, values: ["00"]}, '
        "cursor: {param: tu, field: NgayCapNhat, lookback: 1d}",
        3, DOSSIER_PEOPLE, answer=paged(DOSSIERS, "data.items", "data.total"),
    ),
    Case(
        "petitions_cong_dan_so", "rest", "petition",
        f'url: "{{url}}", {PAGES}, records: ketQua, total: tongSo, '
        'cursor: {param: tu, field: NgayCapNhat, format: "%Y-%m-%dT%H:%M:%S", lookback: 7d}',
        5, (*exports.PETITION_PEOPLE[:1], *exports.PETITION_PEOPLE[2:], "rác sau nhà bà Lê", "đã nhắc ông Phạm",
            "anh-nha-ba-le.jpg", "Ngô Văn Cán Bộ", "20.123456", "105.987654"),
        answer=paged(PETITIONS, "ketQua", "tongSo"),
    ),
    Case(
        "edxml_document", "edxml", "document", f'{FOLDER}, organisations: {{H99.01.01: "99001"}}', 3, PERSONAL,
        files={f"m{place}.edxml": message.encode() for place, message in enumerate(MESSAGES)}, way="folder",
    ),
    Case(
        "edxml_document", "edxml", "document",
        f'url: "{{url}}", content: edxml, message_url: "{{url}}/{{id}}", {PAGES}, records: data.items, '
        'total: data.total, organisations: {H99.01.01: "99001"}, '
        "cursor: {param: tu, field: ChangedAt, lookback: 1d}",
        3, PERSONAL, way="http",
        answer=paged(
            [{"id": str(place), "ChangedAt": "2026110408000" + str(place), "edxml": message}
             for place, message in enumerate(MESSAGES)],
            "data.items", "data.total",
        ),
    ),
    Case(
        "dhis2_values", "dhis2", "observation",
        'url: "{url}", history: 60d, queries: '
        '[{data_sets: [BC_TYT], org_units: ["99001-TYT"], period: month}, '
        '{data_sets: [BC_TC], org_units: ["99001-TYT"], period: month}]',
        12, ("nguyenthinhaplieu", "hỏi chị Lê Thị Y Sĩ"), answer=data_values,
    ),
    Case(
        "oneroster", "oneroster", "observation", f"{FOLDER}, key: 'env:KEY'", 26, roster_zip.NAMES,
        files={"lop.zip": roster_zip.package(roster_zip.tables("1.2"))}, way="1.2",
    ),
    Case(
        "oneroster", "oneroster", "observation", "url: '{url}', key: 'env:KEY'", 26, roster_zip.NAMES,
        answer=lambda asked: roster_zip.package(roster_zip.tables("1.1"), "1.1"), way="http",
    ),
    Case(
        "civil_register", "sql", "observation",
        'url: "sqlite:///register.db", batch: 2, cursor: {field: cap_nhat, lookback: 7d}, '
        'query: "SELECT ma_xa, loai, ky, so, cap_nhat FROM ho_tich WHERE cap_nhat >= :since ORDER BY cap_nhat"',
        5, BORN, script=BIRTHS,
    ),
)  # fmt: skip


def copied(template: Path, root: Path) -> Path:
    """A copy of a centre's folder; answers its configuration."""
    shutil.copytree(template, root)
    return root / "config.yaml"
