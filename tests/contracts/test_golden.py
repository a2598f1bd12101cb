"""What travels between services is written down: a difference here is a change of the wire."""

import inspect
import json
from pathlib import Path

import pytest

from services.contracts import (
    accounts,
    base,
    candidates,
    duties,
    identity,
    ledger,
    passkeys,
    reporting,
    results,
    sharing,
    units,
    voters,
)

GOLDEN = Path(__file__).with_name("golden")
MODULES = {
    "base": base, "identity": identity, "units": units, "ledger": ledger, "accounts": accounts,
    "passkeys": passkeys, "sharing": sharing, "duties": duties, "candidates": candidates, "voters": voters, "results": results, "reporting": reporting,
}  # fmt: skip


def schemas(owner: str) -> str:
    """The JSON schema of every message of an owner, one text."""
    module = MODULES[owner]
    kinds = [
        kind
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, base.Message) and kind.__module__ == module.__name__
    ]
    found = {kind.__name__: kind.model_json_schema() for kind in sorted(kinds, key=lambda kind: kind.__name__)}
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write_golden() -> None:
    """`make contracts`: accept the wire as it is now; the diff is what the reviewer reads."""
    GOLDEN.mkdir(exist_ok=True)
    for owner in MODULES:
        (GOLDEN / f"{owner}.json").write_text(schemas(owner), encoding="utf-8")


@pytest.mark.parametrize("owner", MODULES)
def test_the_wire_is_what_was_agreed(owner: str) -> None:
    assert schemas(owner) == (GOLDEN / f"{owner}.json").read_text(encoding="utf-8")


if __name__ == "__main__":
    write_golden()
