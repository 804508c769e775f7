"""AWS on 127.0.0.1 over HTTPS, answered in this process, with a city's tables and one world.

Only what the measured functions call. It serves moto's own answers, so that the SDK parses what
it would parse; the certificate's authority is added to the SDK's usual ones, so that a connection
costs what it costs against the real provider.
"""

import ipaddress
import re
import socket
import ssl
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import botocore
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto.core.botocore_stubber import BotocoreStubber

REGION = "us-east-1"
_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")


class AwsStub:
    """Started by `with`; `calls` counts what was asked, by service and operation."""

    def __init__(self, folder: Path) -> None:
        self.calls: Counter[str] = Counter()
        self.usual_roots = folder / "usual-roots.pem"
        self.one_root = folder / "one-root.pem"
        certificate = folder / "certificate.pem"
        certificate.write_bytes(_self_signed())
        authority = certificate.read_text().split("-----BEGIN CERTIFICATE")[1]
        self.one_root.write_text("-----BEGIN CERTIFICATE" + authority)
        usual = (Path(botocore.__file__).parent / "cacert.pem").read_text("utf-8")
        self.usual_roots.write_text(usual + self.one_root.read_text())
        self._server = _Server(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs to find it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CA_BUNDLE": str(self.usual_roots),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "AKIABENCHBENCHBENCH0",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, headers: HTTPHeaders, path: str, body: bytes) -> tuple[int, Any, bytes]:
        scope = _SCOPE.search(headers.get("Authorization", ""))
        service = scope.group(1) if scope else "unsigned"
        self.calls[f"{service}.{headers.get('X-Amz-Target', '').rpartition('.')[2]}"] += 1
        url = f"https://{service}.{REGION}.amazonaws.com{path}"
        asked = AWSPreparedRequest("POST", url, headers, body, stream_output=False)
        status, more, answer = BotocoreStubber().process_request(asked) or (404, {}, b"")
        return status, more, answer.encode() if isinstance(answer, str) else bytes(answer)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self
        one_at_a_time = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = HTTPHeaders()
                for name, value in self.headers.items():
                    headers[name] = value
                with one_at_a_time:
                    status, _, answer = stub._answer(headers, self.path, body)
                kind = headers.get("Content-Type", "application/x-amz-json-1.0")
                head = (
                    f"HTTP/1.1 {status} .\r\nContent-Type: {kind}\r\n"
                    f"x-amzn-RequestId: bench\r\nContent-Length: {len(answer)}\r\n\r\n"
                )
                self.wfile.write(head.encode() + answer)

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A measured process is ended with its connections open.
        pass

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.settimeout(300)
        return connection, address


def _self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Chepai bench")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=2))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
