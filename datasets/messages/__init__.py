"""Every sentence a person reads, by key, in Vietnamese and English.

`<room>.<language>.yaml` beside this file holds a flat mapping key: sentence, with
`{name}` for parameters. Keys begin with the room's name. Vietnamese is complete;
a house test finds keys missing in one language, used nowhere, or not there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("vi", "en")


@cache
def catalogue(language: str) -> dict[str, str]:
    """All messages of one language. Raises KeyError for an unknown language."""
    if language not in LANGUAGES:
        raise KeyError(language)
    messages: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.glob(f"*.{language}.yaml")):
        messages.update(yaml.safe_load(path.read_text("utf-8")) or {})
    return messages


def text(key: str, /, language: str = "vi", **params: object) -> str:
    """The sentence of `key`, filled in. An unknown key is a programming error: KeyError."""
    sentence = catalogue(language)[key]
    return sentence.format(**params) if params else sentence
