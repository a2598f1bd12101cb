"""Whether the networks a unit registers are networks, and whose they are too."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from services.contracts.base import Finding
from services.contracts.sharing import Network
from services.identity.domain.paths import holds
from services.identity.domain.rules import RULES

WIDEST = {4: 16, 6: 32}
"""The shortest prefix one unit may register."""


@dataclass(frozen=True)
class Registered:
    """A network that stands."""

    unit: str
    cidr: str
    title: str


def written(cidr: str) -> str | None:
    """The one way a network is written; None when it is none, or says more than its own prefix.

    >>> written("203.0.113.0/24"), written("2001:DB8:0::/48"), written("203.0.113.9/24"), written("nhà tôi")
    ('203.0.113.0/24', '2001:db8::/48', None, None)
    """
    try:
        return str(ip_network(cidr.strip()))
    except ValueError:
        return None


def findings_of(unit: str, networks: Sequence[Network], others: Iterable[Registered]) -> tuple[Finding, ...]:
    """Everything against the networks a unit wants to register; `others` are those of other units."""
    found: list[Finding] = []
    sound: list[IPv4Network | IPv6Network] = []
    for row, network in enumerate(networks, 1):
        told = list(_against(network, row, sound))
        found += told
        if not told:
            sound.append(ip_network(network.cidr.strip()))
    for other in others:
        if not holds(other.unit, unit) and not holds(unit, other.unit):
            theirs = ip_network(other.cidr)
            for ours in sound:
                if ours.version == theirs.version and ours.overlaps(theirs):
                    found.append(RULES["N605"].finding("networks", cidr=ours, other=theirs, unit=other.title))
    return tuple(found)


def _against(network: Network, row: int, sound: Sequence[IPv4Network | IPv6Network]) -> Iterator[Finding]:
    """What is against one row; the first thing only."""
    place = f"networks.{row - 1}"
    if written(network.cidr) is None:
        yield RULES["N601"].finding(place, row=row, cidr=network.cidr)
        return
    held = ip_network(network.cidr.strip())
    if held.is_loopback or held.is_multicast or held.is_link_local or held.is_unspecified:
        yield RULES["N604"].finding(place, row=row, cidr=held)
    elif held.prefixlen < WIDEST[held.version]:
        yield RULES["N602"].finding(place, row=row, cidr=held)
    else:
        for other in sound:
            if other.version == held.version and other.overlaps(held):
                yield RULES["N603"].finding(place, row=row, cidr=held, other=other)
                return
