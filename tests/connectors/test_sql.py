"""The sql connector on real SQLite and PostgreSQL; what is no SELECT never reaches a database."""

from __future__ import annotations

import tracemalloc
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import yaml

from connectors.connector import RawRecord
from connectors.house import open_house
from connectors.pull import pull
from connectors.select_only import NotSelect, check_select
from connectors.sql import SqlConnector
from connectors.sql_faults import fault_of
from datasets.errors import ConfigError, PullError, SourceChanged, SourceRefused, SourceUnavailable
from datasets.settings import SqlSource, load_settings

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, tzinfo=ZONE)
QUERY = "SELECT xa, ky, so, ten, luc FROM so_ho_tich WHERE luc >= :since ORDER BY luc"
MAP = """dataset: observation
fields:
  unit: xa
  period: ky
  value: so
  updated_at: {from: luc}
constants: {element: se_births}
personal: [ten]
"""
ROWS = [("T01", "202609", 4, "2026-10-01 08:00:00"), ("T01", "202610", 7, "2026-11-02 08:30:00")]


def made(root: Path, url: str, query: str = QUERY, **more: object) -> SqlConnector:
    source: dict[str, object] = {"dataset": "observation", "connector": "sql", "map": "map.yaml", "url": url}
    source |= {"query": query, "cursor": {"field": "luc"}, **more}
    source = {name: value for name, value in source.items() if value is not None}
    (root / "units.csv").write_text(
        "code,name,level,parent,kind,valid_from,valid_to,successor,population,households\nT01,Tỉnh,province,,province,,,,,\n",
        "utf-8",
    )
    (root / "map.yaml").write_text(MAP, "utf-8")
    centre = {"name": "Thử", "unit": "T01", "time_zone": "Asia/Ho_Chi_Minh"}
    config = {
        "centre": centre,
        "units": "units.csv",
        "sources": {"ho_tich": source},
        "store": {"url": "sqlite:///ioc.db"},
    }
    (root / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
    settings = load_settings(root / "config.yaml", {"PASSWORD": "bí mật"})
    found = settings.sources["ho_tich"]
    assert isinstance(found, SqlSource)
    return SqlConnector(found, settings, lambda: NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a register of births with two rows."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'so.db'}"
    else:
        url = request.getfixturevalue("empty_postgresql")
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        kind = "TEXT" if request.param == "sqlite" else "TIMESTAMPTZ"
        connection.exec_driver_sql("SET TIME ZONE 'Asia/Ho_Chi_Minh'") if kind != "TEXT" else None
        connection.exec_driver_sql(f"CREATE TABLE so_ho_tich (xa TEXT, ky TEXT, so NUMERIC, ten TEXT, luc {kind})")
        for xa, ky, so, luc in ROWS:
            connection.exec_driver_sql(
                f"INSERT INTO so_ho_tich VALUES ('{xa}', '{ky}', {so}, 'Nguyễn Thị Mẫu', '{luc}')"
            )
    return url


def records(connector: SqlConnector, since: datetime | None = None) -> list[RawRecord]:
    return [record for batch in connector.fetch(since) for record in batch.records]


def test_rows_come_by_the_names_of_the_query(tmp_path: Path, database: str) -> None:
    first, second = records(made(tmp_path, database))
    assert (first.row_id, first.values["ky"], first.values["so"]) == ("dòng 1 của truy vấn", "202609", 4)
    assert second.values["xa"] == "T01"


def test_only_what_changed_since_the_bookmark_is_asked_for(tmp_path: Path, database: str) -> None:
    since = datetime(2026, 11, 2, 1, 30, tzinfo=ZoneInfo("UTC"))  # 08:30 in Vietnam, the boundary included
    assert [record.values["ky"] for record in records(made(tmp_path, database), since)] == ["202610"]


def test_a_whole_pull_stores_counts_and_no_person_and_the_next_asks_from_its_bookmark(
    tmp_path: Path, database: str
) -> None:
    made(tmp_path, database)
    house = open_house(tmp_path / "config.yaml", {"IOC_NOW": NOW.isoformat()})
    counts = pull("ho_tich", house)
    assert (counts.read, counts.new, counts.quarantined) == (2, 2, 0)
    again = pull("ho_tich", house)
    assert (again.read, again.unchanged) == (1, 1)  # lookback of a day from 02/11 08:30
    house.store.close()
    assert "Nguyễn Thị".encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("ioc.db*"))


def test_nothing_can_be_written_even_where_the_check_would_not_see_it(tmp_path: Path, database: str) -> None:
    connector = made(tmp_path, database)
    connector._query = "DELETE FROM so_ho_tich WHERE luc >= :since"
    with pytest.raises(PullError):
        records(connector)
    assert len(records(made(tmp_path, database))) == 2


def test_a_table_that_is_gone_has_changed_and_the_drivers_words_are_not_repeated(tmp_path: Path, database: str) -> None:
    connector = made(tmp_path, database, "SELECT * FROM so_cu WHERE luc >= :since AND ten <> 'Bí Mật'")
    with pytest.raises(SourceChanged) as caught:
        records(connector)
    assert caught.value.key == "sql.changed"
    assert "Bí Mật" not in caught.value.message("vi")


def test_two_columns_of_one_name_are_refused(tmp_path: Path, database: str) -> None:
    with pytest.raises(SourceChanged) as caught:
        records(made(tmp_path, database, "SELECT xa, ky AS XA FROM so_ho_tich WHERE luc >= :since"))
    assert caught.value.key == "sql.column_twice"


SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) AS so FROM n",
    "postgresql": "SELECT count(*) AS so FROM generate_series(1, 1000000000000)",
}


