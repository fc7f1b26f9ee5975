from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest

from miss.outbound import AddressNotOutside, Guard, Resolve, is_public, parse_address


def resolving(*addresses: str) -> Resolve:
    """Every name has these addresses."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_special_addresses_are_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_public_addresses_are(text: str) -> None:
    assert is_public(ip_address(text))


async def test_the_connection_goes_to_the_address_that_was_judged() -> None:
    answers = iter([["93.184.215.14"], ["10.0.0.1"]])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    target = await Guard(resolve=rebinding).judge("https://push.example/send/1?a=2")
    assert str(target.pinned) == "https://93.184.215.14/send/1?a=2"
    assert (target.host_header, target.extensions) == ("push.example", {"sni_hostname": "push.example"})


async def test_one_private_address_among_public_ones_is_enough() -> None:
    guard = Guard(resolve=resolving("93.184.215.14", "192.168.0.1"))
    with pytest.raises(AddressNotOutside):
        await guard.judge("https://push.example/")


async def test_a_named_network_is_reached_at_any_port() -> None:
    guard = Guard((ip_network("10.1.0.0/16"),), resolving("10.1.2.3"))
    target = await guard.judge("https://push.hopital.example:8443/x")
    assert (str(target.pinned), target.host_header) == ("https://10.1.2.3:8443/x", "push.hopital.example:8443")
    with pytest.raises(AddressNotOutside):
        await Guard((ip_network("10.2.0.0/16"),), resolving("10.1.2.3")).judge("https://push.hopital.example/")


@pytest.mark.parametrize("url", ["http://push.example/", "https://a:b@push.example/", "https://push.example:x/", "//x"])
def test_only_plain_https_addresses_are_read(url: str) -> None:
    with pytest.raises(AddressNotOutside):
        parse_address(url)
