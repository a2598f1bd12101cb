"""`python -m services.identity.carried --out verify.pyz`: the verifier as one file, to be carried to another machine.

It runs there as `python verify.pyz …`; that machine needs Python and `cryptography`, nothing else of ours.
"""

import zipfile
from pathlib import Path
from typing import Annotated

import typer

_SERVICES = Path(__file__).resolve().parents[1]
_FILES = (
    "__init__.py",
    "kit/__init__.py",
    "kit/proofs.py",
    "identity/__init__.py",
    "identity/figure.py",
    "identity/verify.py",
)
_MAIN = "from services.identity.verify import main\n\nraise SystemExit(main())\n"
_MOMENT = (2026, 1, 1, 0, 0, 0)


def write_verifier(out: Path) -> None:
    """The file holds the verifier; equal sources give equal bytes, so that its hash can be told beforehand."""
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py", _MOMENT), _MAIN)
        for name in _FILES:
            archive.writestr(zipfile.ZipInfo(f"services/{name}", _MOMENT), (_SERVICES / name).read_bytes())


def main(out: Annotated[Path, typer.Option(help="the file to write, as verify.pyz")]) -> None:
    """Write the verifier."""
    write_verifier(out)
    typer.echo(f"written: {out}")


if __name__ == "__main__":
    typer.run(main)
