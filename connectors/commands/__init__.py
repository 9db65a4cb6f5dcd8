"""The commands of `python -m connectors`, one file each.

A command file has `add_arguments(parser)` and `run(arguments, terminal) -> exit code`;
its first docstring line is nothing a person sees: the help is the message
`connectors.help.<name>`.
"""

from __future__ import annotations

from connectors.commands import check, pull, quarantine, replay, run, sandbox, status, template

COMMANDS = {
    "check": check,
    "pull": pull,
    "run": run,
    "status": status,
    "quarantine": quarantine,
    "replay": replay,
    "template": template,
    "sandbox": sandbox,
}
