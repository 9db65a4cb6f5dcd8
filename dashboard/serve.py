"""`python -m dashboard serve`: granian with one worker and eight threads."""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import socket
from contextlib import closing, suppress
from pathlib import Path
from threading import Event, Thread

from flask import Flask
from granian.constants import Interfaces
from granian.server import Server

from dashboard.app import create_server
from dashboard.open_queries import open_queries
from dashboard.panels import PANELS
from dashboard.wall.app import check_wall
from datasets.errors import StoreError, UsageError
from datasets.messages import text
from datasets.settings import config_path

THREADS = 8
SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_TO_END = 3
"""Then the worker is killed: one told to stop while it is still starting does not hear it. honcho waits five."""
HIGHEST_PORT = 65535
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104
LOCAL = ("127.0.0.1", "localhost", "::1")
M_TRIM_THRESHOLD, M_ARENA_MAX = -1, -8
"""Of glibc's mallopt (malloc.h)."""
MADE_BEFORE_GARBAGE_IS_LOOKED_FOR = 10_000


def serve(config: str | None, port: int | None) -> int:
    """Serve until told to stop. What can be wrong is found here, before a worker starts.

    Raises ConfigError, CatalogueError, StoreError; UsageError for a port in use or an address that is not ours,
    ConfigError also for a wall that could not be read from the seats.
    """
    queries = open_queries(config, os.environ)
    settings, language = queries.settings, queries.settings.centre.language
    host, chosen = settings.host, settings.port if port is None else port
    refuse_taken(host, chosen)
    check_wall(queries, settings, PANELS)
    queries.store.close()
    os.environ["IOC_CONFIG"], os.environ["IOC_PORT"] = str(config_path(config, os.environ)), str(chosen)
    meaning = "api.local_only" if host in LOCAL else "api.open_to_network"
    print(text(meaning, language, host=host), flush=True)  # noqa: T201
    server = Server(
        "dashboard.serve:worker",
        factory=True,
        address=host,
        port=chosen,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        working_dir=Path(__file__).parents[1],
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_END,
        log_level="error",  # type: ignore[arg-type]
    )
    server.serve()
    return 0


def worker() -> Flask:
    """The application, in the process that granian forks for it; tells where to look once there are figures.

    Told from here and not from the process that forks: a thread that is inside SQLite there at that
    moment leaves the worker with a locked mutex, and the worker never comes up.
    """
    one_heap()
    server = create_server()
    settle()
    Thread(target=_when_figures_are_in, daemon=True).start()
    return server


def settle() -> None:
    """What stands by now is not looked through for garbage again while a request waits, nor every few hundred of the
    things that a page makes: they are let go of one by one, and next to none of them in circles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(MADE_BEFORE_GARBAGE_IS_LOOKED_FOR)


def one_heap() -> None:
    """Let all threads of this process share one heap that gives back what it no longer needs. Of its own accord glibc
    makes a heap a thread, and each keeps the most that a request ever needed: 35 MB together. Elsewhere nothing."""
    with suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_ARENA_MAX, 1)
        library.mallopt(M_TRIM_THRESHOLD, 128 * 1024)


def _when_figures_are_in() -> None:
    """Say the address as soon as the store holds its first figures."""
    queries = open_queries(None, os.environ)
    settings, waiting = queries.settings, Event()
    try:
        while not queries.version():
            waiting.wait(SECONDS_BETWEEN_LOOKS)
    except StoreError:
        pass  # the pages and /healthz say what is wrong with the store
    finally:
        queries.store.close()
    here = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    print(text("api.serving", settings.centre.language, host=here, port=settings.port), flush=True)  # noqa: T201


def refuse_taken(host: str, port: int) -> None:
    """Raise UsageError when another program listens there already, or nobody could."""
    if not 1 <= port <= HIGHEST_PORT:
        raise UsageError("api.port_number", value=port)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        if os.name == "posix":  # elsewhere it would let two programs share the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise UsageError("api.port_taken", port=port, other=port + 1) from None
            raise UsageError("api.cannot_listen", host=host, port=port, reason=error.strerror) from None
