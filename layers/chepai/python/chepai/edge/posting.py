"""POST a signed message to another party: short patience, no redirects, no private addresses."""

import socket
from collections.abc import Mapping
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import urllib3

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
_TRANSLATED = ip_network("64:ff9b::/96")
"""Addresses that a gateway turns into the IPv4 address in their last 32 bits (RFC 6052)."""


class AddressRefused(Exception):
    """The address of a partner is not one that we call."""


def post(url: str, body: bytes, headers: Mapping[str, str], *, private_allowed: bool) -> int:
    """The status of the answer; its content is not read, answers come as messages of their own.

    `private_allowed` lets the sandbox call itself; everywhere else only HTTPS to public
    addresses is called, on the very address that was checked. Raises AddressRefused, or
    urllib3's HTTPError when nobody answers in time.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"} or not host:
        raise AddressRefused("no web address")
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    sent = {"content-type": "application/json; charset=utf-8", **headers}
    if private_allowed:
        pool = _pool(parts.scheme, host, parts.port)
    else:
        if parts.scheme != "https":
            raise AddressRefused("not encrypted")
        pool = _pinned_pool(host, parts.port or 443, _public_address(host, parts.port or 443))
        sent["host"] = parts.netloc.rpartition("@")[2]
    answer = pool.urlopen(
        "POST",
        path,
        body=body,
        headers=sent,
        redirect=False,
        retries=False,
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        preload_content=False,
    )
    # Only a drained answer leaves its connection open for the next question; a long one is cut.
    if len(answer.read(4096)) == 4096:
        answer.close()
    answer.release_conn()
    return int(answer.status)


def _public_address(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise AddressRefused("no such host") from None
    addresses = [str(entry[4][0]) for entry in found]
    # One private address among public ones is how a name is turned against its caller.
    if not addresses or not all(_is_public(each) for each in addresses):
        raise AddressRefused("not a public address")
    return addresses[0]


def _is_public(address: str) -> bool:
    """Whether an address is one party's own on the internet, not a way to a private one."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        carried = found.ipv4_mapped or found.sixtofour or found.teredo or found in _TRANSLATED
        if carried:
            return False
    return found.is_global and not found.is_multicast


@cache
def _pool(scheme: str, host: str, port: int | None) -> urllib3.HTTPConnectionPool:
    return urllib3.connection_from_url(f"{scheme}://{host}{f':{port}' if port else ''}")


@cache
def _pinned_pool(host: str, port: int, address: str) -> urllib3.HTTPConnectionPool:
    return urllib3.HTTPSConnectionPool(address, port, server_hostname=host, assert_hostname=host)
