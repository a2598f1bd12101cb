"""Stock nameko: one RPC method. `nameko run nameko_rpc`."""

from nameko.rpc import rpc


class Sums:
    """Adds the figures of a sheet."""

    name = "stock"

    @rpc
    def total(self, request: dict) -> dict:
        """The station's sum."""
        return {"station": request["station"], "total": sum(request["figures"])}
