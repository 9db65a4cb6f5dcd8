"""The desk's page of the screens."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from dashboard.desk.render import render
from dashboard.health import health
from dashboard.screens import screens_of, silent_screens
from datasets.store.screens import HERE, hashed


def test_the_page_lists_each_screen_and_offers_approval_and_revocation(queries):
    screens = screens_of(queries)
    screens.ask("token", "ABC234")
    said = str(render(queries, "/man-hinh-quan-ly", ""))
    assert "ABC234" in said and "Chờ duyệt" in said
    line = screens.approve("abc234", name="Phòng họp", unit="98001")
    assert line.token_hash == hashed("token") and line.code != HERE
    said = str(render(queries, "/man-hinh-quan-ly", ""))
    assert "Phòng họp" in said and "screen-revoke" in said
    assert silent_screens(queries, "vi") == []
    assert not [w for w in health(queries)[0]["warnings"] if "Phòng họp" in w]
    screens.revoke(line.id)
    assert "Đã thu hồi" in str(render(queries, "/man-hinh-quan-ly", ""))


def test_the_page_binds_a_screen_to_its_unit_scenes_and_size_as_the_command_does(page: Page, site, queries):
    screens = screens_of(queries)
    screens.ask("another token", "WXY789")
    page.goto(f"{site}/man-hinh-quan-ly")
    page.get_by_label("Mã trên màn hình").fill("wxy789")
    page.get_by_label("Tên màn hình").fill("Hội trường")
    page.get_by_role("textbox", name="Đơn vị").click()
    page.get_by_role("option", name="Xã Hoàng Hôn").click()
    page.get_by_role("textbox", name="Các cảnh").click()
    for scene in ("Dịch vụ công", "Việc cần chỉ đạo"):
        page.get_by_role("option", name=scene).click()
    page.get_by_label("Đường chéo (inch)").fill("75")
    page.get_by_label("Khoảng cách xem (m)").fill("5")
    page.get_by_role("button", name="Duyệt").click()
    expect(page.locator("#screen-said")).to_contain_text("«Hội trường» đã được dùng cho Xã Hoàng Hôn")
    (line,) = (line for line in screens.all() if line.name == "Hội trường")
    assert (line.unit, line.diagonal, line.distance) == ("98002", 75, 5)
    assert line.scenes == (("public_services", 25.0), ("directing", 25.0))
    screens.revoke(line.id)
