"""Invented people: names put together at random, numbers nobody can have.

They are there so that the centre can be seen to drop them. Identity numbers begin with
the province code 099 and phones with 010, neither of which is given out in Vietnam.
"""

from __future__ import annotations

from random import Random

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý")
MIDDLE_FEMALE = ("Thị", "Ngọc", "Thu", "Minh", "Thanh", "Mai")
MIDDLE_MALE = ("Văn", "Đức", "Hữu", "Quang", "Minh", "Xuân", "Đình")
GIVEN_FEMALE = ("Lan", "Hoa", "Hương", "Thảo", "Nga", "Yến", "Hằng", "Tuyết", "Loan", "Phượng", "Oanh", "Nhung")
GIVEN_MALE = ("Hùng", "Dũng", "Tuấn", "Cường", "Sơn", "Hải", "Long", "Thắng", "Bình", "Khánh", "Tùng", "Đạt")


def full_name(random: Random) -> str:
    female = random.random() < 0.5
    middle, given = (MIDDLE_FEMALE, GIVEN_FEMALE) if female else (MIDDLE_MALE, GIVEN_MALE)
    return f"{_pick(FAMILY, random)} {_pick(middle, random)} {_pick(given, random)}"


def identity_number(random: Random) -> str:
    return f"099{int(random.random() * 1_000_000_000):09d}"


def phone(random: Random) -> str:
    return f"010{int(random.random() * 10_000_000):07d}"


def _pick(choices: tuple[str, ...], random: Random) -> str:
    return choices[int(random.random() * len(choices))]
