"""The public snapshot shows only what is declared, verifies offline, and finds any byte that was changed."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.contracts.base import NotAllowed
from services.contracts.candidates import Contest
from services.contracts.reporting import PublishSnapshot, SnapshotsOf
from services.contracts.results import Totals
from services.reporting.domain.publishing import Status, publishable, status_of, status_over, within_bounds
from services.reporting.public.tiles import PLACES, tenths, tile_class
from services.reporting.verify import faults
from tests.reporting import election as e
from tests.reporting.election import AREAS, CC, NA, PC, E

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def publisher(passport: Any) -> str:
    return passport(role="publisher", scope=f"{E}/vn", name="Trịnh Hoài Nam")


def publish(heard: Any, publisher: str) -> Any:
    heard.publish_snapshot(PublishSnapshot(election=E, unit="vn", key=uuid4()), publisher)
    return heard.snapshots_of(SnapshotsOf(election=E, unit="vn"), publisher).snapshots[0]


@pytest.fixture
def folder(heard: Any, publisher: str) -> Path:
    publish(heard, publisher)
    return Path(heard.service.settings.public_folder) / E / "latest"


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "du-lieu" / name).read_text("utf-8-sig"))))


def test_a_snapshot_is_numbered_signed_told_and_becomes_the_latest(
    heard: Any, db: Any, told: Any, publisher: str
) -> None:
    first, second = publish(heard, publisher), publish(heard, publisher)
    held = heard.snapshots_of(SnapshotsOf(election=E, unit="vn"), publisher).snapshots
    public = Path(heard.service.settings.public_folder) / E

    assert [first.number, second.number] == [1, 2]
    assert [snapshot.number for snapshot in held] == [2, 1]
    assert (public / "latest").readlink() == Path("2")
    topics = [letter.topic.removeprefix("reporting.") for letter in told(db)]
    assert topics == ["publication_advanced", "snapshot_published", "publication_advanced"] * 2
    assert sorted(place.name for place in public.iterdir()) == ["1", "2", "latest"]
    assert (second.constituencies, second.published_by) == (2, "Trịnh Hoài Nam")


def test_only_declared_results_are_official_and_show_votes(folder: Path) -> None:
    declared = json.loads((folder / "quoc-hoi" / f"{NA}.json").read_text())
    counting = json.loads((folder / "hdnd-tinh" / f"{PC}.json").read_text())
    page = (folder / "quoc-hoi" / f"{NA}.html").read_text()
    other = (folder / "hdnd-tinh" / f"{PC}.html").read_text()

    assert declared["results_status"] == "certified"
    assert [line["votes"] for line in declared["candidates"]] == [2700, 2400, 1200, 900, 600]
    assert declared["totals"]["valid"] == 2940
    assert "candidates" not in counting
    assert "totals" not in counting
    assert "Chính thức" in page
    assert "2.700" in page
    assert "91,84%" in page
    assert "Chính thức<" not in other
    assert "Số phiếu chỉ công bố khi Trưởng Ban bầu cử đã ký kết quả." in other


def test_a_reopened_result_is_unofficial_again_and_hides_its_votes(heard: Any, publisher: str) -> None:
    heard.hear(e.result(state="collecting"))
    publish(heard, publisher)
    folder = Path(heard.service.settings.public_folder) / E / "latest"

    assert json.loads((folder / "quoc-hoi" / f"{NA}.json").read_text())["results_status"] == "unofficial-partial"
    assert "Chưa chính thức, đang tổng hợp" in (folder / "quoc-hoi" / f"{NA}.html").read_text()
    assert {row["votes"] for row in rows(folder, "nguoi-ung-cu.csv") if row["constituency"] == NA} == {""}
    assert rows(folder, "khu-vuc-quoc-hoi.csv") == []


def test_open_data_says_what_the_pages_say(folder: Path) -> None:
    constituencies = {row["constituency"]: row for row in rows(folder, "don-vi-bau-cu.csv")}
    candidates = rows(folder, "nguoi-ung-cu.csv")
    areas = rows(folder, "khu-vuc-quoc-hoi.csv")
    summary = json.loads((folder / "du-lieu" / "tong-hop.json").read_text())

    assert constituencies[NA]["valid"] == "2940"
    assert constituencies[PC]["valid"] == ""
    assert sum(int(row["elected"]) for row in candidates if row["constituency"] == NA) == 2
    assert [row["area"] for row in areas] == list(AREAS)
    assert [areas[0][f"votes_{order}"] for order in range(1, 6)] == ["900", "800", "400", "300", "200"]
    assert [contest["elected"] for contest in summary["contests"]] == [2, 0, 3]
    assert {row["rehearsal"] for row in candidates} == {"DIỄN TẬP"}


def test_a_rehearsal_says_so_on_every_page_in_both_languages(folder: Path) -> None:
    pages = sorted(folder.rglob("*.html"))

    assert len(pages) > 20
    for page in pages:
        text = page.read_text()
        assert ("REHEARSAL" if "/en/" in page.as_posix().split("latest")[1] else "DIỄN TẬP") in text, page
        assert "http://" not in text
        assert "https://" not in text
        assert " style=" not in text


def test_every_link_of_every_page_leads_to_a_file_of_the_snapshot(folder: Path) -> None:
    import re

    for page in folder.rglob("*.html"):
        for link in re.findall(r'(?:href|src|action)="([^"#]+)"', page.read_text()):
            assert (page.parent / link).resolve().is_file(), f"{page}: {link}"


def test_a_page_with_its_style_and_fonts_stays_under_150_kilobytes(folder: Path) -> None:
    shared = sum(file.stat().st_size for file in (folder / "assets").iterdir() if file.suffix != ".js")

    assert shared + (folder / "index.html").stat().st_size <= 150_000


def test_the_map_has_all_34_provinces_and_both_archipelagos(folder: Path) -> None:
    page = (folder / "index.html").read_text()

    assert len({code for _, _, code in PLACES}) == 34
    assert page.count('<li class="tile ') == 34
    assert "Hoàng Sa" in page
    assert "Trường Sa" in page
    assert (tenths(9999, 10_000), tenths(0, 0), tile_class(95, 100), tile_class(949, 1000)) == (
        "99,9%",
        "–",
        "t5",
        "t4",
    )


def test_a_whole_snapshot_verifies_offline_by_command(folder: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "services.reporting.verify", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.startswith("verdict: ok ")


@pytest.mark.parametrize("name", ["index.html", "du-lieu/don-vi-bau-cu.csv", f"hdnd-xa/{CC}.json", "assets/public.css"])
def test_any_flipped_byte_is_found(folder: Path, name: str) -> None:
    target = folder / name
    whole = target.read_bytes()
    for place in (0, len(whole) // 2, len(whole) - 1):
        target.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])

        assert faults(folder) == [f"{name}: changed since it was signed"]
    target.write_bytes(whole)
    assert faults(folder) == []


def test_a_missing_an_added_and_a_forged_file_are_found(folder: Path, tmp_path: Path) -> None:
    (folder / "tim-kiem.html").unlink()
    (folder / "them.html").write_text("x")
    found = faults(folder)
    manifest = (folder / "manifest.json").read_bytes()
    (folder / "manifest.json").write_bytes(manifest.replace(b'"number": 1', b'"number": 9'))
    forged = faults(folder)
    (folder / "manifest.sig").write_text("AAAA")
    broken = faults(folder)

    assert found == ["tim-kiem.html: missing", "them.html: not signed"]
    assert forged == ["manifest.json does not carry the signature of this key"]
    assert broken == forged
    assert faults(tmp_path)[0].startswith("the snapshot cannot be read")


def test_equal_facts_give_equal_data(heard: Any, publisher: str) -> None:
    publish(heard, publisher)
    publish(heard, publisher)
    public = Path(heard.service.settings.public_folder) / E

    for name in ("du-lieu/don-vi-bau-cu.csv", f"quoc-hoi/{NA}.json", "du-lieu/tim.json"):
        assert (public / "1" / name).read_bytes() == (public / "2" / name).read_bytes()


def test_only_a_publisher_publishes(heard: Any, passport: Any) -> None:
    for role in ("nation_officer", "operations", "approver"):
        with pytest.raises(NotAllowed):
            publish(heard, passport(role=role, scope=f"{E}/vn"))


def test_a_value_that_breaks_a_bound_is_never_published() -> None:
    good = Totals(areas=3, voters=100, took_part=90, issued=90, collected=89, valid=80, invalid=9)
    result = e.result().result

    assert within_bounds(good, 3)
    for changes in ({"took_part": 101}, {"collected": 91}, {"valid": 81}, {"areas": 4}):
        assert not within_bounds(good.model_copy(update=changes), 3)
    assert publishable(result)
    assert not publishable(result.model_copy(update={"elected": 4}))
    over = result.candidates[0].model_copy(update={"votes": 2941})
    assert not publishable(result.model_copy(update={"candidates": (over, *result.candidates[1:])}))


def test_statuses_use_the_words_of_nist_1500_100() -> None:
    states = {
        state: status_of(e.result(state=state).result) for state in ("collecting", "complete", "prepared", "declared")
    }

    assert states == {
        "collecting": "unofficial-partial",
        "complete": "unofficial-complete",
        "prepared": "unofficial-complete",
        "declared": "certified",
    }
    assert status_of(None) == "pre-election"
    assert status_over([Status.CERTIFIED, Status.COMPLETE]) == "unofficial-complete"
    assert status_over([Status.CERTIFIED, Status.PRE_ELECTION]) == "unofficial-partial"
    assert status_over([]) == "pre-election"


def test_figures_of_an_area_are_shown_only_when_its_constituency_is_declared(folder: Path) -> None:
    assert (folder / "quoc-hoi" / f"{NA}-khu-vuc.html").is_file()
    assert not (folder / "hdnd-tinh" / f"{PC}-khu-vuc.html").exists()
    assert rows(folder, "khu-vuc-hdnd-tinh.csv") == []
    assert {row["constituency"] for row in rows(folder, "khu-vuc-hdnd-xa.csv")} == {CC}
    assert Contest.CC == "CC"
