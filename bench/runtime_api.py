"""The side of Lambda that a runtime client talks to: it hands out events and takes answers."""

import json
import threading
import time
from collections import deque
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_NEXT = "/2018-06-01/runtime/invocation/next"


class RuntimeApi:
    """Serves these events one after the other; the next question after the last waits for ever."""

    def __init__(self, events: Sequence[Any]) -> None:
        self._events = deque(events)
        self._wanted = len(events)
        self.answers: list[Any] = []
        self.errors: list[str] = []
        self.idle = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                if self.path != _NEXT or not api._events:
                    # Nothing more to do: the client waits here till it is ended.
                    api.idle.set()
                    time.sleep(600)
                    return
                body = json.dumps(api._events.popleft()).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Lambda-Runtime-Aws-Request-Id", f"r{len(api.answers)}")
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() + 600) * 1000))
                self.send_header(
                    "Lambda-Runtime-Invoked-Function-Arn",
                    "arn:aws:lambda:us-east-1:123456789012:function:bench",
                )
                self.send_header("Lambda-Runtime-Trace-Id", "Root=1-0-0;Parent=0;Sampled=0")
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path.endswith("/response"):
                    api.answers.append(json.loads(sent))
                else:
                    api.errors.append(f"{self.path}: {sent.decode(errors='replace')}")
                    api.idle.set()
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

        return Handler
