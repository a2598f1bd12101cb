"""The installer: only what is missing, nothing started, and one sentence when it cannot."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import install

ROOT = Path(__file__).parents[2]


def test_the_guard_keeps_services_from_starting_and_is_gone_afterwards(tmp_path, monkeypatch):
    guard = tmp_path / "policy-rc.d"
    monkeypatch.setattr(install, "GUARD", guard)

    def interrupted_install():
        with install.no_services_started():
            assert subprocess.run([str(guard), "rabbitmq-server", "start"], check=False).returncode == 101
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted_install()

    assert not guard.exists()


def test_somebody_elses_guard_is_left_alone(tmp_path, monkeypatch):
    guard = tmp_path / "policy-rc.d"
    guard.write_text("#!/bin/sh\nexit 101\n")
    monkeypatch.setattr(install, "GUARD", guard)

    with install.no_services_started():
        pass

    assert guard.read_text() == "#!/bin/sh\nexit 101\n"


def test_a_guard_left_by_a_killed_install_is_taken_away_by_the_next(tmp_path, monkeypatch):
    guard = tmp_path / "policy-rc.d"
    guard.write_text(install.GUARD_TEXT)
    monkeypatch.setattr(install, "GUARD", guard)

    with install.no_services_started():
        pass

    assert not guard.exists()


def test_what_is_missing_is_named_by_its_debian_package(monkeypatch):
    monkeypatch.setattr(install, "has_program", lambda name: name not in ("initdb", "chromium"))
    monkeypatch.setattr(install, "find_library", lambda name: None)

    assert install.missing_packages(False, sys.executable) == ["postgresql"]
    assert install.missing_packages(True, sys.executable) == ["chromium", "libatomic1", "postgresql"]


def test_a_given_broker_needs_no_package(monkeypatch):
    monkeypatch.setattr(install, "has_program", lambda name: name not in ("rabbitmq-server", "epmd"))
    monkeypatch.setenv("HP_BROKER_URL", "amqp://elsewhere/")

    assert install.missing_packages(False, sys.executable) == []


def test_without_root_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(install.Stop, match=r"sudo apt-get install postgresql rabbitmq-server$"):
        install.installable(["postgresql", "rabbitmq-server"])


def test_the_installer_needs_nothing_but_pythons_own_library():
    done = subprocess.run([sys.executable, "-S", "-I", "-c", f"import runpy; runpy.run_path({str(ROOT / 'deploy/local/install.py')!r})"],
                          capture_output=True, text=True, check=False)  # fmt: skip

    assert done.returncode == 0, done.stderr


def test_what_is_installed_is_not_installed_again_and_asks_nobody(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(install, "quiet", lambda command: asked.append(command) or True)
    monkeypatch.setattr(install, "stamped", lambda lock: True)
    monkeypatch.setattr(install, "has_assets", lambda: True)

    install.install([], sys.executable, ROOT / "requirements.lock")

    assert asked == []


def test_every_library_and_the_npm_that_is_borrowed_are_pinned_by_hash(tmp_path, monkeypatch):
    commands = []
    monkeypatch.setattr(install, "quiet", lambda command: commands.append(command) or True)
    monkeypatch.setattr(install, "VENV", tmp_path)
    monkeypatch.setattr(install, "ASSETS", tmp_path / "mark")

    install.install_libraries(ROOT / "requirements.lock")
    install.install_assets()

    by_pip = [command for command in commands if "pip" in command]
    assert [Path(command[-1]).name for command in by_pip] == ["requirements.lock", "requirements-assets.lock"]
    assert all("--require-hashes" in command for command in by_pip)
    assert "--ignore-scripts" in commands[-1]
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_dir()] == []  # the borrowed npm is gone


def test_a_failure_beside_others_is_told_and_the_others_are_not_cut_short(tmp_path, monkeypatch):
    done = []

    def libraries_fail(_lock):
        raise install.Stop("pip could not install the libraries")

    monkeypatch.setattr(install, "install_packages", done.append)
    monkeypatch.setattr(install, "make_environment", lambda python: None)
    monkeypatch.setattr(install, "install_libraries", libraries_fail)
    monkeypatch.setattr(install, "install_assets", lambda: done.append("assets"))
    monkeypatch.setattr(install, "stamped", lambda lock: False)

    with pytest.raises(install.Stop, match="libraries"):
        install.install(["postgresql"], sys.executable, ROOT / "requirements.lock")

    assert done == [["postgresql"], "assets"]
