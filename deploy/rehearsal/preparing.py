"""From dossiers to the official lists: candidates received and identified, voter lists imported, posted and closed."""

import asyncio
from collections.abc import Iterator
from datetime import date, time
from random import Random

from deploy.rehearsal.gate import Json, Refused
from deploy.rehearsal.people import KINH
from deploy.rehearsal.registry import CommuneFile, Registered, commune_file, wrong_rows
from deploy.rehearsal.stage import DAY, Stage, eventually
from deploy.rehearsal.structure import Seat, Unit
from deploy.rehearsal.votes import Contested, Standing

SURPLUS = {1: 1, 2: 1, 3: 2, 4: 3, 5: 3}
JOBS = (
    "Giáo viên",
    "Bác sĩ",
    "Kỹ sư",
    "Luật sư",
    "Nông dân",
    "Công chức",
    "Doanh nhân",
    "Nhà báo",
    "Cán bộ Đoàn",
    "Công nhân",
)
ENDED = ("written", "refused", "failed")


async def voter_files(stage: Stage) -> None:
    """Make and import the voter file of every commune; two files come with mistakes first."""
    plan = stage.the_plan
    await stage.clock(-50, time(9))
    first, *others = plan.communes

    async def make(commune: Unit) -> CommuneFile:
        if commune.path not in stage.files:
            place = _place_in_province(stage, commune)
            areas = plan.areas_in(commune)
            stage.files[commune.path] = await asyncio.to_thread(commune_file, commune, areas, place, DAY, stage.seed)
        return stage.files[commune.path]

    async def bring(commune: Unit) -> None:
        made = await make(commune)
        job = await _import(stage, commune, made.content())
        assert job["state"] == "written", f"{commune.title}: {job}"
        made.rows.clear()

    await _wrong_file(stage, await make(first))
    twice = stage.files[first.path].rows[20]
    await bring(first)
    if others:
        await _voter_of_another_commune(stage, await make(others[0]), twice)
    await stage.each("Nhập danh sách cử tri", others, bring, at_once=3)


def _place_in_province(stage: Stage, commune: Unit) -> int:
    """The number of the commune among all of its province, which keeps the personal numbers of communes apart."""
    province = commune.path.rsplit("/", 1)[0]
    own = [path for path in stage.units if path.startswith(f"{province}/")]
    return own.index(commune.path)


async def _wrong_file(stage: Stage, made: CommuneFile) -> None:
    wrong = wrong_rows(made, DAY)
    job = await _import(stage, made.commune, made.content(wrong))
    lines = {place for finding in job["findings"] for place in finding["places"]}
    at = range(len(made.rows) + 2, len(made.rows) + 2 + len(wrong))
    for line in at:
        caught = job["state"] == "refused" and any(str(line) in place.split() for place in lines)
        stage.planted.make("dòng sai trong tệp cử tri", caught=caught, what=f"line {line}, told {sorted(lines)[:9]}")
    stage.planted.make("tệp sai không ghi dòng nào", caught=job["written"] == 0, what=str(job["written"]))


async def _voter_of_another_commune(stage: Stage, made: CommuneFile, twice: list[str]) -> None:
    own = made.rows[0]
    row = [own[0], *twice[1:]]
    job = await _import(stage, made.commune, made.content([row]))
    stage.planted.make("cử tri có tên ở hai xã", caught=job["state"] == "refused", what=str(job))


async def _import(stage: Stage, commune: Unit, content: bytes) -> Json:
    by = stage.officer("list_officer", commune.path)
    file = await stage.gate.upload(content, by)
    body = stage.scope(commune.path) | {"file": file, "file_name": f"cu-tri-{commune.code}.csv"}
    job = await stage.gate.act("voters/import_voters", body, by)

    async def ended() -> bool:
        nonlocal job
        job = await stage.gate.ask("voters/import_of", by, **stage.scope(commune.path), job=job["id"])
        return job["state"] in ENDED

    await eventually(ended, f"the import of {commune.title} ends", 600)
    return job


