"""The configuration: what loads, what is filled in, and every fault with its line."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from datasets.errors import ConfigError
from datasets.schema import BY_NAME
from datasets.settings import CONNECTORS, DATASETS, FilesSource, RestSource, SourceBase, config_path, load_settings
from datasets.settings.database_sources import SqlCursor
from datasets.settings.web_sources import Cursor

CONTRACT = """\
centre: {name: Xã Mẫu, unit: "99998", time_zone: Asia/Ho_Chi_Minh, language: vi, demo: true}
units: units.csv
store: {url: "sqlite:///data/ioc.db"}
sources:
  one_stop:
    dataset: dossier
    connector: rest
    map: one_stop_dvcqg
    url: http://127.0.0.1:8061/api/ho-so
    auth: {type: oauth2_client_credentials, token_url: "http://127.0.0.1:8062/token", client_id: ioc,
           client_secret: "env:ONE_STOP_SECRET"}
    paging: {type: page_number, page_param: page, size_param: pageSize, size: 200}
    records: data.items
    cursor: {param: tuNgay, field: NgayCapNhat, lookback: 7d}
    schedule: "*/10 6-19 * * 1-6"
    stale_after: 2h
    expect: {min_rows: 0, max_quarantined_share: 0.2, max_drop_share: 0.5}
  school_reports: {dataset: observation, connector: files, map: maps/school.yaml, path: data/inbox/education,
                   schedule: "*/5 * * * *"}
briefing: {schedule: "30 6 * * 1", formats: [docx, pdf, pptx, xlsx],
           mail: {host: mail.xa.vn, from: ioc@xa.vn, to: [vp@xa.vn], user: ioc, password: "env:ONE_STOP_SECRET"}}
