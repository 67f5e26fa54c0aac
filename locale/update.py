"""Collects the texts people read into the pt-BR catalogue, and compiles it: `make translations`.

New texts are added without a translation; a test fails until every one has its own.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

BASE_DIR = Path(__file__).resolve().parent.parent
# What Unfold says and has no Portuguese for: written by hand, compiled here.
OF_UNFOLD = BASE_DIR / "julia" / "locale" / "pt_BR" / "LC_MESSAGES" / "django.po"
CATALOGUE = BASE_DIR / "locale" / "pt_BR" / "LC_MESSAGES" / "django.po"
PACKAGES = ("canary", "outbound", "handoff", "julia")


def collect() -> Catalog:
    """Find every text in the code that is marked for translation."""
    template = Catalog(project="julia", charset="utf-8")
    for package in PACKAGES:
        found = extract_from_dir(str(BASE_DIR / package), keywords={"_": None, "gettext": None, "gettext_lazy": None})
        for filename, _line, message, comments, context in sorted(found, key=lambda item: (item[0], item[1])):
            # Line numbers would change the catalogue with every edit of the code.
            template.add(message, locations=[(f"{package}/{filename}", 0)], auto_comments=comments, context=context)
    for path in sorted(path for package in PACKAGES for path in (BASE_DIR / package).rglob("templates/**/*.html")):
        for message in _texts_of_template(path):
            template.add(message, locations=[(str(path.relative_to(BASE_DIR)), 0)])
    return template


def _texts_of_template(path: Path) -> list[str]:
    """Find the texts of a template, which Django turns into something like Python; indentation would be an error."""
    lines = templatize(path.read_text(encoding="utf-8"), origin=str(path)).splitlines()
    source = "\n".join(line.strip() for line in lines)
    return [str(found[1]) for found in extract("python", BytesIO(source.encode()), keywords={"gettext": None})]


def update() -> None:
    """Bring the catalogue in line with the code."""
    template = collect()
    catalogue = read_po(CATALOGUE.open("rb"), locale="pt_BR") if CATALOGUE.exists() else Catalog(locale="pt_BR")
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, sort_output=True, include_lineno=False, omit_header=False, width=118)
    compile_to_mo(CATALOGUE)
    compile_to_mo(OF_UNFOLD)


def compile_to_mo(written: Path) -> None:
    """Compile a catalogue into the file beside it that Django reads."""
    with written.with_suffix(".mo").open("wb") as file:
        write_mo(file, read_po(written.open("rb"), locale="pt_BR"))


if __name__ == "__main__":
    update()
