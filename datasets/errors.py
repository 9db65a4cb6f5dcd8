"""The error family, named by what to do next.

    OpsError                    a sentence for a person; no traceback is shown
    ├── UsageError              wrong use of a command (exit 2)
    ├── ConfigError             fix the file; lists every fault; nothing starts (exit 2)
    │   └── CatalogueError      the same, for indicators and elements
    ├── PullError               one source's pull ended badly; other sources run on
    │   ├── SourceUnavailable   wait, it is tried again: refused, reset, 429, 5xx, too slow
    │   ├── SourceRefused       credentials or rights; not tried again; tell a person
    │   ├── SourceChanged       the answer no longer looks as agreed; stop this source only
    │   └── BatchRejected       read well, but breaks expectations; nothing written, last good data stays
    └── StoreError              the database cannot be used as it is

One bad record is not an error: it is a `Problem` (see validate.py) in quarantine.

An error carries a message key and its parameters, so that the command line, the
ledger and the sources page say the same sentence in the reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datasets.messages import text


class OpsError(Exception):
    """Root of the family. `key` names a message in datasets/messages, `params` fill it."""

    exit_code = 1

    def __init__(self, key: str, /, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = {name: str(value) for name, value in params.items()}

    def message(self, language: str = "vi") -> str:
        """One sentence that says what is wrong and what to do."""
        return text(self.key, language, **self.params)

    def __str__(self) -> str:
        return self.message()


class UsageError(OpsError):
    exit_code = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one file. `line` counts from 1; 0 when the whole file is meant."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class ConfigError(OpsError):
    """Every fault of a file, in one report."""

    exit_code = 2

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("error.config", count=len(faults))
        self.faults = faults

    def message(self, language: str = "vi") -> str:
        return "\n".join([super().message(language), *(f"  {fault}" for fault in self.faults)])


class CatalogueError(ConfigError):
    pass


class PullError(OpsError):
    pass


class SourceUnavailable(PullError):
    pass


class SourceRefused(PullError):
    pass


class SourceChanged(PullError):
    pass


class BatchRejected(PullError):
    pass


class StoreError(OpsError):
    pass
