"""Stock nameko: a service that asks another through its `RpcProxy`. `nameko run nameko_asking`."""

import time

from eventlet import GreenPool
from nameko.rpc import RpcProxy, rpc


class Asking:
    """Asks the sums of a sheet."""

    name = "stock_asking"
    stock = RpcProxy("stock")

    @rpc
    def drive(self, request: dict) -> dict:
        """Every caller is a greenlet of this process."""
        sheet, seen, began = request["sheet"], [0, 0], time.perf_counter()
        right = sum(sheet["figures"])

        def caller() -> None:
            while time.perf_counter() < began + request["seconds"]:
                seen[self.stock.total(sheet)["total"] != right] += 1

        pool = GreenPool(request["callers"])
        for _ in range(request["callers"]):
            pool.spawn(caller)
        pool.waitall()
        return {"calls": sum(seen), "wrong": seen[True], "seconds": time.perf_counter() - began}
