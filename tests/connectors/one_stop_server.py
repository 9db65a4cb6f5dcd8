"""A small one-stop system for tests: real HTTP, pages, a change-date filter, faults on demand."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FIELD_MAP = """\
dataset: dossier
fields:
  dossier_code: MaHoSo
  procedure_code: MaTTHC
  procedure_field: TenLinhVuc
  channel: {from: KenhThucHien, codes: {"1": direct, "2": online, "3": postal}, missing: direct}
  received_at: {from: NgayTiepNhan, type: datetime, format: "%Y%m%d%H%M%S"}
  due_at: {from: NgayHenTra, type: datetime, format: "%Y%m%d%H%M%S"}
  finished_at: {from: NgayKetThucXuLy, type: datetime, format: "%Y%m%d%H%M%S"}
  status: {from: TrangThaiHoSo, codes: {"1": registered, "2": accepted, "4": processing, "9": finished, "10": returned}}
  unit: {from: MaDonVi, units: code}
  updated_at: {from: NgayCapNhat, type: datetime, format: "%Y%m%d%H%M%S"}
personal: [ChuHoSo, SoDienThoai]
ignore: [GhiChu]
"""

UNITS = """\
code,name,level,parent,kind,valid_from,valid_to,successor,population,households
T01,Tỉnh Thử,province,,province,,,,,
X0001,Xã Một,commune,T01,commune,,,,12000,3100
X0002,Xã Hai,commune,T01,commune,,,,9000,2400
"""

CONFIG = """\
centre: {{name: "Trung tâm thử", unit: "T01", time_zone: Asia/Ho_Chi_Minh, language: vi, demo: true}}
units: units.csv
store: {{url: "{store}"}}
sources:
  one_stop:
    title: "Một cửa"
    dataset: dossier
    connector: rest
    map: one_stop_map.yaml
    url: {url}
    auth: {{type: none}}
    paging: {{type: page_number, page_param: page, size_param: pageSize, size: {size}}}
    records: data.items
    total: data.total
    cursor: {{param: tuNgay, field: NgayCapNhat, format: "%Y%m%d%H%M%S", lookback: 1h}}
    schedule: "*/10 6-19 * * 1-6"
    stale_after: 2h
    expect: {{min_rows: 0, max_quarantined_share: 0.5}}
"""


def dossier(number: int, **changed: object) -> dict[str, object]:
    """One raw dossier of commune X0001, received and changed on 2 November 2026 at 08:00 and some seconds."""
    stamp = f"2026110208{number // 60 % 60:02d}{number % 60:02d}"
    return {
        "MaHoSo": f"H99.01-261102-{number:06d}",
        "MaTTHC": "2.000815",
        "TenLinhVuc": "Chứng thực",
        "KenhThucHien": "2",
        "ChuHoSo": "Nguyễn Thị Riêng Tư",
        "SoDienThoai": "0912345678",
        "NgayTiepNhan": stamp,
        "NgayHenTra": "20261105170000",
        "NgayKetThucXuLy": "",
        "TrangThaiHoSo": "4",
        "MaDonVi": "X0001",
        "NgayCapNhat": stamp,
        "GhiChu": "",
        **changed,
    }


class OneStop:
    """The server, running in a thread of this process until `close`.

    Change `dossiers` between pulls; set `status` for a broken server and `page_seconds`
    for a slow one. `asked` holds the `tuNgay` of every first page asked for.
    """

    def __init__(self, port: int = 0) -> None:
        self.dossiers: list[dict[str, object]] = []
        self.status = 200
        self.page_seconds = 0.0
        self.asked: list[str | None] = []
        self.before_page = lambda page: None
        system = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                body = json.dumps(system.answer(query), ensure_ascii=False).encode()
                self.send_response(system.status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_HEAD = do_GET

            def log_message(self, *said: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                pass  # a client killed in mid-answer is what some tests are about

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/api/ho-so"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def answer(self, query: dict[str, str]) -> dict[str, object]:
        page, size = int(query.get("page", 1)), int(query.get("pageSize", 200))
        since = query.get("tuNgay")
        if page == 1:
            self.asked.append(since)
        self.before_page(page)
        time.sleep(self.page_seconds)
        if self.status != 200:
            return {"error_code": "99", "message": "Hệ thống bận"}
        found = [d for d in self.dossiers if since is None or str(d["NgayCapNhat"]) >= since]
        found.sort(key=lambda d: (str(d["NgayCapNhat"]), str(d["MaHoSo"])))
        return {"error_code": "00", "data": {"total": len(found), "items": found[(page - 1) * size : page * size]}}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def write_config(folder, store_url: str, url: str, *, size: int = 50) -> str:
    """A whole small configuration in `folder`; answers the path of its config.yaml."""
    (folder / "units.csv").write_text(UNITS, "utf-8")
    (folder / "one_stop_map.yaml").write_text(FIELD_MAP, "utf-8")
    path = folder / "config.yaml"
    path.write_text(CONFIG.format(store=store_url, url=url, size=size), "utf-8")
    return str(path)
