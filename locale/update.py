"""Collects the texts people read into the pt-BR catalogue, and compiles it: `make translations`.

New texts are added without a translation; a test fails until every one has its own.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

BASE_DIR = Path(__file__).resolve().parent.parent
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
    return template


def update() -> None:
    """Bring the catalogue in line with the code."""
    template = collect()
    catalogue = read_po(CATALOGUE.open("rb"), locale="pt_BR") if CATALOGUE.exists() else Catalog(locale="pt_BR")
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, sort_output=True, include_lineno=False, omit_header=False, width=118)
    with CATALOGUE.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)


if __name__ == "__main__":
    update()
