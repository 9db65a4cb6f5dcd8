"""What pydantic finds wrong, said as `settings.<code>` at the line it is about."""

from __future__ import annotations

import difflib
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from datasets.errors import Fault
from datasets.lined_yaml import At, LinedYaml
from datasets.messages import catalogue, text
from datasets.settings.values import Part

_ALIKE = {
    "model_type": "dict_type",
    "model_attributes_type": "dict_type",
    "union_tag_not_found": "missing",
    "too_short": "string_too_short",
    "int_from_float": "int_type",
    "string_too_long": "one_character",
}


def faults_of(error: ValidationError, path: Path, lined: LinedYaml, language: str) -> list[Fault]:
    """One fault for each error, but for values that the YAML reader already complained about."""
    return [
        _fault(detail, path, lined, language)
        for detail in error.errors(include_url=False, include_input=True)
        if _steps(detail, lined) not in lined.doubtful
    ]


def _steps(detail: ErrorDetails, lined: LinedYaml) -> At:
    """The place of an error in the file, without pydantic's own steps and with the key that is missing."""
    at: At = ()
    for step in detail["loc"]:
        if (*at, step) in lined.lines:
            at = (*at, step)
    if detail["type"] == "missing":
        at = (*at, detail["loc"][-1])
    return at


def _fault(detail: ErrorDetails, path: Path, lined: LinedYaml, language: str) -> Fault:
    at = _steps(detail, lined)
    line = lined.line(at)
    params = {name: _said(value, language) for name, value in detail.get("ctx", {}).items()}
    code = _ALIKE.get(detail["type"], detail["type"])
    if code == "string_type" and isinstance(detail["input"], int | float) and not isinstance(detail["input"], bool):
        code = "quote"
    elif detail["type"] == "missing":
        at, params = at[:-1], {"wanted": str(at[-1])}
    elif detail["type"] == "union_tag_not_found":
        params = {"wanted": params["discriminator"].strip("'")}
    elif code == "extra_forbidden":
        like = difflib.get_close_matches(str(at[-1]), _known_keys(Part) - {str(at[-1])}, 1)
        code, params = ("unknown_key_like", {"like": like[0]}) if like else ("unknown_key", {})
    if f"settings.{code}" not in catalogue(language):
        code, params = "wrong", {"problem": detail["msg"]}
    where = ".".join(str(step) for step in at)
    sentence = text(f"settings.{code}", language, **params)
    return Fault(path, line, f"{where}: {sentence}" if where else sentence)


def _said(value: object, language: str) -> str:
    """A limit or a list of choices as pydantic gives it, for a sentence."""
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).replace(" or ", text("settings.or", language))


def _known_keys(part: type[Part]) -> set[str]:
    """Every key that may stand somewhere in the configuration, for suggesting the one that was meant."""
    keys = set(part.model_fields) - {"root"}
    return keys.union(*(_known_keys(kind) for kind in part.__subclasses__()))
