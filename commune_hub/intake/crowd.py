"""How much strangers may ask of a web page: each address for itself, and all of them together."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.types import Scope

from commune_hub.intake.bucket import Buckets
from wire.codec import WireError


class Crowd:
    """`is_too_much(scope, now_ms)` for each request, before it costs anything.

    `each` and `all_` are what an address, and everybody, may ask: (requests per second, at once).
    """

    def __init__(self, each: tuple[float, float], all_: tuple[float, float]) -> None:
        self._by_address = Buckets(*each)
        self._all = Buckets(*all_)

    def is_too_much(self, scope: Scope, now_ms: int) -> bool:
        """Count a request; tell whether it must be refused."""
        try:
            self._by_address.check(address_of(scope), now_ms)
            self._all.check("", now_ms)
        except WireError:
            return True
        return False


def address_of(scope: Scope) -> str:
    """Return whose bucket a request is taken from: an address, or for IPv6 the network that one house has."""
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    if not isinstance(address, IPv6Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or ip_network((int(address), 64), strict=False))
