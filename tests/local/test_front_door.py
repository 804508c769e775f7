"""The front door passes on what it gets, unchanged, to the part of the city it is for."""

import gzip
import http.client
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from infra.front import CONTENT_SECURITY_POLICY
from infra.local.front_door import LANGUAGES, Addresses, FrontDoor, Page


class Part(BaseHTTPRequestHandler):
    """A part of the city that tells what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(201)
        self.send_header("x-seen-path", self.path)
        self.send_header("x-seen-token", self.headers.get("authorization", ""))
        self.send_header("x-seen-host", self.headers["host"])
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path.endswith("/slowly"):
            self._slowly()
            return
        body = self.path.encode()
        self.send_response(200)
        self.send_header("set-cookie", "a=1")
        self.send_header("set-cookie", "b=2")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _slowly(self) -> None:
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for part in (b"first", b"second"):
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            self.wfile.flush()
            time.sleep(0.3)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 256


@pytest.fixture(scope="module")
def part() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Part)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


FILES = {"index.html": "text/html", "app.js": "text/javascript"}


def pages(name: str) -> Page | None:
    return Page(f"/pages/{name}".encode(), FILES[name], "no-cache") if name in FILES else None


def nowhere(port: int = 0) -> FrontDoor:
    return FrontDoor(Addresses("http://127.0.0.1:9"), pages, port=port)


@pytest.fixture(scope="module")
def door(part: str) -> Iterator[FrontDoor]:
    addresses = Addresses(part + "/api/$default", part + "/sand")
    with FrontDoor(addresses, pages, port=0) as door:
        yield door


def ask(door: FrontDoor, method: str, path: str, body: bytes | None = None, **headers: Any) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/v1/applications/app_1?page=2&a=%2F", "/api/$default/v1/applications/app_1?page=2&a=%2F"),
        ("/v1/a%20b/%E8%BD%A6", "/api/$default/v1/a%20b/%E8%BD%A6"),
        ("/docs", "/api/$default/docs"),
        ("/openapi.json", "/api/$default/openapi.json"),
        ("/sandbox/identity/jwks", "/sand/sandbox/identity/jwks"),
        (
            "/sandbox/.well-known/openid-configuration",
            "/sand/.well-known/openid-configuration",
        ),
        ("/app.js", "/pages/app.js"),
        ("/my/vehicles", "/pages/index.html"),
        ("/v10/other", "/pages/index.html"),
        ("/", "/pages/index.html"),
    ],
)
def test_each_path_finds_its_part(door: FrontDoor, path: str, seen: str) -> None:
    answer, content = ask(door, "GET", path)
    assert answer.status == 200
    assert content.decode() == seen


def test_bytes_status_and_headers_pass_unharmed(door: FrontDoor, part: str) -> None:
    body = bytes(range(256)) * 1024
    answer, content = ask(door, "POST", "/hooks/tax/qd", body, authorization="Bearer x")
    assert answer.status == 201
    assert content == body
    assert answer.headers["x-seen-token"] == "Bearer x"
    assert answer.headers["x-seen-host"] == part.removeprefix("http://")


def test_repeated_headers_stay_repeated(door: FrontDoor) -> None:
    answer, _ = ask(door, "GET", "/v1/me")
    assert answer.headers.get_all("set-cookie") == ["a=1", "b=2"]


def test_an_answer_streams(door: FrontDoor) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
    started = time.monotonic()
    connection.request("GET", "/v1/slowly")
    answer = connection.getresponse()
    assert answer.read(5) == b"first"
    assert time.monotonic() - started < 0.3
    assert answer.read() == b"second"


def test_a_hundred_at_once_are_served(door: FrontDoor) -> None:
    body = b"x" * 10_000

    def one(number: int) -> bool:
        answer, content = ask(door, "POST", f"/v1/{number}", body + str(number).encode())
        return bool(content == body + str(number).encode() and answer.status == 201)

    with ThreadPoolExecutor(100) as crowd:
        assert all(crowd.map(one, range(200)))


def test_a_silent_city_is_told_as_a_problem_in_the_callers_language() -> None:
    with nowhere() as door:
        answer, content = ask(door, "GET", "/v1/services", None, **{"accept-language": "en"})
    assert answer.status == 502
    assert json.loads(content)["code"] == "CITY-UNREACHABLE"
    assert json.loads(content)["title"].startswith("The local city")


def test_a_page_says_what_a_browser_may_do_with_it(door: FrontDoor) -> None:
    answer, content = ask(door, "GET", "/app.js", None, **{"accept-encoding": "gzip, br"})
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["content-type"] == "text/javascript"
    assert answer.headers["cache-control"] == "no-cache"
    assert gzip.decompress(content) == b"/pages/app.js"


def test_a_file_that_is_not_there_is_not_the_index(door: FrontDoor) -> None:
    answer, _ = ask(door, "GET", "/missing.js")
    assert answer.status == 404


def test_a_taken_port_gives_way_to_the_next(door: FrontDoor) -> None:
    with nowhere(door.port) as second:
        assert second.port != door.port


def test_both_languages_say_the_same_things() -> None:
    texts = Path(__file__).parents[2] / "infra/local/texts"
    one, other = (json.loads((texts / f"{each}.json").read_text()) for each in LANGUAGES)
    assert one.keys() == other.keys()
