"""Articles as a workbook of Excel (Office Open XML), a row each."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, BinaryIO

from presswatch.errors import UsageError
from presswatch.model import Document

# What Excel takes: rows of a sheet, the first of which is the head, and characters of a cell.
_ROWS = 1_048_575
_CHARACTERS = 32_767
_WIDTHS = {"title": 60, "summary": 60, "text": 60, "url": 40, "time": 18, "first_seen": 18, "revised": 18}


def write(documents: Iterable[Document], columns: Iterable[str], file: BinaryIO) -> int:
    """Write a workbook; in how many articles a text was cut, as a cell holds 32,767 characters.

    Times are UTC, as Excel knows no zones. No cell is a formula or a link, whatever its text begins with.
    Takes no more memory for a million. Raises UsageError without the extra.
    """
    try:
        import xlsxwriter
    except ModuleNotFoundError as error:
        raise UsageError("workbooks need the extra `xlsx`: pip install 'presswatch[xlsx]'") from error
    columns = list(columns)
    workbook = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"})
    bold = workbook.add_format({"bold": True})
    cut = 0
    row = _ROWS
    for document in documents:
        if row == _ROWS:
            sheet, row = workbook.add_worksheet(), 0
            _head(sheet, columns, bold)
        row += 1
        values = [getattr(document, name) for name in columns]
        cut += any(isinstance(value, str) and len(value) > _CHARACTERS for value in values)
        for column, value in enumerate(values):
            _cell(sheet, row, column, value)
    if row == _ROWS and not workbook.worksheets():
        _head(workbook.add_worksheet(), columns, bold)
    workbook.close()
    return cut


def _head(sheet: Any, columns: list[str], bold: Any) -> None:
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(columns):
        sheet.set_column(column, column, _WIDTHS.get(name, 16))
        sheet.write_string(
            0, column, f"{name} (UTC)" if name in ("time", "first_seen", "revised") else name, bold
        )


def _cell(sheet: Any, row: int, column: int, value: object) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None))
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif value:
        text = "; ".join(value) if isinstance(value, tuple) else str(value)
        sheet.write_string(row, column, text if len(text) <= _CHARACTERS else f"{text[: _CHARACTERS - 1]}…")
