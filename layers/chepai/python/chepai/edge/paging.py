"""Pages of lists that can grow: a limit and a cursor from the query string."""

from collections.abc import Mapping

from chepai.domain.refusals import FieldInvalid, FieldProblem

USUAL, MOST = 20, 50
CURSOR_AT_MOST = 200
PAGED: Mapping[str, str] = {
    "limit": f"How many, at most {MOST}",
    "cursor": "Where the page begins: `next` of the page before",
}


def page_of(query: Mapping[str, str]) -> tuple[int, str]:
    """Limit and cursor. Raises FieldInvalid with everything that is wrong."""
    wrong = []
    text, cursor = query.get("limit", str(USUAL)), query.get("cursor", "")
    limit = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    if not 1 <= limit <= MOST:
        wrong.append(FieldProblem("limit", "out_of_range"))
    if len(cursor) > CURSOR_AT_MOST or not cursor.isprintable():
        wrong.append(FieldProblem("cursor", "malformed"))
    if wrong:
        raise FieldInvalid(*wrong)
    return limit, cursor