def test_a_query_that_takes_too_long_is_ended(tmp_path: Path, database: str) -> None:
    query = SLOW["sqlite" if database.startswith("sqlite") else "postgresql"]
    with pytest.raises(SourceUnavailable) as caught:
        records(made(tmp_path, database, query, cursor=None, time_limit="1s"))
    assert caught.value.key == "sql.too_slow"


MANY = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 200000) "
    "SELECT i AS so, 'một dòng chữ dài để chiếm chỗ' || i AS ten FROM n",
    "postgresql": "SELECT i AS so, 'một dòng chữ dài để chiếm chỗ' || i AS ten FROM generate_series(1, 200000) AS n(i)",
}


def test_rows_stream_and_memory_stays_flat(tmp_path: Path, database: str) -> None:
    query = MANY["sqlite" if database.startswith("sqlite") else "postgresql"]
    connector = made(tmp_path, database, query, cursor=None)
    read = 0
    tracemalloc.start()
    for batch in connector.fetch(None):
        read += len(batch.records)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read == 200_000
    assert peak < 20_000_000  # all rows at once would be some 100 MB


def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable):
        records(made(tmp_path, f"sqlite:///{tmp_path / 'khong-co.db'}"))
    assert not (tmp_path / "khong-co.db").exists()
    with pytest.raises(SourceUnavailable) as caught:
        records(made(tmp_path, "postgresql://ai@127.0.0.1:1/so"))
    assert caught.value.key == "sql.unavailable"


def test_a_wrong_account_is_refused(tmp_path: Path, postgresql_server: sa.URL) -> None:
    url = sa.make_url(postgresql_server).set(username="khong_ai_ca").render_as_string(hide_password=False)
    with pytest.raises(SourceRefused):
        records(made(tmp_path, url))


def test_a_right_that_is_missing_is_refused(tmp_path: Path, empty_postgresql: str) -> None:
    with sa.create_engine(empty_postgresql, poolclass=sa.pool.NullPool).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kin (luc TIMESTAMP)")
        connection.exec_driver_sql("DROP ROLE IF EXISTS doc_thoi")
        connection.exec_driver_sql("CREATE ROLE doc_thoi LOGIN")
    url = sa.make_url(empty_postgresql).set(username="doc_thoi").render_as_string(hide_password=False)
    with pytest.raises(SourceRefused):
        records(made(tmp_path, url, "SELECT luc FROM kin WHERE luc >= :since"))


def test_a_missing_driver_is_named_with_its_extra(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused) as caught:
        records(made(tmp_path, "oracle://ai@may/so"))
    assert "oracle" in caught.value.message("vi")


@pytest.mark.parametrize(
    ("backend", "arguments", "kind"),
    [
        ("mysql", (1045, "Access denied"), SourceRefused),
        ("mysql", (1146, "no such table"), SourceChanged),
        ("mysql", (3024, "max time"), SourceUnavailable),
        ("mysql", (2003, "cannot connect"), SourceUnavailable),
        ("oracle", ("ORA-01017: invalid",), SourceRefused),
        ("oracle", ("ORA-00942: table",), SourceChanged),
        ("oracle", ("ORA-12541: no listener",), SourceUnavailable),
        ("mssql", (18456, b"Login failed"), SourceRefused),
        ("mssql", (208, b"Invalid object name"), SourceChanged),
    ],
)
def test_errors_of_other_databases_are_told_by_their_numbers(
    backend: str, arguments: tuple[object, ...], kind: type[PullError]
) -> None:
    error = sa.exc.OperationalError("SELECT", None, Exception(*arguments))
    assert type(fault_of(error, sa.make_url(f"{backend}://may/so"), SourceUnavailable("sql.too_slow"))) is kind


