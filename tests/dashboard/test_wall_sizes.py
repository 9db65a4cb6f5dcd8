"""How large letters must be, and whether texts then fit."""

from __future__ import annotations

import math

import pytest
import sample_panels as sample
from flask import Flask

from dashboard.panels import PANELS
from dashboard.wall.app import mount
from dashboard.wall.profile import known_scenes
from dashboard.wall.type_sizes import Fitter, Screen, TypeScale, lines_of, width_of
from datasets.errors import ConfigError
from datasets.settings.models import WallScene


@pytest.mark.parametrize(
    ("diagonal", "distance", "floor", "comfortable"),
    [(55, 3, 20, 31), (55, 4, 26, 42), (55, 5, 33, 52), (65, 4, 22, 35), (75, 5, 24, 38), (85, 5, 21, 34)],
)
def test_sizes_follow_from_diagonal_and_distance(diagonal, distance, floor, comfortable):
    """The table of look.md, computed."""
    screen = Screen(diagonal, distance)
    assert screen.pixels(10) == pytest.approx(floor, abs=0.7)
    assert screen.pixels(16) == pytest.approx(comfortable, abs=0.7)


def test_no_text_is_below_ten_minutes_of_arc_nor_below_24_pixels():
    assert TypeScale.of(Screen(55, 4)).floor == math.ceil(Screen(55, 4).pixels(10)) == 27
    assert TypeScale.of(Screen(85, 2)).floor == 24
    for screen in (Screen(43, 4), Screen(55, 4), Screen(85, 2)):
        scale = TypeScale.of(screen)
        assert min(scale.note, scale.label, scale.title, scale.clock) >= scale.floor


def test_a_line_is_as_wide_as_its_letters():
    # "1.1" in weight 700: 43 + 31 + 43 hundredths of an em, 2 % to be safe
    assert width_of("1.1", 100, 700) == pytest.approx(117 * 1.02)


def test_marks_do_not_widen_a_letter_but_horns_do():
    assert width_of("ế", 10) == width_of("e", 10)
    assert width_of("ừ", 10) > width_of("ù", 10)


def test_texts_break_between_words_only():
    word = width_of("hồ", 30)
    space = width_of(" ", 30)
    assert lines_of("hồ hồ", 30, 2 * word + space + 0.1) == 1
    assert lines_of("hồ hồ", 30, 2 * word + space - 0.1) == 2
    assert lines_of("hồ", 30, word - 0.1) == math.inf


def test_a_text_shrinks_to_the_floor_and_then_is_a_fault():
    scale = TypeScale.of(Screen(55, 4))
    fitter = Fitter(scale)
    wide = width_of("Hồ sơ quá hạn", 40)
    assert fitter.fit("tên", "Hồ sơ quá hạn", wide, 42) == 40
    assert fitter.faults == []
    assert fitter.fit("tên", "Hồ sơ quá hạn", width_of("Hồ sơ quá hạn", scale.floor) - 1, 42) == scale.floor
    assert fitter.faults == ["tên"]


def wall(diagonal: float, distance: float) -> None:
    reader = sample.Reader(sample.public_services(), sample.socio_economic())
    server = Flask("test", static_folder=None)
    mount(server, reader, sample.settings(diagonal, distance), (sample.PUBLIC, sample.SOCIAL))


def test_a_wall_that_cannot_be_read_does_not_start_and_names_the_tile():
    with pytest.raises(ConfigError) as refused:
        wall(32, 6)
    faults = [fault.message for fault in refused.value.faults]
    assert any("Dịch vụ công: Tỷ lệ hồ sơ nộp trực tuyến" in fault for fault in faults)
    assert all("32 inch" in fault and "6 m" in fault for fault in faults)
    assert {str(fault.file) for fault in refused.value.faults} == {"config.yaml"}


def test_the_frame_is_named_too_where_date_and_banner_have_no_room():
    with pytest.raises(ConfigError) as refused:
        wall(43, 4)
    faults = " ".join(fault.message for fault in refused.value.faults)
    assert "Chủ Nhật, 30/12/2026 · Tuần 53" in faults and "SỐ LIỆU MINH HOẠ" in faults


@pytest.mark.parametrize(("diagonal", "distance"), [(55, 3), (55, 4), (65, 4), (75, 5), (43, 3)])
def test_usual_meeting_rooms_start(diagonal, distance):
    wall(diagonal, distance)


def test_the_scenes_that_settings_take_are_the_scenes_there_are():
    assert set(WallScene.model_fields["panel"].annotation.__args__) == set(known_scenes(PANELS))
