"""What operators read is in Portuguese: every marked text is in the catalogue, translated and compiled."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings

OF_UNFOLD = settings.BASE_DIR / "julia" / "locale" / "pt_BR" / "LC_MESSAGES"
FOLDER = settings.BASE_DIR / "locale" / "pt_BR" / "LC_MESSAGES"


def collected() -> set[str]:
    spec = importlib.util.spec_from_file_location("locale_update", settings.BASE_DIR / "locale" / "update.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {message.id for message in module.collect() if message.id}


def translated(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        catalogue = read_mo(file) if path.suffix == ".mo" else read_po(file, locale="pt_BR")
    return {str(message.id): str(message.string) for message in catalogue if message.id}


def test_every_text_has_its_portuguese():
    catalogue = translated(FOLDER / "django.po")

    missing = sorted(text for text in collected() if not catalogue.get(text))

    assert missing == []


def test_no_text_hides_in_an_f_string_where_it_would_not_be_collected():
    packages = ("canary", "outbound", "handoff", "julia")
    files = [path for package in packages for path in (settings.BASE_DIR / package).rglob("*.py")]

    assert [f"{path}:{line}" for path in files for line in hidden_in_f_strings(path.read_text(encoding="utf-8"))] == []


def test_what_hides_in_an_f_string_is_found():
    assert hidden_in_f_strings("""x = f"<{url}|{_('Open')}>"\ny = f"{url}" + _("Open")""") == [1]


def hidden_in_f_strings(code: str) -> list[int]:
    """Lines of f-strings with a marked text inside."""
    joined = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.JoinedStr))
    return [node.lineno for node in joined if any(is_marked(inner) for inner in ast.walk(node))]


def is_marked(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "gettext"}


def test_the_catalogue_holds_nothing_that_is_no_longer_said():
    assert set(translated(FOLDER / "django.po")) - collected() == set()


@pytest.mark.parametrize("folder", [FOLDER, OF_UNFOLD])
def test_what_is_compiled_is_what_is_written(folder):
    assert translated(folder / "django.mo") == translated(folder / "django.po")


def test_translations_keep_their_placeholders():
    for text, translation in translated(FOLDER / "django.po").items():
        assert sorted(placeholders(text)) == sorted(placeholders(translation)), text


def placeholders(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]
