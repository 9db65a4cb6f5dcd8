import json
from datetime import date, datetime
from pathlib import Path

import pytest

from connectors.kept_record import Keeper, restore
from connectors.map_file import read_map
from datasets.validate import LONGEST_TEXT

MAP = """\
dataset: dossier
fields:
  unit: MaDonVi
  dossier_code: [MaHoSo, "Số hồ sơ"]
  received_at: NgayTiepNhan
  handler: XuLy.NguoiXuLy
  supplement_requests: {count_of: BoSung}
  fee_amount: {sum_of: LePhi.Gia}
  result_digital: {any_of: {path: KetQua, field: Tep}}
  parts_digital: {any_of: {path: GiayTo, field: SoHoa, equals: ["1"]}}
personal: [ChuHoSo]
ignore: [GhiChu]
"""


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    path = tmp_path / "map.yaml"
    path.write_text(MAP, "utf-8")
    return Keeper(read_map(path))


def test_only_what_the_map_reads_is_kept(keeper: Keeper):
    record = {
        "MaDonVi": "X0001",
        "SỐ HỒ SƠ": "H1",
        "ChuHoSo": "Nguyễn Thị Riêng Tư",
        "GhiChu": "gọi lại",
        "SoLa": "0912345678",
        "XuLy": {"NguoiXuLy": "Cán bộ 1", "SoDienThoai": "0912345678"},
        "BoSung": [{"NguoiYeuCau": "Riêng Tư"}, {"NguoiYeuCau": "Riêng Tư"}],
        "LePhi": [{"Gia": "8000", "NguoiNop": "Riêng Tư"}],
        "KetQua": [{"Tep": "https://motcua.vidu.example/giay-khai-sinh/rieng-tu.pdf"}, {"Tep": " "}, {"Tep": None}],
        "GiayTo": [{"SoHoa": "1", "Tep": "rieng-tu.pdf"}],
    }
    assert restore(keeper.keep(record)) == {
        "MaDonVi": "X0001",
        "SỐ HỒ SƠ": "H1",
        "XuLy": {"NguoiXuLy": "Cán bộ 1"},
        "BoSung": [{}, {}],
        "LePhi": [{"Gia": "8000"}],
        "KetQua": [{"Tep": "x"}, {"Tep": ""}, {"Tep": None}],
        "GiayTo": [{"SoHoa": "1"}],
    }


def test_typed_cells_survive_being_kept_as_json(keeper: Keeper):
    record = {"MaHoSo": 12.0, "NgayTiepNhan": datetime(2026, 11, 20, 8, 15), "MaDonVi": None}
    assert restore(json.loads(json.dumps(keeper.keep(record)))) == record
    record = {"NgayTiepNhan": date(2026, 11, 20)}
    assert restore(json.loads(json.dumps(keeper.keep(record)))) == record


def test_an_oversize_cell_is_still_too_long_when_it_is_tried_again(keeper: Keeper):
    kept = restore(keeper.keep({"MaHoSo": "x" * 1_000_000}))
    assert kept is not None
    assert len(str(kept["MaHoSo"])) == LONGEST_TEXT + 1


def test_a_canonical_row_is_not_taken_for_a_kept_record():
    assert restore({"unit": "X0001", "dossier_code": "H1"}) is None
    assert restore(None) is None
