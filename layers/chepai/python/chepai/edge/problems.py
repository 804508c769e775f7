"""Problem details (RFC 9457) for every refusal, in both languages."""

import json
from typing import Any

from chepai.domain.refusals import Refusal, Unforeseen
from chepai.edge.texts import LANGUAGES, say

MEDIA_TYPE = "application/problem+json"


def problem(refusal: Refusal, *, language: str, trace: str = "") -> dict[str, Any]:
    """An HTTP API answer; it never repeats what the caller sent."""
    body: dict[str, Any] = {
        "type": f"/docs/problems#{refusal.code}",
        "status": refusal.status,
        "code": refusal.code,
        **say("problems", refusal.code, language, **refusal.values),
    }
    other = next(each for each in LANGUAGES if each != language)
    body["translations"] = {other: say("problems", refusal.code, other, **refusal.values)}
    if refusal.field:
        body["field"] = refusal.field
    if refusal.fields:
        body["fields"] = [{"field": each.field, "code": each.code} for each in refusal.fields]
    if trace:
        body["instance"] = f"urn:chepai:request:{trace}"
    headers = {
        "content-type": MEDIA_TYPE,
        "content-language": language,
        "cache-control": "no-store",
    }
    if "seconds" in refusal.values:
        headers["retry-after"] = str(refusal.values["seconds"])
    return {
        "statusCode": refusal.status,
        "headers": headers,
        "body": json.dumps(body, ensure_ascii=False),
    }


def unforeseen(*, language: str, trace: str = "") -> dict[str, Any]:
    return problem(Unforeseen(), language=language, trace=trace)