def dossiers_wanted(stage: Stage) -> list[tuple[Seat, Registered]]:
    """Who stands where: people of the registers, one contest each, as many as the law asks at least."""
    pools = {commune.code: stage.files[commune.path].pool for commune in stage.the_plan.communes}
    random = stage.random("candidates")
    for pool in pools.values():
        random.shuffle(pool)
    wanted = []
    for seat in stage.the_plan.in_play.values():
        number = seat.seats + (2 if seat.contest == "NA" else SURPLUS[seat.seats])
        homes = [code for code in seat.communes if code in pools]
        wanted += [(seat, pools[max(homes, key=lambda code: len(pools[code]))].pop()) for _ in range(number)]
    for pool in pools.values():
        pool.clear()  # nobody else of the register is needed
    return wanted


async def dossiers(stage: Stage) -> None:
    """Receive every dossier at the desk of its Commission; some with an identity that is not right."""
    await stage.clock(-45, time(10))
    wanted = dossiers_wanted(stage)
    random = stage.random("slips")
    slips = set(random.sample(range(len(wanted)), max(3, len(wanted) // 60)))
    taken = {who.person.number for _, who in wanted}
    received: dict[str, list[tuple[Seat, str]]] = {}
    wrong: list[tuple[str, str, Json]] = []

    async def receive(place: int) -> None:
        seat, who = wanted[place]
        unit = _desk(seat)
        right = _identity(who)
        declared = _slip(right, place, taken) if place in slips else right
        body = stage.scope(unit) | {
            "contest": seat.contest, "identity": declared, "background": _background(stage.random(f"job {place}")),
            "nominator": "self" if place % 97 == 5 else "local", "nominated_by": "Mặt trận Tổ quốc",
        }  # fmt: skip
        dossier = await stage.gate.act("candidates/receive_dossier", body, stage.officer("personnel", unit))
        received.setdefault(unit, []).append((seat, dossier["dossier"]))
        if place in slips:
            wrong.append((unit, dossier["dossier"], right))

    await stage.each("Hồ sơ ứng cử", range(len(wanted)), receive)
    await _identify(stage, received, wrong)
    await _place(stage, received)


def _desk(seat: Seat) -> str:
    return seat.path.rsplit("/", 1)[0]


def _identity(who: Registered) -> Json:
    person = who.person
    return {
        "full_name": person.full_name, "birth_date": person.birth_date.isoformat(),
        "sex": "female" if person.female else "male", "personal_number": person.number, "ethnicity": person.ethnicity,
        "religion": "Không", "home_town": who.commune.title, "residence": who.address,
    }  # fmt: skip


def _slip(right: Json, place: int, taken: set[str]) -> Json:
    """What people get wrong: two digits of the number swapped, day and month swapped, another family name.

    A number that is another candidate's would be a second dossier of that person, which is another mistake.
    """
    if place % 3 == 0:
        return right | {
            "personal_number": next(found for found in _mistyped(right["personal_number"]) if found not in taken)
        }
    if place % 3 == 1:
        born = date.fromisoformat(right["birth_date"])
        swaps = born.day <= 12 and born.day != born.month
        other = born.replace(month=born.day, day=born.month) if swaps else born.replace(day=born.day % 27 + 1)
        return right | {"birth_date": other.isoformat()}
    family, rest = right["full_name"].split(" ", 1)
    return right | {"full_name": f"{'Trần' if family != 'Trần' else 'Nguyễn'} {rest}"}


def _mistyped(number: str) -> Iterator[str]:
    """Neighbouring digits swapped, the last ones first; else another last digit."""
    for at in range(10, 6, -1):
        if number[at] != number[at + 1]:
            yield number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    for step in range(9, 0, -2):
        yield number[:11] + str((int(number[11]) + step) % 10)


def _background(random: Random) -> Json:
    return {
        "profession": "Đại học", "degree": random.choice(("Cử nhân", "Thạc sĩ", "Tiến sĩ")), "political_theory": "Cao cấp",
        "languages": "Tiếng Anh", "occupation": random.choice(JOBS), "workplace": "Cơ quan diễn tập",
        "party_since": "2005-05-19" if random.random() < 0.9 else None,
    }  # fmt: skip


async def _identify(
    stage: Stage, received: dict[str, list[tuple[Seat, str]]], wrong: list[tuple[str, str, Json]]
) -> None:
    """Check against the register; correct what is wrong from the paper; a second person confirms what was read."""
    false = {dossier for _, dossier, _ in wrong}

    async def check(unit: str) -> None:
        for part in _parts([dossier for _, dossier in received[unit]]):
            answer = await _checked(stage, unit, part)
            for dossier in answer["dossiers"]:
                _judge(stage, dossier, false)

    await stage.each("Đối chiếu danh tính", list(received), check, at_once=8)
    await stage.each("Sửa danh tính theo hồ sơ giấy", wrong, lambda case: _correct(stage, *case), at_once=8)

    async def confirm(unit: str) -> None:
        for part in _parts([dossier for _, dossier in received[unit]]):
            await _confirm(stage, unit, [await _dossier(stage, unit, dossier) for dossier in part])

    await stage.each("Người thứ hai xác nhận", list(received), confirm, at_once=8)


def _judge(stage: Stage, dossier: Json, false: set[str]) -> None:
    if dossier["dossier"] in false:
        caught = dossier["state"] == "mismatched"
        stage.planted.make("danh tính sai trong hồ sơ", caught=caught, what=str(dossier["identity_fields"]))
    elif dossier["state"] != "checked":
        raise AssertionError(f"an honest dossier was not matched: {dossier}")


async def _correct(stage: Stage, unit: str, dossier: str, right: Json) -> None:
    with stage.planted.refused("xác nhận danh tính còn sai", "StepNotAllowed", "HasFindings", "StaleVersion"):
        await _confirm(stage, unit, [await _dossier(stage, unit, dossier)])
    body = stage.scope(unit) | {"dossier": dossier, "identity": right, "reason": "Gõ nhầm khi nhận hồ sơ giấy"}
    await stage.gate.act("candidates/correct_dossier", body, stage.officer("personnel", unit))
    await _checked(stage, unit, [dossier])


def _parts(items: list[str]) -> list[list[str]]:
    return [items[start : start + 200] for start in range(0, len(items), 200)]


async def _checked(stage: Stage, unit: str, dossiers: list[str]) -> Json:
    body = stage.scope(unit) | {"dossiers": dossiers}
    return await stage.gate.act("candidates/check_identity", body, stage.officer("personnel", unit))


async def _dossier(stage: Stage, unit: str, dossier: str) -> Json:
    by = stage.officer("personnel_confirmer", unit)
    return await stage.gate.ask("candidates/dossier_of", by, **stage.scope(unit), dossier=dossier)


async def _confirm(stage: Stage, unit: str, dossiers: list[Json]) -> None:
    body = stage.scope(unit) | {
        "dossiers": [dossier["dossier"] for dossier in dossiers], "contents": [dossier["content"] for dossier in dossiers],
    }  # fmt: skip
    await stage.gate.act("candidates/confirm_identity", body, stage.officer("personnel_confirmer", unit))


async def _place(stage: Stage, received: dict[str, list[tuple[Seat, str]]]) -> None:
    await stage.clock(-22, time(15))

    async def place(unit: str) -> None:
        rows = [{"dossier": dossier, "constituency": seat.code} for seat, dossier in received[unit]]
        body = stage.scope(unit) | {
            "placements": rows,
            "consultation": "Biên bản hiệp thương lần thứ ba, ngày 20/2/2026",
        }
        await stage.gate.act("candidates/place_candidates", body, stage.officer("personnel", unit))

    await stage.each("Đưa vào đơn vị bầu cử", list(received), place, at_once=8)


async def official_lists(stage: Stage) -> None:
    """Publish the official lists; read back the ballot order."""
    await stage.clock(-17, time(9))
    seats = list(stage.the_plan.in_play.values())
    units = sorted({_desk(seat) for seat in seats})
    await stage.each("Danh sách chính thức", units, lambda unit: _publish(stage, unit), at_once=8)
    await stage.each("Đọc lại thứ tự trên phiếu", seats, lambda seat: _read_back(stage, seat))
    _stories(stage, stage.random("stories"))


async def _publish(stage: Stage, unit: str) -> None:
    """The lists of a unit: the National Assembly's by the Council's resolution, its own by its Commission's."""
    for contests, document in (
        (("NA",), "151/NQ-HĐBCQG ngày 14/02/2026"),
        (("PC", "CC"), "18/NQ-UBBC ngày 26/02/2026"),
    ):
        seats = [seat for seat in stage.the_plan.seats_in(unit) if seat.contest in contests]
        body = stage.scope(unit) | {
            "constituencies": [seat.code for seat in seats], "document": f"Nghị quyết số {document}",
        }  # fmt: skip
        if seats:
            await stage.gate.act("candidates/publish_lists", body, stage.officer("commission_head", unit))


async def _read_back(stage: Stage, seat: Seat) -> None:
    """The ballot order as reporting heard it."""
    by = stage.officer("board_secretary", seat.path)

    async def told() -> bool:
        try:
            answer = await stage.gate.ask("reporting/list_of", by, **stage.scope(seat.path), constituency=seat.code)
        except Refused as refusal:
            if refusal.status != 404:
                raise
            return False
        lines = [
            Standing(row["order"], row["dossier"], date.fromisoformat(row["birth_date"]))
            for row in answer["candidates"]
        ]
        stage.contested[seat.code] = Contested(seat.code, seat.contest, seat.seats, lines)
        return True

    await eventually(told, f"the list of {seat.code} is known to reporting")


def _stories(stage: Stage, random: Random) -> None:
    """Most constituencies elect clearly; a few are close, tied, or leave a seat empty."""
    codes = sorted(code for code, contested in stage.contested.items() if contested.seats >= 3)
    random.shuffle(codes)
    some = max(1, len(codes) // 20)
    for place, story in enumerate(("close", "tie", "missing")):
        for code in codes[place * some : (place + 1) * some]:
            stage.contested[code].story = story


async def post_and_close(stage: Stage) -> None:
    """Lists are posted 40 days before and closed 24 hours before; the officer who made a list may not post it."""
    plan = stage.the_plan
    await stage.clock(-40, time(8))
    commune = plan.communes[0]
    with stage.planted.refused("người lập tự niêm yết", "NotAllowed", "SamePerson"):
        body = stage.scope(commune.path) | {"document": "Thông báo niêm yết"}
        await stage.gate.act("voters/post_lists", body, stage.officer("list_officer", commune.path))

    async def post(commune: Unit) -> None:
        body = stage.scope(commune.path) | {"document": "Thông báo số 05/TB-UBND ngày 03/02/2026"}
        await stage.gate.act("voters/post_lists", body, stage.officer("list_signer", commune.path))

    await stage.each("Niêm yết danh sách cử tri", plan.communes, post)


async def close_lists(stage: Stage) -> None:
    """24 hours before voting nothing more is added."""
    plan = stage.the_plan
    await stage.clock(-1, time(7))

    async def close(commune: Unit) -> None:
        body = stage.scope(commune.path) | {"document": "Biên bản khóa danh sách 7 giờ ngày 14/3/2026"}
        await stage.gate.act("voters/close_lists", body, stage.officer("list_signer", commune.path))

    await stage.each("Khóa danh sách cử tri", plan.communes, close)
    commune = plan.communes[0]
    area = plan.areas_in(commune)[0]
    with stage.planted.refused("thêm cử tri sau khi khóa", "ListIsClosed"):
        body = stage.scope(commune.path) | {
            "area": area.code, "full_name": "Nguyễn Văn Thêm", "birth_date": "1980-01-01", "sex": "male", "ethnicity": KINH,
            "personal_number": f"{int(plan.provinces[0].code):03d}080999999", "address": "1 Lê Lợi", "reason": "Bỏ sót",
            "document": "Đơn đề nghị",
        }  # fmt: skip
        await stage.gate.act("voters/add_voter", body, stage.officer("list_officer", commune.path))
