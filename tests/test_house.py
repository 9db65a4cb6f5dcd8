"""Rules of the house that no single room can keep by itself."""

from __future__ import annotations

import ast
import re
import string
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from datasets.messages import LANGUAGES, catalogue

ROOT = Path(__file__).parent.parent
HOUSES = ("datasets", "connectors", "dashboard")
SOURCES = sorted(path for house in HOUSES for path in (ROOT / house).rglob("*.py") if "__pycache__" not in path.parts)
VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9\u0300-\u0323]|[àáèéìíòóùúýãõĩũ]", re.IGNORECASE)
ALPHABET_FILES = {
    "datasets/vietnamese.py",
    "dashboard/wall/type_sizes.py",
    "connectors/encodings.py",
    "connectors/http_client.py",
    "connectors/table.py",
}
"""Files whose matter is the alphabet itself, or that recognise words in what sources send."""


WORD_STYLE = "BC "
"""How the names of our Word styles begin; the office sees and uses them in Word."""


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


def docstrings(tree: ast.AST) -> set[int]:
    """Ids of the string nodes that stand as statements: docstrings and attribute docstrings."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    ignored = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in ignored:
            yield node


def test_nobody_asks_for_the_time_but_the_clock() -> None:
    asked = []
    for path, tree in modules():
        if path == Path("datasets/clock.py"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value)
                if (node.func.attr in ("now", "utcnow", "today") and owner.split(".")[-1] in ("datetime", "date")) or (
                    node.func.attr == "time" and owner == "time"
                ):
                    asked.append(f"{path}:{node.lineno}")
    assert asked == []


def test_vietnamese_stands_in_catalogues_and_not_in_the_code() -> None:
    found = [
        f"{path}:{node.lineno}: {node.value!r}"
        for path, tree in modules()
        if str(path) not in ALPHABET_FILES
        for node in strings(tree)
        if VIETNAMESE.search(str(node.value)) and not str(node.value).startswith(WORD_STYLE)
    ]
    assert found == []


COMPONENTS = ("html", "dmc", "dcc", "dag")
SHOWN = {"children", "label", "placeholder", "title", "description", "alt", "aria-label"}


def test_no_words_for_people_are_written_into_the_screens() -> None:
    """Components of dash, dmc and html get their words from the messages, never as a literal."""
    found = []
    for path, tree in modules():
        if path.parts[0] != "dashboard":
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or ast.unparse(node.func).split(".")[0] not in COMPONENTS:
                continue
            shown = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg in SHOWN)]
            items = [item for value in shown for item in (value.elts if isinstance(value, ast.List) else [value])]
            for item in items:
                literal = item.value if isinstance(item, ast.Constant) else None
                if isinstance(literal, str) and re.search(r"[^\W\d_]{2,}", literal):
                    found.append(f"{path}:{item.lineno}: {literal!r}")
    assert found == []


def test_both_languages_have_the_same_messages_with_the_same_parameters() -> None:
    vi, en = (catalogue(language) for language in LANGUAGES)
    assert set(vi) == set(en)

    def parameters(sentence: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}

    different = {key for key in vi if parameters(vi[key]) != parameters(en[key])}
    assert different == set()


def test_no_message_is_declared_twice() -> None:
    for language in LANGUAGES:
        keys = Counter(
            key
            for path in (ROOT / "datasets/messages").glob(f"*.{language}.yaml")
            for key in re.findall(r"^([\w.\-]+):", path.read_text("utf-8"), re.MULTILINE)
        )
        assert [key for key, times in keys.items() if times > 1] == []


def test_every_message_is_used_and_every_used_message_is_there() -> None:
    """A key is used when its whole text, or a prefix of it that an f-string begins with, stands in the code."""
    keys = set(catalogue("vi"))
    rooms = {key.split(".")[0] for key in keys}
    literal: set[str] = set()
    prefixes: set[str] = set()
    for path, tree in modules():
        if path.name == "__init__.py" and path.parent.name == "messages":
            continue
        for node in strings(tree):
            literal.add(str(node.value))
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                prefixes.add(str(node.values[0].value))
    prefixes = {prefix for prefix in prefixes if "." in prefix and prefix.split(".")[0] in rooms}
    unused = {key for key in keys if key not in literal and not any(key.startswith(prefix) for prefix in prefixes)}
    assert unused == set()
    looks_like_a_key = re.compile(rf"^({'|'.join(map(re.escape, sorted(rooms)))})(\.[a-z0-9_]+)+$")
    unknown = {text for text in literal if looks_like_a_key.match(text) and text not in keys}
    loggers = {str(path.with_suffix("")).replace("/", ".") for path, _ in modules()}
    files = {text for text in unknown if text.endswith((".py", ".yaml", ".csv", ".js", ".css"))}
    assert unknown - loggers - files == set()


def test_there_is_no_room_for_odds_and_ends() -> None:
    names = {part for path in SOURCES for part in (*path.relative_to(ROOT).parts[:-1], path.stem)}
    assert names & {"utils", "util", "common", "helpers", "core", "misc", "shared"} == set()


def test_the_top_level_holds_what_was_agreed_and_nothing_else() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    top = {path.split("/")[0] for path in listed.splitlines()}
    allowed = {
        *("dashboard", "connectors", "datasets", "assets", "tests", "deploy"),
        *("config.yaml", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "Makefile", "Procfile"),
        *("requirements.lock", "requirements-dev.lock", ".ci", ".gitignore"),
    }
    assert top <= allowed


def test_yaml_files_have_one_extension() -> None:
    assert [path for house in HOUSES for path in (ROOT / house).rglob("*.yml")] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_name_no_registry_and_hash_every_package(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_pages_load_nothing_from_other_machines() -> None:
    address = re.compile(r"""(?:src|href|url\(|@import|fetch\()\s*=?\s*["'(]?\s*(?:https?:)?//(?!127\.0\.0\.1)""")
    ours = [p for p in (ROOT / "assets").rglob("*") if p.suffix in (".css", ".js", ".html") and ".min." not in p.name]
    assert [path.name for path in ours if address.search(path.read_text("utf-8"))] == []


def test_the_plotly_bundle_is_the_version_that_plotly_py_writes_for() -> None:
    from plotly.offline import get_plotlyjs_version

    head = (ROOT / "assets/js/plotly-cartesian.min.js").read_text("utf-8")[:400]
    assert f"v{get_plotlyjs_version()}" in head


def test_every_declared_file_of_a_kind_is_in_its_list() -> None:
    from connectors.registry import CONNECTORS
    from dashboard.panels import PANELS
    from datasets.schema import DATASETS

    def stems(folder: str, but: set[str]) -> set[str]:
        return {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__", *but}

    assert stems("datasets/schema", {"dataset", "lifecycle"}) == {dataset.name for dataset in DATASETS}
    assert stems("dashboard/panels", set()) == {panel.id for panel in PANELS}
    assert set(CONNECTORS) <= stems("connectors", set())


def test_the_readme_names_every_command_and_address() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    config = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    commands = ("make up", "make test", "make bench", "python -m connectors check", "python -m dashboard values")
    for word in (*commands, "/man-hinh/"):
        assert word in readme
    assert config["centre"]["demo"] is True
