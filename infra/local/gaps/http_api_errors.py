"""ministack's HTTP API answers a function's unhandled error with 502 and the error's own words.

AWS answers 500 with `{"message":"Internal Server Error"}` and keeps the words to the log.
"""

from typing import Any

from ministack.services import apigateway, lambda_svc

from infra.local.patching import GapMoved, swap

UPSTREAM = lambda_svc.lambda_execute_result_to_api_proxy_response


def _opaque(result: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    if result.get("error") and not result.get("throttle"):
        return {
            "statusCode": 500,
            "headers": {"Content-Type": "application/json"},
            "body": '{"message":"Internal Server Error"}',
        }, None
    answer: tuple[dict[str, Any] | None, str | None] = UPSTREAM(result)
    return answer


def apply() -> None:
    if not hasattr(apigateway, "handle_request"):
        raise GapMoved("the HTTP API is no longer in ministack.services.apigateway")
    swap("ministack", "lambda_execute_result_to_api_proxy_response", UPSTREAM, _opaque)