@pytest.mark.parametrize(
    "query",
    [
        "select 1",
        "SELECT a, REPLACE(b, 'x', 'y') FROM t;",
        "WITH x AS (SELECT 1) SELECT * FROM x -- xong; DELETE FROM t",
        "(SELECT 1) UNION (SELECT 2)",
        "SELECT 'it''s; DELETE FROM t' AS a, \"update\" FROM t /* drop table t; */",
        "SELECT deleted_at, updated FROM t WHERE kind = 'insert' FETCH FIRST 5 ROWS ONLY",
        "SELECT extract(year FROM d) FROM t",
    ],
)
def test_a_plain_select_is_taken(query: str) -> None:
    check_select(query, "postgresql")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "empty"),
        (" -- nothing\n;", "empty"),
        ("DELETE FROM t", "not_select"),
        ("EXPLAIN SELECT 1", "not_select"),
        ("VALUES (1)", "not_select"),
        ("SELECT 1; SELECT 2", "several"),
        ("SELECT 1; DROP TABLE t;", "several"),
        ("WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone", "word"),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", "word"),
        ("SELECT * INTO moi FROM t", "word"),
        ("SELECT 1.INTO moi", "word"),
        ("SELECT * FROM t FOR UPDATE", "word"),
        ("SELECT * FROM t FOR NO KEY UPDATE", "word"),
        ("SELECT * FROM t FOR SHARE", "word"),
        ("SELECT nextval('s')", "word"),
        ("SELECT pg_catalog.\"nextval\" ('s')", "word"),
        ("SELECT load_extension('x')", "word"),
        ("PRAGMA writable_schema = 1", "not_select"),
        ("SELECT 'a\\' ; DELETE FROM t; --'", "unclear"),
        ("SELECT /* /* */ DELETE */ 1", "unclear"),
        ("SELECT /*! 1 INTO OUTFILE 'x' */", "unclear"),
        ("SELECT 'open", "unclear"),
        ("SELECT $a$ open", "unclear"),
        ("SELECT 1 \0", "unclear"),
    ],
)
def test_what_is_not_one_select_is_refused(query: str, code: str) -> None:
    with pytest.raises(NotSelect) as caught:
        check_select(query, "postgresql")
    assert caught.value.code == code


def test_a_dollar_quote_is_text_in_postgresql_only() -> None:
    check_select("SELECT $x$ ; DELETE FROM t $x$", "postgresql")
    with pytest.raises(NotSelect):
        check_select("SELECT $x$ ; DELETE FROM t $x$", "sqlite")


def test_mysql_reads_comments_in_its_own_way() -> None:
    check_select("SELECT 1 # ' ; DELETE\n", "mysql")
    for query in ("SELECT 5--1 INTO OUTFILE 'x'", "SELECT 1 # '\n INTO OUTFILE 'x' # '"):
        with pytest.raises(NotSelect):
            check_select(query, "mysql")


@pytest.mark.parametrize(
    ("query", "more", "said"),
    [
        ("DROP TABLE t", {"cursor": None}, "drop"),
        ("SELECT 1 AS a WHERE 1 > :tu", {"cursor": None}, ":tu"),
        ("SELECT 1 AS luc", {}, ":since"),
        ("SELECT 1 AS luc WHERE 1 > :since", {"cursor": None}, ":since"),
    ],
)
def test_a_query_at_fault_is_a_fault_of_the_configuration(
    tmp_path: Path, query: str, more: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        made(tmp_path, "sqlite:///so.db", query, **more)
    assert said in caught.value.message("vi")


def test_a_query_may_stand_in_a_file(tmp_path: Path, database: str) -> None:
    (tmp_path / "doc.sql").write_text(QUERY + ";\n", "utf-8")
    assert len(records(made(tmp_path, database, query=None, query_file="doc.sql"))) == 2  # type: ignore[arg-type]


def test_passwords_come_by_reference_and_are_never_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        made(tmp_path, "postgresql://ai:matkhau@may/so")
    connector = made(tmp_path, "postgresql://ai@may/so", password="env:PASSWORD")
    assert connector._url.password == "bí mật"
    assert "bí mật" not in repr(connector._source)
    settings = load_settings(tmp_path / "config.yaml", {"PASSWORD": "x"})
    assert "'x'" not in repr(settings)
