"""Cells of CSV that no spreadsheet takes for a formula, which could send what is in it elsewhere.

https://owasp.org/www-community/attacks/CSV_Injection
"""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def harmless(cell: str) -> str:
    """The cell; with ' before it where a spreadsheet would take it for a formula."""
    return f"'{cell}" if _is_formula(cell) else cell


def bare(cell: str) -> str:
    """A cell without the apostrophe that kept it from being a formula."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell[1:]) else cell


def _is_formula(cell: str) -> bool:
    return cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA)
