"""Invented people: names put together at random, numbers nobody can have.

They are there so that the centre can be seen to drop them. Identity numbers begin with
the province code 099 and phones with 010, neither of which is given out in Vietnam.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import yaml

_FILE = Path(__file__).parent.parent / "invented.yaml"
WORDS: dict[str, tuple[str, ...]] = {
    name: tuple(words) for name, words in yaml.safe_load(_FILE.read_text("utf-8")).items()
}


def full_name(random: Random) -> str:
    sex = "female" if random.random() < 0.5 else "male"
    return f"{_pick('family', random)} {_pick(f'middle_{sex}', random)} {_pick(f'given_{sex}', random)}"


def identity_number(random: Random) -> str:
    return f"099{int(random.random() * 1_000_000_000):09d}"


def phone(random: Random) -> str:
    return f"010{int(random.random() * 10_000_000):07d}"


def _pick(words: str, random: Random) -> str:
    choices = WORDS[words]
    return choices[int(random.random() * len(choices))]
