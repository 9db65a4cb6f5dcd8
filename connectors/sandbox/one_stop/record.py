"""A dossier in the words of the national format (DongBoHoSoMC), as of one of its steps.

Field names and codes are those of domain.md 1.1-1.4, values are text as the real
systems send them. Behind the columns of the national format come the province's own:
MaDonVi, Thon, MucDo, NoiTiepNhan, NoiHoTro, DiemHaiLong, CoThuXinLoi, NgayCapNhat.
"""

from __future__ import annotations

from datetime import datetime
from random import Random

from connectors.sandbox.one_stop import dirt, people
from connectors.sandbox.one_stop.arrivals import DIRECT, ONLINE
from connectors.sandbox.one_stop.communes import ONLINE_BEGINS, Commune
from connectors.sandbox.one_stop.course import Dossier
from connectors.sandbox.one_stop.people import WORDS

Record = dict[str, object]

ENDS = {3, 7, 8, 9, 10}
HANDLERS = 6
EXEMPT = 0.12  # of those who were not asked to pay first
HANDED_IN_ELSEWHERE = 0.02  # at another commune's desk ("phi địa giới")
RATED = 0.55
RATINGS = (0.62, 0.90, 0.97, 0.99, 1.0)  # shares of 5, 4, 3, 2, 1 points, running
_ONLY_DIGITS = str.maketrans("", "", "-T:")


def stamp(moment: datetime | None) -> str:
    """yyyyMMddHHmmss, empty for None."""
    return moment.isoformat().translate(_ONLY_DIGITS) if moment else ""  # five times quicker than strftime


def record(dossier: Dossier, step: int, commune: Commune) -> Record:
    """What the one-stop sends of a dossier that stands at `step` of its path."""
    random = Random(dossier.salt)
    draw = random.random
    name, identity, phone = people.full_name(random), people.identity_number(random), people.phone(random)
    # Every step of a dossier draws the same numbers in the same order, whatever it has reached.
    drawn_business, drawn_exempt, drawn_payment, drawn_parts, drawn_result = draw(), draw(), draw(), draw(), draw()
    drawn_reuse, drawn_identity, drawn_base, drawn_hamlet, drawn_handler = draw(), draw(), draw(), draw(), draw()
    drawn_elsewhere, drawn_place, drawn_rated, drawn_points, drawn_apology = draw(), draw(), draw(), draw(), draw()
    drawn_unsaid, drawn_dirty = draw(), draw()

    procedure, channel = dossier.procedure, dossier.channel
    online = channel == ONLINE
    status, reached = dossier.path[step], dossier.path[: step + 1]
    finished_at, returned_at = _moment_of(9, dossier, step), _moment_of(10, dossier, step)
    ended_at = finished_at or (dossier.moments[step] if status in ENDS else None)
    due = _due(dossier, step)
    late = due is not None and finished_at is not None and finished_at > due
    digital = _digital_share(dossier.received)
    paid = procedure.fee > 0 and (6 in dossier.path or drawn_exempt > EXEMPT)
    pays_online = paid and (6 in dossier.path if online else drawn_payment < 0.4 * digital)
    pays_online = pays_online and (not online or 4 in reached)
    parts = online or drawn_parts < digital * 0.9
    result = finished_at is not None and drawn_result < digital + (0.1 if online else 0.0)
    reused = drawn_reuse < (0.9 if online else 0.45) * digital
    identified = online or drawn_identity < 0.6 * digital
    hamlet = commune.hamlets[int(drawn_hamlet**1.3 * len(commune.hamlets))]
    said: Record = {
        "MaHoSo": dossier.code,
        "MaTTHC": procedure.code,
        "TenTTHC": procedure.name,
        "MaLinhVuc": procedure.field_code,
        "TenLinhVuc": procedure.field_name,
        "KenhThucHien": None if channel == DIRECT and drawn_unsaid < 0.1 else str(channel),
        "ChuHoSo": name,
        "LoaiDoiTuong": "2" if procedure.business and drawn_business < 0.95 else "1",
        "MaDoiTuong": identity,
        "SoDienThoai": phone,
        "Email": f"nguoidan{dossier.salt % 100000}@vidu.example" if online else "",
        "Fax": "",
        "DiaChi": f"{hamlet}, {commune.name}",
        "ThongTinKhac": "",
        "TrichYeuHoSo": "",
        "GhiChu": "",
        "NgayTiepNhan": stamp(dossier.received),
        "NgayHenTra": stamp(due),
        "NgayTra": stamp(returned_at),
        "NgayKetThucXuLy": stamp(ended_at),
        "TrangThaiHoSo": str(status),
        "HinhThuc": "2" if online else "1",
        "ThongTinTra": "",
        "DonViXuLy": commune.name,
        "NguoiXuLy": f"CB{commune.code[-2:]}-{1 + int(drawn_handler * HANDLERS):02d}",
        "PhongBanXuLy": WORDS["office"][0],
        "TaiLieuNop": _parts(dossier, parts, reused),
        "DanhSachLePhi": _fees(dossier, paid),
        "DanhSachTepDinhKemKhac": [],
        "DanhSachHoSoBoSung": _supplements(dossier, step),
        "DanhSachGiayToKetQua": _results(dossier, result),
        "DuocThanhToanTrucTuyen": ("2" if dossier.salt & 1 else "1") if pays_online else "0",
        "HoSoCoThanhPhanSoHoa": "1" if reused else "0",
        "TaiKhoanDuocXacThucVoiVNeID": "1" if identified else "0",
        "MaCSDL": "CSDLDC" if identified and drawn_base < 0.8 else "",
        "MaDonVi": commune.code,
        "Thon": hamlet,
        "MucDo": procedure.level,
        "NoiTiepNhan": _another(commune.code, drawn_place) if drawn_elsewhere < HANDED_IN_ELSEWHERE else commune.code,
        "NoiHoTro": "",
        "DiemHaiLong": _rating(drawn_points, late) if returned_at and drawn_rated < RATED else "",
        "CoThuXinLoi": "1" if late and drawn_apology < commune.character.apology else "0",
        "NgayCapNhat": stamp(dossier.moments[step]),
    }
    if drawn_dirty < commune.character.dirty:
        dirt.spoil(said, random)
    return said


