"""Addresses that requests may go to: those of the internet, and no others.

The networks are those of IANA's registries of special-purpose addresses, and those that
contain the address of another network.
"""

import ipaddress

import pytest

from wagtail_live.outbound import is_public

SPECIAL = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24"),
    *("192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
    *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4"),
    *("240.0.0.0/4", "255.255.255.255/32"),
    *("::/128", "::1/128", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96"),
    *("64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "200::/7"),
    *("2001::/23", "2001::/32", "2001:2::/48", "2001:10::/28", "2001:20::/28"),
    *("2001:30::/28", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
    *("5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
]
PUBLIC = [
    *("8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255"),
    *("172.32.0.0", "192.0.1.0", "192.88.98.255", "192.88.100.0", "198.17.255.255"),
    *("198.20.0.0", "223.255.255.255"),
    *("2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2620:4f:7fff::1"),
    *("2620:4f:8001::1", "2a00:1450:4001:80b::200e", "2003::1"),
]


@pytest.mark.parametrize("network", SPECIAL)
def test_special_addresses_are_not_public(network):
    network = ipaddress.ip_network(network)
    middle = network[network.num_addresses // 2]
    for ip in (network[0], middle, network[-1]):
        assert not is_public(str(ip))


@pytest.mark.parametrize("network", SPECIAL)
def test_versions_of_python_agree(network, monkeypatch):
    """What ``is_global`` knows depends on the version, and is not needed."""
    for kind in (ipaddress.IPv4Address, ipaddress.IPv6Address):
        monkeypatch.setattr(kind, "is_global", True)
    assert not is_public(str(ipaddress.ip_network(network)[-1]))


@pytest.mark.parametrize(
    "address",
    [
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "::ffff:0:7f00:1"),
        *("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1"),
        *("2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1"),
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_addresses_that_contain_another_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("", "localhost", "fe80::1%eth0", "2606:4700::1111%1", "127.1", "0x7f000001"),
        *("2130706433", "010.8.8.8", "8.8.8.8 ", "8.8.8.8/32", "[2606:4700::1111]"),
    ],
)
def test_other_spellings_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)
