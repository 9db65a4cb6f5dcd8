"""Made-up sources of any size, in the true shape of each, for measuring how fast a pull is.

`made(name, count, folder, url)` lays the files of a source into a folder and answers its
block of the configuration; `answers(name, count)` is what its server gives, rendered
beforehand. The same count gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import xlsxwriter

Answer = Callable[[Mapping[str, Sequence[str]]], bytes]
"""A query's parameters -> the body of the answer."""

PAGE = 500
COMMUNES = [f"X{number:04d}" for number in range(1, 21)]
SCHOOLS = [f"{code}-TH" for code in COMMUNES]
FIRST = datetime(2025, 11, 20, 8)
ELEMENTS = (
    "se_population", "se_households", "hl_visits", "hl_births", "hl_deaths", "hl_cases", "ed_pupils_present",
    "ed_absent", "se_cameras_working", "se_sms_sent_month",
)  # fmt: skip
CODES = ("TYT_DANSO", "TYT_LUOTKHAM", "TYT_KHAMBHYT", "TYT_TUXA", "TYT_DE", "TYT_DERASONG", "TYT_CAN", "TYT_SDD",
         "TYT_BHYT", "TYT_TUVONG")  # fmt: skip
DISEASES = ("SXH", "TCM", "SOI", "THUYDAU", "CUM", "TIEUCHAY", "QUAIBI", "DAI", "BS", "YS", "DD", "HS", "DUOC", "BCG",
            "VGBSS", "DPT3", "BOPV3", "SOI1", "MR", "HOGA", "BACHHAU", "default")  # fmt: skip
UNITS = "\n".join(
    [
        "code,name,level,parent,kind,valid_from,valid_to,successor,population,households",
        "T01,Province,province,,province,,,,,",
        *(f"{code},Commune {code},commune,T01,commune,,,,," for code in COMMUNES),
        *(f"{code}-TH,School {code},facility,{code},school,,,,," for code in COMMUNES),
    ]
)
BLOCKS = {
    "rest": """dataset: dossier, connector: rest, map: one_stop_dvcqg, url: "{url}/rest",
    paging: {{type: page_number, page_param: page, size_param: pageSize, size: 500}},
    records: data.items, total: data.total, cursor: {{param: tuNgay, field: NgayCapNhat, lookback: 4000d}}""",
    "edxml": """dataset: document, connector: edxml, map: edxml_document, url: "{url}/edxml", content: edxml,
    message_url: "{url}/message/{{id}}", organisations: {{H99.01: X0001}},
    paging: {{type: page_number, page_param: page, size_param: size, size: 500}},
    records: data.items, total: data.total, cursor: {{param: tuNgay, field: ChangedAt, lookback: 4000d}}""",
    "dhis2": """dataset: observation, connector: dhis2, map: dhis2_values, url: "{url}/dhis2", history: 10000d,
    queries: [{{data_sets: [BC], org_units: [T01], children: true, period: month}}]""",
    "oneroster": """dataset: observation, connector: oneroster, map: oneroster, path: inbox, max_bytes: 1000000000,
    key: 'env:KEY'""",
    "sql": """dataset: observation, connector: sql, map: bulk_map.yaml, url: "sqlite:///register.db",
    query: "SELECT xa, chi_tieu, ky, phan_to, so, luc FROM so", time_limit: 10m""",
    **{
        kind: """dataset: {dataset}, connector: files, map: {map}, path: inbox, max_bytes: 1000000000""".format(
            dataset="observation" if kind == "jsonl" else "dossier",
            map="observation_form" if kind == "jsonl" else "one_stop_list",
        )
        for kind in ("csv", "xlsx", "jsonl")
    },
}
MAP = """dataset: observation
fields: {unit: xa, element: chi_tieu, period: ky, category: phan_to, value: so, updated_at: {from: luc}}
"""