wall: {scenes: [directing, {panel: public_services, seconds: 40}], diagonal_inch: 55, distance_m: 4}
"""
SECRETS = {"ONE_STOP_SECRET": "hunter2"}
MINIMAL = 'centre: {name: Xã Mẫu, unit: "99998"}\nunits: units.csv\n'


@pytest.fixture
def load(tmp_path):
    (tmp_path / "units.csv").write_text("code\n", "utf-8")

    def loaded(content, environ=None):
        path = tmp_path / "config.yaml"
        path.write_text(content, "utf-8")
        return load_settings(path, SECRETS if environ is None else environ)

    return loaded


@pytest.fixture
def faults(load):
    """The faults of a configuration, as (line, sentence)."""

    def found(content, environ=None):
        with pytest.raises(ConfigError) as refused:
            load(content, environ)
        assert "hunter2" not in str(refused.value)
        return [(fault.line, fault.message) for fault in refused.value.faults]

    return found


def rest(more="", connector="rest", url="https://x.example/api"):
    """A configuration whose line 4 is the only source."""
    block = f'{{dataset: dossier, connector: {connector}, map: m, url: "{url}"{", " if more else ""}{more}}}'
    return f"{MINIMAL}sources:\n  a: {block}\n"


def test_the_example_of_the_contract_loads(load, tmp_path):
    settings = load(CONTRACT)
    assert (settings.centre.name, settings.centre.unit, settings.centre.demo) == ("Xã Mẫu", "99998", True)
    assert settings.centre.time_zone.key == "Asia/Ho_Chi_Minh"
    assert settings.units == tmp_path / "units.csv"
    assert settings.store.url == f"sqlite:///{tmp_path}/data/ioc.db"
    source = settings.sources["one_stop"]
    assert isinstance(source, RestSource)
    assert (source.name, source.map, source.stale_after) == ("one_stop", "one_stop_dvcqg", timedelta(hours=2))
    assert source.auth.client_secret.get_secret_value() == "hunter2"
    assert (source.paging.size_param, source.paging.size) == ("pageSize", 200)
    assert (source.cursor.param, source.cursor.lookback) == ("tuNgay", timedelta(days=7))
    assert source.allow_hosts == ["127.0.0.1"]
    school = settings.sources["school_reports"]
    assert isinstance(school, FilesSource)
    inbox = tmp_path / "data/inbox/education"
    assert (school.path, school.done, school.refused) == (inbox, inbox / "done", inbox / "refused")
    assert school.map == str(tmp_path / "maps/school.yaml")
    assert settings.briefing.formats == ["docx", "pdf", "pptx", "xlsx"]


def test_two_lines_are_enough(load, tmp_path):
    settings = load(MINIMAL)
    assert (settings.host, settings.port) == ("127.0.0.1", 8050)
    assert settings.store.url == f"sqlite:///{tmp_path}/data/ioc.db"
    assert settings.centre.language == "vi"
    assert settings.sources == {}
    assert settings.privacy.minimum_cell == 5
    assert (settings.wall.diagonal_inch, settings.wall.distance_m) == (55, 4)
    assert (settings.path, settings.root) == (tmp_path / "config.yaml", tmp_path)


def test_settings_cannot_be_changed(load):
    with pytest.raises(ValidationError):
        load(MINIMAL).port = 1


def test_the_names_settings_knows_are_the_names_there_are():
    assert set(DATASETS) == set(BY_NAME)
    assert set(RestSource.model_fields["dataset"].annotation.__args__) == set(BY_NAME)
    kinds = leaves(SourceBase)
    assert {kind.model_fields["connector"].annotation.__args__[0] for kind in kinds} == set(CONNECTORS)


def leaves(kind):
    below = kind.__subclasses__()
    return [leaf for each in below for leaf in leaves(each)] if below else [kind]


def test_the_environment_stands_above_the_file(load, tmp_path):
    settings = load(
        MINIMAL + 'store: {url: "sqlite:///a.db"}\nport: 1\n', {"IOC_STORE_URL": "sqlite:///b.db", "IOC_PORT": "9000"}
    )
    assert settings.store.url == f"sqlite:///{tmp_path}/b.db"
    assert settings.port == 9000


def test_a_password_may_stand_in_the_environment_but_never_in_a_repr(load):
    url = "postgresql+psycopg://ioc:hunter2@db.example/ioc"
    settings = load(CONTRACT, {**SECRETS, "IOC_STORE_URL": url})
    assert settings.store.url == url
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_goes_by_psycopg_3_however_it_is_written(load, scheme):
    settings = load(MINIMAL + f'store: {{url: "{scheme}://db.example/ioc"}}\n')
    assert settings.store.url == "postgresql+psycopg://db.example/ioc"


def test_the_file_is_the_argument_else_ioc_config_else_config_yaml_here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert config_path("a.yaml", {"IOC_CONFIG": "b.yaml"}) == tmp_path / "a.yaml"
    assert config_path(None, {"IOC_CONFIG": "b.yaml"}) == tmp_path / "b.yaml"
    assert config_path(None, {}) == tmp_path / "config.yaml"
    assert config_path(Path("/x/c.yaml"), {}) == Path("/x/c.yaml")


def test_a_title_may_be_one_text_or_one_for_each_language(load):
    assert load(rest("title: Một cửa")).sources["a"].title == {"vi": "Một cửa", "en": "Một cửa"}
    assert load(rest("title: {vi: Một cửa, en: One-stop}")).sources["a"].title["en"] == "One-stop"
    assert load(rest()).sources["a"].title == {"vi": "a", "en": "a"}


def test_hosts_are_those_named_unless_the_file_says_otherwise(load):
    secret = 'client_id: i, client_secret: "env:ONE_STOP_SECRET"'
    auth = f'auth: {{type: oauth2_client_credentials, token_url: "https://id.example/t", {secret}}}'
    assert load(rest(auth)).sources["a"].allow_hosts == ["x.example", "id.example"]
    assert load(rest("allow_hosts: [y.example]")).sources["a"].allow_hosts == ["y.example"]


def test_secrets_come_from_the_environment_or_a_file_beside_the_configuration(load, tmp_path):
    (tmp_path / "token").write_text("hunter2\n", "utf-8")
    by_file = load(rest('auth: {type: bearer, token: "file:token"}')).sources["a"]
    by_name = load(rest('auth: {type: basic, username: u, password: "env:ONE_STOP_SECRET"}')).sources["a"]
    assert by_file.auth.token.get_secret_value() == by_name.auth.password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(by_file) + repr(by_name)


def test_headers_and_parameters_may_refer_to_secrets_and_are_not_shown(load):
    source = load(rest('headers: {X-Api-Key: "env:ONE_STOP_SECRET", Accept: application/json}')).sources["a"]
    assert source.headers == {"X-Api-Key": "hunter2", "Accept": "application/json"}
    assert "hunter2" not in repr(source)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
        ("1h30m", timedelta(minutes=90)),
    ],
)
def test_lengths_of_time(load, written, meant):
    assert load(rest(f"stale_after: {written}")).sources["a"].stale_after == meant


@pytest.mark.parametrize(
    ("more", "key", "word"),
    [
        ("stale_after: 7 days", "stale_after", "7 days"),
        ("stale_after: 2", "stale_after", "2h"),
        ("stale_after: 0s", "stale_after", "0s"),
        ("stale_after: -2h", "stale_after", "-2h"),
        ('schedule: "* * * *"', "schedule", "năm phần"),
        ('schedule: "0 25 * * *"', "schedule", "0 25"),
        ("expect: {max_quarantined_share: 20}", "expect.max_quarantined_share", "quá 1"),
        ("expect: {min_rows: -1}", "expect.min_rows", "từ 0"),
        ("expect: {min_rows: 1.5}", "expect.min_rows", "số nguyên"),
        ('retries: "3"', "retries", "số nguyên"),
        ("records: 5", "records", "ngoặc kép"),
        ("schedul: x", "schedul", "«schedule»"),
        ("xyzzy: 1", "xyzzy", "Không có khoá"),
        ("name: b", "", "«name»"),
        ("constants: {unit: 24}", "constants", "«unit»"),
        ("constants: [a]", "constants", "nhóm"),
        ("allow_hosts: x.example", "allow_hosts", "danh sách"),
        ("encoding: klingon", "encoding", "klingon"),
        ("title: {fr: x}", "title", "vi"),
        ("paging: {type: pagenumber}", "paging", "page_number"),
        ("paging: {size: 5}", "paging", "«type»"),
        ("cursor: {param: p}", "cursor", "«field»"),
        ("method: PUT", "method", "POST"),
        ("auth: {type: bearer, token: hunter2}", "auth.token", "env:"),
        ("auth: {type: bearer, token: 5}", "auth.token", "env:"),
        ('auth: {type: bearer, token: "env:NOPE"}', "auth.token", "NOPE"),
        ('auth: {type: bearer, token: "file:nope"}', "auth.token", "nope"),
        ('headers: {Authorization: "Bearer hunter2"}', "headers", "env:"),
        ("params: {api_key: hunter2}", "params", "env:"),
        ("params: {n: 5}", "params", "ngoặc kép"),
    ],
)
def test_a_wrong_value_in_a_source_is_named_with_its_key_and_line(faults, more, key, word):
    [(line, sentence)] = faults(rest(more))
    assert line == 4
    assert sentence.startswith(f"sources.a.{key}: " if key else "")
    assert word in sentence


@pytest.mark.parametrize(
    "url", ["ftp://x", "x.example", "http://", "http://[", "http://x:99999/", "file:///etc/passwd"]
)
def test_a_source_is_reached_by_http_or_not_at_all(faults, url):
    [(line, sentence)] = faults(rest(url=url))
    assert (line, sentence.partition(":")[0]) == (4, "sources.a.url")


def test_a_password_in_an_address_is_refused_and_not_repeated(faults):
    [(_, source)] = faults(rest(url="https://u:hunter2@x.example/"))
    [(_, store)] = faults(MINIMAL + 'store: {url: "postgresql://u:hunter2@db.example/ioc"}')
    assert source.startswith("sources.a.url: ")
    assert store.startswith("store.url: ")


@pytest.mark.parametrize(
    ("line", "key", "word"),
    [
        ("port: 0", "port", "từ 1"),
        ("port: 70000", "port", "65535"),
        ('port: "8050"', "port", "số nguyên"),
        ("prot: 8050", "prot", "«port»"),
        ("path: x", "", "«path»"),
        ("calendar: nope.csv", "calendar", "nope.csv"),
        ('store: {url: "mysql://x/y"}', "store.url", "sqlite:///"),
        ('store: {url: "sqlite://"}', "store.url", "sqlite:///"),
        ('store: {url: "sqlite:///:memory:"}', "store.url", "sqlite:///"),
        ("privacy: {minimum_cell: 0}", "privacy.minimum_cell", "từ 1"),
        ("wall: {scenes: [public_service]}", "wall.scenes.0", "'public_services'"),
        ("wall: {distance_m: 0}", "wall.distance_m", "lớn hơn 0"),
        ("briefing: {formats: [doc]}", "briefing.formats.0", "docx"),
        (
            "briefing: {mail: {host: h, from: a@b.vn, to: [a@b.vn], password: hunter2}}",
            "briefing.mail.password",
            "env:",
        ),
        ("briefing: {mail: {host: h, from: a@b.vn, to: [vp]}}", "briefing.mail.to.0", "«vp»"),
        ("briefing: {mail: {host: h, to: [a@b.vn]}}", "briefing.mail", "«from»"),
        ("briefing: {mail: {host: h, from: a@b.vn, to: []}}", "briefing.mail.to", ""),
        ("briefing: {units: [1]}", "briefing.units.0", "ngoặc kép"),
        ("sources: []", "sources", "nhóm"),
        ("sources: {a: 5}", "sources.a", "nhóm"),
        ("sources: {a: {dataset: dossier, map: m}}", "sources.a", "«connector»"),
        ("sources: {a: {dataset: dossier, map: m, connector: ftp}}", "sources.a", "files"),
        ("sources: {a: {dataset: dosier, map: m, connector: files, path: x}}", "sources.a.dataset", "dossier"),
        ("sources: {a: {dataset: dossier, map: m, connector: files}}", "sources.a", "«path»"),
        ("sources: {A b: {dataset: dossier, map: m, connector: files, path: x}}", "", "«A b»"),
    ],
)
def test_a_wrong_line_is_named(faults, line, key, word):
    [(number, sentence)] = faults(f"{MINIMAL}{line}\n")
    assert number == 3
    assert sentence.startswith(f"{key}: " if key else "")
    assert word in sentence


def test_an_unquoted_code_is_a_fault_whatever_yaml_makes_of_it(faults):
    for code in ("01", "07450", "08", "24"):
        [(line, sentence)] = faults(f"units: units.csv\ncentre:\n  name: Xã Mẫu\n  unit: {code}\n")
        assert line == 4
        assert '"01"' in sentence


def test_yes_and_no_are_asked_to_be_true_or_false(faults):
    [(line, sentence)] = faults('units: units.csv\ncentre:\n  {name: X, unit: "1",\n  demo: yes}\n')
    assert line == 4
    assert "true" in sentence


def test_two_sources_may_not_share_a_folder(faults):
    block = "{dataset: observation, connector: files, map: m, path: inbox}"
    [(line, sentence)] = faults(f"{MINIMAL}sources:\n  a: {block}\n  b: {block}\n")
    assert line == 5
    assert "«a»" in sentence


def test_wrong_environment_is_a_fault_of_the_variable_and_not_of_the_file(faults):
    [(_, store)] = faults(MINIMAL, {"IOC_STORE_URL": "hunter2"})
    assert "IOC_STORE_URL" in store
    for port in ("80a", "0", "99999", "-1"):
        [(line, sentence)] = faults(MINIMAL, {"IOC_PORT": port})
        assert line == 0
        assert "IOC_PORT" in sentence


def test_all_faults_come_in_one_report_in_the_order_of_their_lines(faults):
    found = faults(
        """\
