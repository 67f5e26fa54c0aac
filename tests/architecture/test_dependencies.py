"""What we install is what was reviewed: pinned, hashed, from no named index, and under licences that fit ours (MIT)."""

from __future__ import annotations

import re
from importlib import metadata

import pytest
from django.conf import settings
from packaging.markers import Marker

# `name[extra]==version ; marker \`, and the hashes below it.
PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,]+\])?==[\w.+!]+(?: ; (?P<marker>[^\\]+))?", re.MULTILINE)
FILES = ["requirements.txt", "requirements-dev.txt"]

# Each lets us use it unchanged beside MIT code of ours and pass both on. Names as SPDX or PyPI write them.
PERMISSIVE = {
    "0BSD",
    "Apache 2.0",
    "Apache Software License",
    "Apache-2.0",
    "BSD License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "MIT",
    "MIT License",
    "MIT-CMU",
    "PSF-2.0",
    "Python Software Foundation License",
    "Zlib",
}
# These ask more of who changes them; we change neither, and install both as separate files that can be replaced.
WEAK_COPYLEFT = {"LGPL-3.0-only", "Mozilla Public License 2.0 (MPL 2.0)"}
COPYLEFT_PACKAGES = {"psycopg", "psycopg-binary", "certifi"}
# Their metadata holds a text or nothing; the licence was read in the package.
READ_BY_HAND = {"httpx-aiohttp": "BSD-3-Clause"}


def installed_here(file: str) -> list[str]:
    """The packages of a file that this Python on this system installs."""
    found = PIN.finditer((settings.BASE_DIR / file).read_text(encoding="utf-8"))
    return sorted({pin["name"] for pin in found if not pin["marker"] or Marker(pin["marker"]).evaluate()})


def licences_of(package: str) -> set[str]:
    """Every licence that a package names, of alternatives too."""
    if package in READ_BY_HAND:
        return {READ_BY_HAND[package]}
    about = metadata.metadata(package)
    for expression in about.get_all("License-Expression", []):
        return set(re.split(r" (?:AND|OR) ", expression))
    classified = {line.rsplit(" :: ", 1)[-1] for line in about.get_all("Classifier", []) if line.startswith("License")}
    return classified or set(about.get_all("License", []))


def is_acceptable(package: str, licences: set[str]) -> bool:
    allowed = PERMISSIVE | WEAK_COPYLEFT if package in COPYLEFT_PACKAGES else PERMISSIVE
    return bool(licences) and licences <= allowed


@pytest.mark.parametrize("file", FILES)
def test_every_requirement_is_pinned_to_hashes_and_to_no_index(file: str) -> None:
    text = (settings.BASE_DIR / file).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[\w])", text)[1:]

    assert [block.splitlines()[0] for block in blocks if not PIN.match(block) or "--hash=sha256:" not in block] == []
    assert "://" not in text
    assert "index-url" not in text


def test_make_installs_nothing_whose_hash_is_not_listed() -> None:
    recipe = (settings.BASE_DIR / "Makefile").read_text(encoding="utf-8")

    installs = [line for line in recipe.splitlines() if "pip install" in line and " -r " in line]

    assert len(installs) == len(FILES)
    assert all("--require-hashes" in line for line in installs)
    assert all("--generate-hashes" in line for line in recipe.splitlines() if "pip compile" in line)


@pytest.mark.parametrize("package", installed_here("requirements.txt"))
def test_its_licence_is_one_we_may_ship_with(package: str) -> None:
    assert is_acceptable(package, licences_of(package)), licences_of(package)


def test_a_licence_nobody_has_allowed_is_refused() -> None:
    assert is_acceptable("rq", {"BSD-2-Clause"})

    assert not is_acceptable("rq", {"BSD-2-Clause", "GPL-3.0-only"})
    assert not is_acceptable("rq", {"LGPL-3.0-only"})
    assert not is_acceptable("rq", set())