def made(name: str, count: int, folder: Path, url: str) -> None:
    """Write the configuration and the files of one source into an empty folder."""
    (folder / "inbox").mkdir()
    (folder / "units.csv").write_text(UNITS, "utf-8")
    (folder / "bulk_map.yaml").write_text(MAP, "utf-8")
    (folder / "config.yaml").write_text(
        'centre: {name: "Bench", unit: "T01"}\nunits: units.csv\nstore: {url: "sqlite:///bench.db"}\n'
        f"sources:\n  bulk: {{{BLOCKS[name].format(url=url)}}}\n",
        "utf-8",
    )
    writers: dict[str, Callable[[int, Path], None]] = {
        "csv": _csv, "xlsx": _xlsx, "jsonl": _json_lines, "sql": _register, "oneroster": _roster,
    }  # fmt: skip
    if name in writers:
        writers[name](count, folder)


def answers(name: str, count: int) -> Answer:
    """What the server of a web source says to a query."""
    if name == "dhis2":
        return _data_values(count)
    chance = random.Random(7)
    make = {"rest": lambda number: dossier(number, chance), "edxml": message}[name]
    pages = []
    for first in range(0, count, PAGE):
        items = [make(number) for number in range(first, min(first + PAGE, count))]
        pages.append(_page(count, items))
    pages.append(_page(count, []))
    return lambda asked: pages[min(int(asked["page"][0]), len(pages)) - 1]


def _data_values(count: int) -> Answer:
    """dataValueSets: the values of the periods asked for."""
    by_period: dict[str, list[str]] = {}
    for unit, element, period, category, value in figures(count, CODES, DISEASES):
        said = {"dataElement": element, "period": period, "orgUnit": unit, "categoryOptionCombo": category,
                "attributeOptionCombo": "default", "value": str(value), "storedBy": "ai đó",
                "lastUpdated": "2026-11-01T08:00:00.000+0700"}  # fmt: skip
        by_period.setdefault(period, []).append(json.dumps(said))

    def answer(asked: Mapping[str, Sequence[str]]) -> bytes:
        values = ",".join(value for period in asked.get("period", ()) for value in by_period.get(period, ()))
        return f'{{"dataValues": [{values}]}}'.encode()

    return answer


def figures(
    count: int, elements: tuple[str, ...] = ELEMENTS, categories: tuple[str, ...] = DISEASES
) -> Iterator[tuple[str, str, str, str, int]]:
    """(unit, element, month, category, value), each key once."""
    months = [f"{year}{month:02d}" for year in range(2001, 2026) for month in range(1, 13)]
    for number in range(count):
        rest, place = divmod(number, len(COMMUNES))
        rest, which = divmod(rest, len(elements))
        category, month = divmod(rest, len(months))
        yield COMMUNES[place], elements[which], months[month], categories[category], number % 997


def dossier(number: int, chance: random.Random) -> dict[str, object]:
    """One raw dossier of the last year, most of them ended, with parts, fees and supplements."""
    received = FIRST + timedelta(minutes=5 * number)
    ended = received + timedelta(days=chance.choice((1, 2, 3, 5, 9)))
    done = number % 20 != 0

    def stamp(moment: datetime) -> str:
        return f"{moment:%Y%m%d%H%M%S}"

    return {
        "MaHoSo": f"H99.{number % 20:02d}-{received:%y%m%d}-{number:06d}",
        "MaDonVi": COMMUNES[number % len(COMMUNES)],
        "MaTTHC": f"2.{number % 180:06d}",
        "TenTTHC": "Chứng thực bản sao từ bản chính giấy tờ, văn bản",
        "MaLinhVuc": "G03-TP01",
        "TenLinhVuc": ("Chứng thực", "Hộ tịch", "Đất đai", "Bảo trợ xã hội")[number % 4],
        "KenhThucHien": str(1 + number % 3),
        "ChuHoSo": "Nguyễn Văn Mẫu",
        "LoaiDoiTuong": "1",
        "MaDoiTuong": "001099000000",
        "SoDienThoai": "0900000000",
        "Email": "",
        "DiaChi": "Thôn 1",
        "NgayTiepNhan": stamp(received),
        "NgayHenTra": stamp(received + timedelta(days=5)),
        "NgayKetThucXuLy": stamp(ended) if done else "",
        "NgayTra": stamp(ended) if done else "",
        "TrangThaiHoSo": "10" if done else "4",
        "MucDo": "4",
        "Thon": f"Thôn {number % 9 + 1}",
        "NguoiXuLy": f"Cán bộ {number % 12}",
        "DanhSachLePhi": [{"TenPhiLePhi": "Lệ phí", "MaPhiLePhi": "LP1", "HinhThucThu": "1", "Gia": "8000"}],
        "DanhSachHoSoBoSung": [],
        "TaiLieuNop": [{"TepDinhKemId": 1, "TenTepDinhKem": "don.pdf", "IsDeleted": "False", "DuocSoHoa": "1"}],
        "DanhSachGiayToKetQua": [],
        "DuocThanhToanTrucTuyen": "1",
        "HoSoCoThanhPhanSoHoa": "0",
        "TaiKhoanDuocXacThucVoiVNeID": "1",
        "NgayCapNhat": stamp(ended if done else received),
    }


