"""`python -m dashboard serve | values | records | briefing | briefings`.

Exit codes: 0 done, 1 the work failed, 2 wrong use or wrong configuration. Errors are one
sentence on standard error; tracebacks only with --debug.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from dashboard.screen_command import add_screen_command, screen_command
from datasets.command_line import Parser
from datasets.errors import OpsError, UsageError
from datasets.indicators.rules import DEFAULT
from datasets.messages import text
from datasets.settings import language_named

DONE, FAILED, WRONG_USE = 0, 1, 2
BRIEFINGS = ("briefing", "briefings")


def main(arguments: Sequence[str] | None = None) -> int:
    said = list(sys.argv[1:] if arguments is None else arguments)
    language, debug = language_named(said, os.environ), "--debug" in said
    try:
        asked = parser(language).parse_args(said)
        return _run(asked)
    except OpsError as error:
        if debug:
            raise
        print(error.message(language), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return FAILED
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as fault:  # the boundary to the person: a fault of ours is one sentence, too
        if debug:
            raise
        print(text("usage.unexpected", language, kind=type(fault).__name__), file=sys.stderr)
        return FAILED


def parser(language: str) -> argparse.ArgumentParser:
    def say(name: str) -> str:
        return text(f"api.help.{name}", language)

    root = Parser(language=language, prog="python -m dashboard", description=say("about"))
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    names = ("serve", "values", "records", "screen", *BRIEFINGS)
    made = {name: commands.add_parser(name, help=say(name), description=say(name), language=language) for name in names}
    for command in made.values():
        command.add_argument("--config", metavar="FILE", help=say("config"))
        command.add_argument("--debug", action="store_true", help=say("debug"))
    made["serve"].add_argument("--port", type=int, help=say("port"))
    values, records = made["values"], made["records"]
    values.add_argument("--period", action="append", required=True, help=say("period"))
    values.add_argument("--unit", nargs="+", action="extend", default=[], help=say("unit"))
    values.add_argument("--indicator", nargs="+", action="extend", default=[], help=say("indicator"))
    values.add_argument("--by", help=say("by"))
    values.add_argument("--format", choices=("json", "csv", "table"), default="table", help=say("format"))
    records.add_argument("--period", required=True, help=say("period"))
    records.add_argument("--unit", help=say("unit"))
    records.add_argument("--indicator", required=True, help=say("indicator"))
    records.add_argument("--part", choices=("numerator", "denominator"), default="numerator", help=say("part"))
    records.add_argument("--format", choices=("csv", "json"), default="csv", help=say("format"))
    briefing = made["briefing"]
    briefing.add_argument("--period", required=True, help=say("period"))
    briefing.add_argument("--unit", nargs="+", action="extend", default=[], help=say("unit"))
    briefing.add_argument("--to", required=True, metavar="DIR", help=say("to"))
    briefing.add_argument("--formats", help=say("formats"))
    briefing.add_argument("--fresh", action="store_true", help=say("fresh"))
    for command in (values, records):
        command.add_argument("--rules", default=DEFAULT, help=say("rules"))
        command.add_argument("--filter", action="append", default=[], metavar="COLUMN=VALUE", help=say("filter"))
    add_screen_command(made["screen"], lambda name: text(f"screen.help.{name}", language))
    return root


def _run(asked: argparse.Namespace) -> int:
    if asked.command == "serve":
        from dashboard.serve import serve  # the screens' libraries are not loaded to print a number

        return serve(asked.config, asked.port)
    if asked.command in BRIEFINGS:
        from dashboard.briefing.commands import make, run_job

        return run_job(asked.config) if asked.command == "briefings" else make(asked)
    from dashboard import answers
    from dashboard.open_queries import open_queries

    queries = open_queries(asked.config, os.environ)
    if asked.command == "screen":
        print(screen_command(queries, asked))
        return DONE
    question = answers.Asked(
        periods=tuple(asked.period) if isinstance(asked.period, list) else (asked.period,),
        units=tuple(asked.unit) if isinstance(asked.unit, list) else ((asked.unit,) if asked.unit else ()),
        indicators=tuple(asked.indicator) if isinstance(asked.indicator, list) else (asked.indicator,),
        by=getattr(asked, "by", None),
        rules=asked.rules,
        part=getattr(asked, "part", "numerator"),
        filters=dict(_filter(said) for said in asked.filter),
    )
    columns: Sequence[str]
    if asked.command == "values":
        columns, rows = answers.VALUE_KEYS, answers.values(queries, question)
    else:
        columns, rows, _ = answers.records(queries, question)
    if asked.format == "json":
        print(answers.as_json(rows))
    elif asked.format == "csv":
        print(answers.as_csv(columns, rows), end="")
    else:
        print(answers.as_table(queries, rows, queries.settings.centre.language))
    return DONE


def _filter(said: str) -> tuple[str, str]:
    column, sign, member = said.partition("=")
    if not sign or not column:
        raise UsageError("api.bad_filter", value=said)
    return column, member


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    sys.exit(main())
