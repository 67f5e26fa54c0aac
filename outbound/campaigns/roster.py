"""A CSV of people, read line by line: phones made canonical, what is wrong reported with its line, the rest kept.

The first line names the columns: `telefone`, and if there `nome` and `kind` (`medico` or `divulgador`); others are
ignored. Commas, semicolons and tabs separate, as Excel writes them in either language and encoding.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO

from outbound import phones
from outbound.methods import ContactKind

LONGEST_NAME = 120
SEPARATORS = ";\t,"
PHONE, NAME, KIND = "telefone", "nome", "kind"


class RowProblem(StrEnum):
    """What is wrong with a line."""

    NO_PHONE_COLUMN = "no_phone_column"
    NO_PHONE = "no_phone"
    IMPOSSIBLE_PHONE = "impossible_phone"
    REPEATED = "repeated"
    UNKNOWN_KIND = "unknown_kind"
    BAD_NAME = "bad_name"
    UNREADABLE = "unreadable"
    # Found only when the line meets the database.
    OPTED_OUT = "opted_out"
    IN_AUDIENCE = "in_audience"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A line that adds nobody; `of` is the earlier line it repeats."""

    line: int
    problem: RowProblem
    of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line that names somebody, by canonical phone."""

    line: int
    phone: str
    name: str = ""
    kind: ContactKind = ContactKind.DOCTOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everything a file says: each phone once, and the lines that add nobody."""

    rows: tuple[Row, ...]
    bad: tuple[BadRow, ...]


def decode(data: bytes) -> str:
    """Read bytes as Excel or anything else wrote them: UTF-8 with or without its mark, else Windows' Latin."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read(text: str) -> Roster:
    """Read a whole file; nothing is looked up."""
    rows: dict[str, Row] = {}
    bad: list[BadRow] = []
    for one in _rows(text):
        if isinstance(one, Row) and one.phone in rows:
            one = BadRow(line=one.line, problem=RowProblem.REPEATED, of=rows[one.phone].line)  # noqa: PLW2901
        if isinstance(one, Row):
            rows[one.phone] = one
        else:
            bad.append(one)
    return Roster(rows=tuple(rows.values()), bad=tuple(bad))


def _rows(text: str) -> Iterator[Row | BadRow]:
    lines = text.replace("\x00", "\ufffd")
    reader = csv.reader(StringIO(lines, newline=""), delimiter=_separator(lines))
    try:
        columns = [column.strip().casefold() for column in next(reader, [])]
        if PHONE not in columns:
            yield BadRow(line=1, problem=RowProblem.NO_PHONE_COLUMN)
            return
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(reader.line_num, dict(zip(columns, (cell.strip() for cell in cells), strict=False)))
    except csv.Error:
        yield BadRow(line=reader.line_num, problem=RowProblem.UNREADABLE)


def _separator(text: str) -> str:
    header = text.partition("\n")[0]
    return next((separator for separator in SEPARATORS if separator in header), ",")


def _row(line: int, cells: Mapping[str, str]) -> Row | BadRow:
    phone, name, kind = (cells.get(column, "") for column in (PHONE, NAME, KIND))
    if not phone:
        return BadRow(line=line, problem=RowProblem.NO_PHONE)
    if kind and kind.casefold() not in {*ContactKind}:
        return BadRow(line=line, problem=RowProblem.UNKNOWN_KIND)
    if len(name) > LONGEST_NAME or "\n" in name or any("\ud800" <= character <= "\udfff" for character in name):
        return BadRow(line=line, problem=RowProblem.BAD_NAME)
    try:
        canonical = phones.normalise(phone)
    except phones.InvalidPhoneError:
        return BadRow(line=line, problem=RowProblem.IMPOSSIBLE_PHONE)
    return Row(line=line, phone=canonical, name=name, kind=ContactKind(kind.casefold() or ContactKind.DOCTOR))


def without(rows: Iterable[Row], phones_: Mapping[str, RowProblem]) -> list[BadRow]:
    """Report the lines of these phones, found in the database."""
    return [BadRow(line=row.line, problem=phones_[row.phone]) for row in rows if row.phone in phones_]