centre: {name: Xã Mẫu, unit: 01, time_zone: Asia/Saigonn}
units: nope.csv
prot: 8050
sources:
  a:
    dataset: dossier
    connector: rest
    url: "https://x.example/"
    schedule: "* * * *"
    schedule: "*/5 * * * *"
    auth: {type: bearer, token: "env:NOPE"}
    stale_after: 10:30
"""
    )
    assert [line for line, _ in found] == [1, 1, 2, 3, 5, 9, 10, 11, 12]


def test_what_is_no_yaml_is_said_with_its_line(faults):
    assert faults("centre:\n\tname: x\n")[0][0] == 2
    [(line, sentence)] = faults(f"{MINIMAL}sources:\n  a: {{schedule: * 6 * * *}}\n")
    assert line == 4
    assert "ngoặc kép" in sentence


def test_an_empty_file_and_no_file_are_faults_too(faults, tmp_path):
    assert len(faults("")) == 1
    assert len(faults("- a\n")) == 1
    with pytest.raises(ConfigError):
        load_settings(tmp_path / "nowhere.yaml", {})


def test_an_english_centre_reads_its_faults_in_english(faults):
    [(_, sentence)] = faults('centre: {name: X, unit: "1", language: en}\nunits: units.csv\nprot: 1\n')
    assert "Did you mean 'port'?" in sentence
    assert "Bad YAML" in faults("centre: {language: en\n")[0][1]


def test_a_source_that_says_nothing_is_asked_for_a_week_before_its_bookmark() -> None:
    web = Cursor.model_validate({"param": "tuNgay", "field": "NgayCapNhat"})
    database = SqlCursor.model_validate({"field": "cap_nhat"})
    assert web.lookback == database.lookback == timedelta(days=7)
