"""The arguments of the commands: argparse in the reader's language, complaining in one sentence."""

from __future__ import annotations

import argparse
import re
from typing import Any, NoReturn

from datasets.errors import UsageError
from datasets.messages import text

SENTENCES = (
    (re.compile(r"the following arguments are required: (?P<names>.+)"), "usage.required"),
    (re.compile(r"unrecognized arguments: (?P<names>.+)"), "usage.unrecognised"),
    (re.compile(r"argument (?P<name>\S+): invalid choice: (?P<value>.+?) \(choose from (?P<choices>.+)\)"),
     "usage.choice"),
    (re.compile(r"argument (?P<name>\S+): invalid \S+ value: (?P<value>.+)"), "usage.kind"),
    (re.compile(r"argument (?P<name>\S+): expected .+"), "usage.value"),
)  # fmt: skip


class Parser(argparse.ArgumentParser):
    """`language` is that of the help. What is wrong with a command line is raised as a UsageError."""

    def __init__(self, *, language: str = "vi", **options: Any) -> None:
        wants_help = options.pop("add_help", True)
        super().__init__(**options, add_help=False)
        self.language = language
        self._positionals.title = self.text("usage.arguments")
        self._optionals.title = self.text("usage.options")
        if wants_help:
            self.add_argument("-h", "--help", action="help", help=self.text("usage.help"))

    def text(self, key: str, **params: object) -> str:
        return text(key, self.language, **params)

    def error(self, message: str) -> NoReturn:
        for pattern, key in SENTENCES:
            if found := pattern.fullmatch(message):
                raise UsageError(key, program=self.prog, **found.groupdict())
        raise UsageError("usage.wrong", program=self.prog, problem=message)
