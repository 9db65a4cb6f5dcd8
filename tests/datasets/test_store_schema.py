"""The schema: what the migrations make is what the tables declare."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from datasets.clock import Clock
from datasets.errors import StoreError
from datasets.store import Store, migrate, open_store
from datasets.store.tables import METADATA


def is_of_columns(thing: object, name: str | None, kind: str, *_: object) -> bool:
    """Not an index of an expression, which cannot be compared; test_lived.py looks whether that one is found."""
    return not (kind == "index" and str(name).endswith("_pending"))


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_the_migrations_make_exactly_the_declared_tables(store: Store) -> None:
    with store.engine.connect() as connection:
        opts = {"compare_type": True, "compare_server_default": True, "include_object": is_of_columns}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, METADATA) == []
        inspector = sa.inspect(connection)
        for table in METADATA.tables.values():
            assert inspector.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
            columns = {(c["name"], c["nullable"]) for c in inspector.get_columns(table.name)}  # later ones come last
            assert columns == {(c.name, c.nullable) for c in table.columns}


def test_the_head_written_down_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(migrate.MIGRATIONS)).get_current_head() == migrate.HEAD


def test_a_new_store_is_empty_at_version_0(store: Store) -> None:
    assert store.version() == 0
    assert store.ledger.runs() == []


def test_a_schema_of_a_newer_program_is_refused_and_left_alone(store_url: str, clock: Clock) -> None:
    opened = open_store(store_url, clock)
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    opened.close()
    with pytest.raises(StoreError) as refused:
        open_store(store_url, clock)
    assert refused.value.key == "error.store_newer"
    assert "9999" in refused.value.message("en")


def test_an_old_sqlite_file_is_copied_before_it_is_upgraded(
    sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    head = migrate.HEAD
    monkeypatch.setattr(migrate, "HEAD", "0999")
    monkeypatch.setattr(migrate, "_run", lambda connection: None)
    open_store(sqlite_url, clock).close()
    copy = sqlite3.connect(file.with_name(f"ioc.db.bak-{head}"))
    assert copy.execute("SELECT version FROM data_version").fetchone() == (0,)
    copy.close()


def test_a_migration_that_breaks_leaves_nothing_behind(
    tmp_path: Path, empty_postgresql: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = migrate._run

    def break_at_the_end(connection: sa.Connection) -> None:
        run(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(migrate, "_run", break_at_the_end)
    for url in (f"sqlite:///{tmp_path}/new.db", empty_postgresql):
        with pytest.raises(KeyboardInterrupt):
            open_store(url, clock)
        engine = sa.create_engine(url.replace("sqlite://", "sqlite+pysqlite://"))
        assert sa.inspect(engine).get_table_names() == []
        engine.dispose()


def test_create_false_asks_for_an_existing_store(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(StoreError) as missing:
        open_store(f"sqlite:///{tmp_path}/none.db", clock, create=False)
    assert missing.value.key == "error.store_missing"
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://a/b", "ioc.db"])
def test_an_address_that_cannot_be_shared_or_understood_is_refused(url: str, clock: Clock) -> None:
    with pytest.raises(StoreError) as refused:
        open_store(url, clock)
    assert refused.value.key == "error.store_url"
