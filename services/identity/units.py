"""`python -m services.identity.units`: the map of election day as the JSON body of LoadUnits, and its findings."""

import sys
from pathlib import Path
from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

import typer

from services.contracts.base import Severity
from services.contracts.units import LoadUnits
from services.identity.domain.units import findings_of
from services.identity.reference import national_units, province_facts

_KEY = uuid5(NAMESPACE_URL, "hom-phieu/units-of-2026")
"""One key for one map: loading it twice is loading it once."""


def main(out: Annotated[Path | None, typer.Option(help="file to write; standard output when left out")] = None) -> None:
    """Write the LoadUnits body; say on standard error what the register thinks of it; 1 when something blocks."""
    units = national_units()
    body = LoadUnits(key=_KEY, units=units).model_dump_json()
    if out is None:
        sys.stdout.write(body + "\n")
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(body, encoding="utf-8")
    findings = findings_of(units, province_facts())
    for finding in findings:
        sys.stderr.write(f"{finding.code} {finding.severity.value}: {finding.vi}\n")
    sys.stderr.write(f"units={len(units)} findings={len(findings)}\n")
    if any(finding.severity is Severity.BLOCK for finding in findings):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