def message(number: int) -> dict[str, object]:
    """One edXML document message in a list that carries its content."""
    day = date(2024, 1, 1) + timedelta(days=number // 60)
    at = f"{day:%Y/%m/%d} {8 + number % 9:02d}:{number % 60:02d}:00"
    content = f"""<?xml version="1.0" encoding="UTF-8"?>
<e:edXML xmlns:e="http://www.mic.gov.vn/TBT/QCVN_102_2016"><e:edXMLEnvelope><e:edXMLHeader><e:MessageHeader>
<e:From><e:OrganId>H99</e:OrganId><e:OrganName>UBND tỉnh</e:OrganName></e:From>
<e:To><e:OrganId>H99.01</e:OrganId><e:OrganName>UBND xã</e:OrganName></e:To>
<e:Code><e:CodeNumber>{number}</e:CodeNumber><e:CodeNotation>CV-UBND</e:CodeNotation></e:Code>
<e:PromulgationInfo><e:PromulgationDate>{day:%Y/%m/%d}</e:PromulgationDate></e:PromulgationInfo>
<e:DocumentType><e:Type>1</e:Type><e:TypeName>Công văn</e:TypeName></e:DocumentType>
<e:Subject>Về việc bà Lê Thị Mẫu</e:Subject><e:SignerInfo><e:FullName>Nguyễn Văn Mẫu</e:FullName></e:SignerInfo>
<e:DueDate>{day + timedelta(days=7):%Y/%m/%d}</e:DueDate><e:OtherInfo><e:Priority>0</e:Priority></e:OtherInfo>
<e:DocumentId>H99,{day:%Y/%m/%d},{number}</e:DocumentId></e:MessageHeader>
<e:TraceHeaderList><e:TraceHeader><e:OrganId>H99.01</e:OrganId><e:Timestamp>{at}</e:Timestamp></e:TraceHeader>
<e:Bussiness><e:BussinessDocType>0</e:BussinessDocType></e:Bussiness></e:TraceHeaderList>
</e:edXMLHeader></e:edXMLEnvelope></e:edXML>"""
    return {"id": str(number), "ChangedAt": at.replace("/", "").replace(" ", "").replace(":", ""), "edxml": content}


def _page(count: int, items: list[dict[str, object]]) -> bytes:
    return json.dumps({"error_code": "00", "data": {"total": count, "items": items}}, ensure_ascii=False).encode()


LIST_HEADER = [
    "STT", "Mã đơn vị", "Mã hồ sơ", "Mã TTHC", "Tên thủ tục", "Lĩnh vực", "Mức độ", "Kênh tiếp nhận",
    "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả", "Trạng thái", "Chủ hồ sơ", "Phí, lệ phí",
]  # fmt: skip


def _listed(count: int) -> Iterator[list[object]]:
    for number in range(count):
        received = FIRST + timedelta(minutes=5 * number)
        done = number % 20 != 0
        yield [
            number + 1, COMMUNES[number % 20], f"H99.{number % 20:02d}-{number:06d}", f"2.{number % 180:06d}",
            "Chứng thực bản sao từ bản chính", ("Chứng thực", "Hộ tịch", "Đất đai")[number % 3], "toàn trình",
            ("trực tiếp", "trực tuyến", "bưu chính")[number % 3], f"{received:%d/%m/%Y %H:%M}",
            f"{received + timedelta(days=5):%d/%m/%Y}",
            f"{received + timedelta(days=number % 9):%d/%m/%Y}" if done else "",
            "đã trả kết quả" if done else "đang xử lý", "Nguyễn Văn Mẫu", 8000,
        ]  # fmt: skip


def _csv(count: int, folder: Path) -> None:
    with (folder / "inbox" / "list.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(LIST_HEADER)
        writer.writerows(_listed(count))


def _xlsx(count: int, folder: Path) -> None:
    with xlsxwriter.Workbook(str(folder / "inbox" / "list.xlsx"), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["DANH SÁCH HỒ SƠ"])
        sheet.write_row(2, 0, LIST_HEADER)
        for line, cells in enumerate(_listed(count), 3):
            sheet.write_row(line, 0, cells)


def _json_lines(count: int, folder: Path) -> None:
    with (folder / "inbox" / "figures.jsonl").open("w", encoding="utf-8") as file:
        for unit, element, period, category, value in figures(count):
            said = {"unit": unit, "element": element, "period": period, "category": category, "value": value}
            file.write(json.dumps(said | {"updated_at": f"{period[:4]}-{period[4:]}-28T08:00:00+07:00"}) + "\n")


def _register(count: int, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "register.db")) as database, database:
        database.execute("CREATE TABLE so (xa TEXT, chi_tieu TEXT, ky TEXT, phan_to TEXT, so INTEGER, luc TEXT)")
        rows = ((*figure, f"{figure[2][:4]}-{figure[2][4:]}-28 08:00:00") for figure in figures(count))
        database.executemany("INSERT INTO so VALUES (?, ?, ?, ?, ?, ?)", rows)


def roster_lines(count: int) -> Iterator[dict[str, str]]:
    """Enrolments, one a pupil."""
    for number in range(count):
        school = number % len(SCHOOLS)
        yield {
            "sourcedId": f"e{number}", "classSourcedId": f"c{school}-{number // 20 % 5 + 1}",
            "schoolSourcedId": f"s{school}", "userSourcedId": f"p{number}", "role": "student",
            "beginDate": "", "endDate": "",
        }  # fmt: skip


def _roster(count: int, folder: Path) -> None:
    tables: dict[str, list[dict[str, str]]] = {
        "orgs": [
            {"sourcedId": f"s{at}", "name": code, "type": "school", "identifier": code}
            for at, code in enumerate(SCHOOLS)
        ],
        "academicSessions": [
            {"sourcedId": "t", "type": "schoolYear", "startDate": "2026-09-05", "endDate": "2027-06-01"}
        ],
        "classes": [
            {"sourcedId": f"c{at}-{grade}", "title": "A", "grades": f"0{grade}", "classType": "homeroom",
             "schoolSourcedId": f"s{at}", "termSourcedIds": "t"}
            for at in range(len(SCHOOLS)) for grade in range(1, 6)
        ],
        "users": [
            {"sourcedId": f"p{number}", "enabledUser": "true", "givenName": "Nguyễn Văn Mẫu", "familyName": "",
             "grades": ""}
            for number in range(count)
        ],
        "roles": [
            {"sourcedId": f"r{number}", "userSourcedId": f"p{number}", "role": "student",
             "orgSourcedId": f"s{number % len(SCHOOLS)}", "beginDate": "", "endDate": ""}
            for number in range(count)
        ],
        "demographics": [
            {"sourcedId": f"p{number}", "birthDate": "2019-05-01", "sex": ("male", "female")[number % 2]}
            for number in range(count)
        ],
        "enrollments": list(roster_lines(count)),
    }  # fmt: skip
    said = {"manifest.version": "1.0", "oneroster.version": "1.2"} | {f"file.{name}": "bulk" for name in tables}
    listed = {"manifest": [{"propertyName": name, "value": value} for name, value in said.items()], **tables}
    with zipfile.ZipFile(folder / "inbox" / "roster.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in listed.items():
            text = io.StringIO()
            writer = csv.DictWriter(text, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
            archive.writestr(zipfile.ZipInfo(f"{name}.csv", (2026, 11, 19, 6, 0, 0)), text.getvalue())
