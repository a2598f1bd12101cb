"""The house rules no linter knows."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from services.contracts import base, candidates, identity, reporting, results, units, voters

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ROOT / "services"
OWNERS = {"identity": identity, "candidates": candidates, "voters": voters, "results": results, "reporting": reporting}
SOURCES = sorted(path for path in SERVICES.rglob("*.py") if "migrations" not in path.parts)
ELECTION_WORDS = re.compile(
    r"\b(election|voter|ballot|candidate|constituenc|polling|turnout|dossier|commune|province|bầu cử|cử tri|phiếu)", re.IGNORECASE
)
BANNED = {"utils.py", "helpers.py", "common.py", "misc.py", "manager.py"}


def events() -> list[tuple[str, type[base.Event]]]:
    return [
        (owner, kind)
        for owner, module in [*OWNERS.items(), ("identity", units)]
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, base.Event) and kind.__module__ == module.__name__
    ]


def apis() -> list[tuple[str, type]]:
    return [(owner, getattr(module, f"{owner.capitalize()}Api")) for owner, module in OWNERS.items()]


@pytest.mark.parametrize("path", sorted((SERVICES / "kit").rglob("*.py")), ids=lambda path: path.name)
def test_the_kit_holds_no_election_word(path: Path) -> None:
    assert not ELECTION_WORDS.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_a_file_fits_in_one_reading(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= (760 if path.parent.name == "contracts" else 400)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_every_module_says_its_job_in_its_first_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert not [path for path in SOURCES if path.name in BANNED]


@pytest.mark.parametrize(("owner", "kind"), events(), ids=lambda value: getattr(value, "__name__", value))
def test_a_topic_is_its_owner_and_its_own_name(owner: str, kind: type[base.Event]) -> None:
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    assert kind.topic == f"{owner}.{snake}"


@pytest.mark.parametrize(("owner", "api"), apis(), ids=lambda value: getattr(value, "__name__", value))
def test_every_method_of_an_api_has_a_door_and_every_door_a_method(owner: str, api: type) -> None:
    from services.kit.entrypoints import doors_of

    module = importlib.import_module(f"services.{owner}.service")
    service = getattr(module, f"{owner.capitalize()}Service")
    promised = set(base.methods_of(api))

    assert set(doors_of(service)) == promised


@pytest.mark.parametrize("owner", OWNERS)
def test_every_refusal_speaks_two_languages(owner: str) -> None:
    importlib.import_module(f"services.contracts.{owner}")
    for kind in base.Refusal.known.values():
        assert kind.vi
        assert kind.en
        assert 400 <= kind.status < 600


def test_nothing_names_this_machine_or_a_registry() -> None:
    places = re.compile(r"/work/|/root/|pypi\.org|registry\.npmjs|deb\.debian")
    tracked = [path for folder in ("services", "deploy", "tests") for path in (ROOT / folder).rglob("*") if path.is_file()]
    texts = [path for path in tracked if path.suffix in {".py", ".md", ".toml", ".yaml", ".yml", ".lock", ".json", ".txt", ".sh"}]
    assert not [path for path in texts if path != Path(__file__) and places.search(path.read_text(encoding="utf-8"))]


def test_a_code_names_one_refusal() -> None:
    for owner in OWNERS:
        importlib.import_module(f"services.{owner}.service")
    importlib.import_module("services.gateway.app")

    def below(kind: type[base.Refusal]) -> list[type[base.Refusal]]:
        return [found for one in kind.__subclasses__() for found in (one, *below(one))]

    ours = [kind for kind in below(base.Refusal) if kind.__module__.startswith("services.")]
    codes = [kind.__name__ for kind in ours]
    assert sorted(codes) == sorted(set(codes))