def _due(dossier: Dossier, step: int) -> datetime | None:
    """The promise that stands at a step: none before acceptance, the newest after supplements."""
    if dossier.path[step] in (1, 3) or dossier.due is None:
        return None
    due = dossier.due
    for from_step, newer in dossier.new_dues:
        if from_step <= step:
            due = newer
    return due


def _moment_of(status: int, dossier: Dossier, step: int) -> datetime | None:
    for reached in range(step, -1, -1):
        if dossier.path[reached] == status:
            return dossier.moments[reached]
    return None


def _digital_share(received: datetime) -> float:
    """How much of the work is digital: 0.35 in November 2023, 0.92 three years on."""
    passed = (received.date() - ONLINE_BEGINS).days / (3 * 365.25)
    return 0.35 + 0.57 * min(max(passed, 0.0), 1.1)


def _parts(dossier: Dossier, digital: bool, reused: bool) -> list[Record]:
    part: Record = {
        "TepDinhKemId": dossier.salt % 10_000_000,
        "TenTepDinhKem": "to-khai.pdf",
        "IsDeleted": "False",
        "MaThanhPhanHoSo": f"{dossier.procedure.code}.TP01",
        "DuongDanTaiTepTin": f"https://motcua.vidu.example/tep/{dossier.salt:x}" if digital else "",
        "DuocSoHoa": "1" if digital else "0",
        "DuocLayTuKhoDMQG": "1" if reused else "0",
    }
    return [part]


def _fees(dossier: Dossier, paid: bool) -> list[Record]:
    if dossier.procedure.fee == 0:
        return []
    fee: Record = {
        "TenPhiLePhi": WORDS["fee"][0],
        "MaPhiLePhi": f"{dossier.procedure.code}.LP",
        "HinhThucThu": "1",
        "Gia": str(dossier.procedure.fee if paid else 0),
        "LoaiPhiLePhi": "1",
    }
    return [fee]


def _supplements(dossier: Dossier, step: int) -> list[Record]:
    asked: list[Record] = []
    due = dossier.due
    newer = dict(dossier.new_dues)
    for place in range(step + 1):
        if dossier.path[place] != 5:
            continue
        answered = place + 1 <= step and dossier.path[place + 1] == 4
        new_due = newer.get(place + 1) if answered else None
        asked.append(
            {
                "HoSoBoSungId": f"{dossier.code}-BS{len(asked) + 1}",
                "NguoiYeuCauBoSung": "",
                "NoiDungBoSung": WORDS["supplement"][0],
                "NgayBoSung": stamp(dossier.moments[place]),
                "NguoiTiepNhanBoSung": "",
                "ThongTinTiepNhan": "",
                "NgayTiepNhanBoSung": stamp(dossier.moments[place + 1]) if answered else "",
                "TrangThaiBoSung": "1" if answered else "0",
                "DanhSachGiayToBoSung": [],
                "DanhSachLePhiBoSung": [],
                "NgayHenTraTruoc": stamp(due),
                "NgayHenTraMoi": stamp(new_due),
            }
        )
        due = new_due or due
    return asked


def _results(dossier: Dossier, digital: bool) -> list[Record]:
    if not digital:
        return []
    result: Record = {
        "TenGiayTo": dossier.procedure.name,
        "MaThanhPhanHoSo": f"{dossier.procedure.code}.KQ",
        "GiayToId": f"{dossier.salt % 100_000_000}",
        "DuongDanTepTinKetQua": f"https://motcua.vidu.example/ket-qua/{dossier.salt:x}",
        "MaKetQua": f"KQ{dossier.salt % 1_000_000_000:09d}",
    }
    return [result]


def _rating(drawn: float, late: bool) -> str:
    points = 5 - sum(drawn >= share for share in RATINGS[:-1])
    return str(max(1, points - 2) if late else points)


def _another(code: str, drawn: float) -> str:
    """One of the other communes of the invented province."""
    return f"990{1 + (int(code[-2:]) + int(drawn * 5)) % 6:02d}"
