"""Two hundred addresses by which a partner's URL could reach inside: nobody is called."""

import socket
from ipaddress import ip_address

import pytest
import urllib3

from chepai.edge.posting import AddressRefused, post

INSIDE = [
    "127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1",
    "10.255.255.255", "172.16.0.1", "172.20.1.1", "172.31.255.254", "192.168.0.1",
    "192.168.255.255", "169.254.0.1", "169.254.169.254", "169.254.170.2", "169.254.169.253",
    "100.64.0.1", "100.100.100.200", "100.127.255.254", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255",
]  # fmt: skip
INSIDE_V6 = [
    "::", "::1", "::2", "fe80::1", "febf::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fdff::1",
    "ff02::1", "ff0e::1", "2001:db8::1", "100::1", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:4136:e378::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::ffff:8.8.8.8",
    "::127.0.0.1", "::169.254.169.254", "fec0::1",
]  # fmt: skip
OTHERWISE_WRITTEN = [
    "2130706433", "2852039166", "3232235521", "0", "1", "0x7f000001", "0xa9fea9fe", "0x7f.1",
    "0x7f.0x0.0x0.0x1", "0177.0.0.1", "017700000001", "127.1", "127.0.1", "10.1", "169.254.43518",
    "0251.0376.0251.0376", "00000127.0.0.1", "127.0.0.1.", "127.000.000.001", "127.0.0.0x1",
    "0x7F.1", "256.256.256.256", "1.2.3.4.5", "0x8.0x8.0x8.0x8", "134744072", "8.8.2056",
    "0X7F000001", "127.0.0.01", "1.1.1.08", "4294967296", "18446744073709551617",
]  # fmt: skip
NAMES = [
    "localhost", "localhost.", "localhost.localdomain", "ip6-localhost", "metadata",
    "metadata.google.internal", "instance-data", "host.docker.internal", "gateway.docker.internal",
    "kubernetes.default.svc", "printer.local", "db.internal", "vault.corp", "router.lan",
    "rebind.example.net", "a.127.0.0.1.nip.example", "half.example.net", "v6.example.net",
    "mapped.example.net", "nobody.example.net",
]  # fmt: skip
SHAPES = [
    "http://partner.example.net/", "ftp://partner.example.net/", "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_x", "dict://127.0.0.1:11211/", "data:text/plain,x",
    "javascript:alert(1)", "ldap://127.0.0.1/", "jar:https://127.0.0.1/!/", "//127.0.0.1/",
    "https:", "https://", "https:///", "https:/127.0.0.1/", "https:127.0.0.1", "",
    " ", "/relative", "x",
    "https://[::1", "https://::1/", "https://[::1]x/", "https://[]/", "https://[127.0.0.1]/",
    "https://[fe80::1%25eth0]/", "https://[::1%lo]/", "https://[v1.x]/", "https://[::ffff:7f00:1]/",
    "https://partner.example.net@127.0.0.1/", "https://127.0.0.1@partner.example.net/",
    "https://a:b@127.0.0.1/", "https://partner.example.net:443@127.0.0.1/", "https://@127.0.0.1/",
    "https://127.0.0.1:443#@partner.example.net/", "https://127.0.0.1?@partner.example.net/",
    "https://127.0.0.1\\@partner.example.net/", "https://partner.example.net\\@127.0.0.1/",
    "https://127.0.0.1%00.partner.example.net/", "https://127.0.0.1%2f@partner.example.net/",
    "https://127.0.0.1\t/", "https://127.0.0.1\n/", "https://127.0\r.0.1/", "https://127。0。0。1/",
    "https://①②⑦.⓪.⓪.①/", "https://localhost/", "https://ⓛocalhost/", "https://l\u200bocalhost/",
    "https://xn--/", "https://-a.example.net/", "https://a..example.net/", "https://.example.net/",
    "https://a_b.example.net/", "https://" + "a" * 64 + ".example.net/",
    "https://" + "a." * 130 + "net/", "https://partner.example.net:0/",
    "https://partner.example.net:99999/", "https://partner.example.net:x/",
    "https://partner.example.net:-1/", "https://*/", "https://partner.example.net /",
    "https://partner.example.net/a b", "https://partner.example.net/\u2028", "https://%6c%6f/",
    "https://partner.example.net/" + "a" * 2001, "https://partner.example.net/{x}",
    "https://127.0.0.1\u3002/", "HTTPS://127.0.0.1/", "hTTps://[::1]/", "https://0/", "https://0:443/",
]  # fmt: skip
CORPUS = [
    *(f"https://{each}/x" for each in [*INSIDE, *OTHERWISE_WRITTEN, *NAMES]),
    *(f"https://{each}:8443/x" for each in INSIDE[:12]),
    *(f"https://[{each}]/x" for each in INSIDE_V6),
    *(f"https://[{ip_address(each).exploded}]:443/x" for each in INSIDE_V6 if ":" in each),
    *SHAPES,
]
RESOLVED = {
    "rebind.example.net": ["93.184.216.34", "127.0.0.1"],
    "a.127.0.0.1.nip.example": ["127.0.0.1"],
    "half.example.net": ["93.184.216.34", "10.0.0.1"],
    "v6.example.net": ["fd00:ec2::254"],
    "mapped.example.net": ["::ffff:169.254.169.254"],
    "partner.example.net": ["93.184.216.34"],
}


@pytest.fixture
def calls(monkeypatch):
    """What would have been connected to; names are resolved as an attacker would have it."""
    called: list[object] = []

    def resolve(host, port, **_):
        name = str(host)
        try:
            found = [str(ip_address(name))]
        except ValueError:
            # What the resolver of the C library makes of numbers written otherwise.
            try:
                found = [socket.inet_ntoa(socket.inet_aton(name))]
            except OSError:
                found = RESOLVED.get(name, [] if name == "nobody.example.net" else ["10.9.8.7"])
        if not found:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    def connect(address, *_, **__):
        called.append(address)
        raise OSError("nobody is called in this test")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(urllib3.util.connection, "create_connection", connect)
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: connect(address))
    return called


def test_two_hundred_addresses_and_nobody_is_called(calls):
    assert len(set(CORPUS)) >= 200
    let_through = []
    for url in CORPUS:
        try:
            post(url, b"{}", {}, private_allowed=False)
            let_through.append(url)
        except AddressRefused:
            pass
        except urllib3.exceptions.HTTPError:
            let_through.append(url)
    assert let_through == []
    assert calls == []


def test_a_public_partner_is_called_on_the_address_that_was_checked(calls, monkeypatch):
    with pytest.raises(urllib3.exceptions.HTTPError):
        post("https://partner.example.net/asked?x=1", b"{}", {}, private_allowed=False)
    assert calls == [("93.184.216.34", 443)]
    # Another answer of the resolver a moment later changes nothing for this call.
    for literal in ("https://8.8.8.8/x", "https://[2606:4700::1111]:8443/x"):
        with pytest.raises(urllib3.exceptions.HTTPError):
            post(literal, b"{}", {}, private_allowed=False)
    assert calls[1:] == [("8.8.8.8", 443), ("2606:4700::1111", 8443)]


@pytest.mark.parametrize("stage", ["staging", "production", "", "Sandbox"])
def test_only_the_sandbox_calls_itself(stage, monkeypatch):
    from chepai.edge.asking import may_call_private

    assert not may_call_private(stage)
    assert may_call_private("sandbox")
