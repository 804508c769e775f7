"""POST a signed message to another party: short patience, no redirects, no private addresses."""

import re
import socket
from collections.abc import Mapping
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import urllib3

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0

_PLAIN = re.compile(r"[A-Za-z0-9:/?#\[\]@!$&'()*+,;=._~%-]{1,2000}")
_NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?)+", re.ASCII)
_NUMBER_LAST = re.compile(r"(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$")
# What is handed out of IPv6 at all, without what carries an IPv4 address inside: Teredo, 6to4.
_HANDED_OUT = ip_network("2000::/3")
_CARRYING = (ip_network("2001::/32"), ip_network("2002::/16"))


class AddressRefused(Exception):
    """The address of a partner is not one that we call."""


def post(url: str, body: bytes, headers: Mapping[str, str], *, private_allowed: bool) -> int:
    """The status of the answer; its content is not read, answers come as messages of their own.

    `private_allowed` lets the sandbox call itself; everywhere else only HTTPS to public
    addresses is called, on the very address that was checked. Raises AddressRefused, or
    urllib3's HTTPError when nobody answers in time.
    """
    scheme, host, port, path = _parts(url)
    sent = {"content-type": "application/json; charset=utf-8", **headers}
    if private_allowed:
        pool = _pool(scheme, host, port)
    else:
        if scheme != "https":
            raise AddressRefused("not encrypted")
        secure = port or 443
        pool = _pinned_pool(host, secure, _public_address(host, secure))
        sent["host"] = host if port is None else f"{host}:{port}"
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


def _parts(url: str) -> tuple[str, str, int | None, str]:
    """Scheme, host, port and path of an address in which nothing is hidden from a reader.

    Names of senders, invisible characters and numbers written otherwise than as an address are
    what readers of addresses differ about, so they are refused.
    """
    if not _PLAIN.fullmatch(url):
        raise AddressRefused("no plain web address")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        literal = ip_address(host) if _NUMBER_LAST.search(host) or ":" in host else None
    except ValueError:
        raise AddressRefused("no web address") from None
    if parts.scheme not in {"https", "http"} or "@" in parts.netloc or port == 0:
        raise AddressRefused("no web address")
    if literal is None and not _NAME.fullmatch(host):
        raise AddressRefused("no host name")
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return parts.scheme, host, port, path


def _public_address(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused("no such host") from None
    addresses = [str(entry[4][0]) for entry in found]
    # One private address among public ones is how a name is turned against its caller.
    if not addresses or not all(_is_public(each) for each in addresses):
        raise AddressRefused("not a public address")
    return addresses[0]


def _is_public(text: str) -> bool:
    """Whether an address is one party's own on the internet, not a way to a private one."""
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        plain = address in _HANDED_OUT and not any(address in each for each in _CARRYING)
        return plain and address.is_global
    return address.is_global and not (address.is_multicast or address.is_reserved)


@cache
def _pool(scheme: str, host: str, port: int | None) -> urllib3.HTTPConnectionPool:
    return urllib3.connection_from_url(f"{scheme}://{host}{f':{port}' if port else ''}")


@cache
def _pinned_pool(host: str, port: int, address: str) -> urllib3.HTTPConnectionPool:
    return urllib3.HTTPSConnectionPool(address, port, server_hostname=host, assert_hostname=host)
