"""The desk's page of the screens."""

from __future__ import annotations

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
