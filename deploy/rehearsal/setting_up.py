"""Before the election: the first administrator, units, the election, officers, structure, polling areas, bodies."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import time
from pathlib import Path

from deploy.rehearsal.gate import Json, Officer, Refused, activate, sign_in
from deploy.rehearsal.people import People
from deploy.rehearsal.stage import DAY, Stage, eventually
from deploy.rehearsal.structure import Seat, Size, Unit, as_csv, make_plan

COMMUNE_ROLES = (
    "secretary", "typist", "typist", "checker", "approver", "list_officer", "list_signer", "personnel", "personnel_confirmer",
    "commission_head",
)  # fmt: skip
PROVINCE_ROLES = ("province_officer", "personnel", "personnel_confirmer", "commission_head")
NATION_ROLES = ("nation_officer", "publisher", "operations")


async def first_administrator(stage: Stage, secrets: Path) -> None:
    """Sign in as the first administrator, whose one-time code the installation wrote down."""
    kept = secrets / "rehearsal-admin.json"
    if kept.exists():
        admin = Officer(**json.loads(kept.read_text(encoding="utf-8")))
    else:
        first = json.loads((secrets / "first-admin.json").read_text(encoding="utf-8"))
        admin = Officer(first["login"], "Quản trị hệ thống", "system_admin", "vn", _password(stage, first["login"]))
        await activate(stage.gate, admin, first["code"])
    await sign_in(stage.gate, admin)
    kept.write_text(json.dumps(admin.kept()), encoding="utf-8")
    kept.chmod(0o600)
    stage.officers["system_admin", "vn", 1] = admin


def _password(stage: Stage, login: str) -> str:
    return f"{stage.random('password ' + login).getrandbits(100):025x}"


async def units(stage: Stage) -> None:
    """Load the real units; the same load again changes nothing."""
    admin = stage.officer("system_admin", "vn")
    told = subprocess.run([sys.executable, "-m", "services.identity.units"], check=True, capture_output=True)
    payload: Json = json.loads(told.stdout)
    with stage.planted.refused("danh mục thiếu một xã", "HasFindings", "BadRequest"):
        await stage.gate.act("identity/load_units", {"units": payload["units"][:-1]}, admin)
    await stage.gate.act("identity/load_units", {"units": payload["units"]}, admin)
    answer = await stage.gate.ask("identity/units_below", admin, path="vn")
    found = [Unit(row["code"], row["path"], row["kind"], row["name"], row["title"]) for row in answer["units"]]
    stage.units = {unit.path: unit for unit in found}


async def call(stage: Stage, provinces: Sequence[str], size: Size) -> None:
    """Call a new rehearsal with the next free number, and plan it."""
    admin = stage.officer("system_admin", "vn")
    held = (await stage.gate.ask("candidates/elections_held", admin))["elections"]
    begun = [path.name for path in stage.folder.glob("dien-tap-*")]  # one that broke off has accounts and no election
    names = begun + [row["election"] for row in held if row["rehearsal"]]
    numbers = [int(name.rsplit("-", 1)[1]) for name in names]
    number = max(numbers, default=0) + 1
    stage.election = f"dien-tap-{number}"
    stage.folder = stage.folder / stage.election
    stage.folder.mkdir(parents=True, exist_ok=True)
    stage.plan = make_plan(list(stage.units.values()), provinces, size, stage.seed)
    await _accounts(stage, admin, "vn", [("account_admin", "vn"), *((role, "vn") for role in NATION_ROLES)])
    body = stage.scope("vn") | {"title": f"Diễn tập số {number}: bầu cử ngày 15/3/2026", "day": DAY.isoformat()}
    await stage.gate.act("candidates/call_election", body, stage.officer("nation_officer", "vn"))
    await stage.clock(-110, time(8))


async def officers(stage: Stage) -> None:
    """Every named person of the province gets one account; activation goes down from the unit above."""
    plan = stage.the_plan
    root = stage.officer("account_admin", "vn")
    await _accounts(stage, root, "vn", [("account_admin", province.path) for province in plan.provinces])
    for province in plan.provinces:
        inside = f"{province.path}/"
        wanted = [(role, province.path) for role in PROVINCE_ROLES]
        wanted += [(role, one.path) for one in plan.communes if one.path.startswith(inside) for role in COMMUNE_ROLES]
        boards = [seat for seat in plan.in_play.values() if seat.path.startswith(inside)]
        wanted += [(role, seat.path) for seat in boards for role in ("board_secretary", "board_head")]
        await _accounts(stage, stage.officer("account_admin", province.path), province.path, wanted)
    stage.keep_officers()


async def _accounts(stage: Stage, by: Officer, unit: str, wanted: list[tuple[str, str]]) -> None:
    names = People(f"officers {stage.seed} {unit} {wanted[0]}", "46", DAY)
    made: list[Officer] = []
    numbers: Counter[tuple[str, str]] = Counter()
    for role, where in wanted:
        numbers[role, where] += 1
        number = numbers[role, where]
        login = f"{stage.election}.{role.replace('_', '-')}{number}.{where.rsplit('/', 1)[-1].lower()}"
        female = stage.random(login).random() < 0.5
        phone = f"09{stage.random('phone ' + login).randrange(10**8):08d}"
        officer = Officer(login, names.name(female=female), role, where, _password(stage, login), phone=phone)
        made.append(officer)
        stage.officers[role, where, number] = officer
    for start in range(0, len(made), 500):
        part = made[start : start + 500]
        rows = [{"login": o.login, "name": o.name, "role": o.role, "unit": o.unit, "phone": o.phone} for o in part]
        answer = await stage.gate.act("identity/create_accounts", stage.scope(unit) | {"accounts": rows}, by)
        codes = {row["login"]: row["code"] for row in answer["activations"]}

        async def open_up(officer: Officer, codes: dict[str, str] = codes) -> None:
            await activate(stage.gate, officer, codes[officer.login])
            await sign_in(stage.gate, officer)

        await stage.each("Kích hoạt tài khoản, đăng nhập hai lớp", part, open_up, at_once=12)


async def structure(stage: Stage) -> None:
    """Constituencies and seats; a file with one seat too many is refused first."""
    plan = stage.the_plan
    await stage.clock(-80, time(9))
    national = stage.officer("nation_officer", "vn")
    wrong = [*plan.national[:-1], _with_more_seats(plan.national[-1])]
    with stage.planted.refused("cơ cấu thừa một đại biểu", "HasFindings"):
        await _load(stage, national, "vn", as_csv(wrong))

    async def heard() -> bool:
        try:
            await _load(stage, national, "vn", as_csv(plan.national))
        except Refused as refusal:
            if refusal.code == "HasFindings":
                raise
            return False
        return True

    await eventually(heard, "the units were heard and the structure of the nation is loaded")
    for province in plan.provinces:
        own = [seat for seat in plan.councils if seat.path.startswith(f"{province.path}/")]
        await _load(stage, stage.officer("province_officer", province.path), province.path, as_csv(own))


def _with_more_seats(seat: Seat) -> Seat:
    return Seat(**{**vars(seat), "seats": seat.seats + 1})


async def _load(stage: Stage, by: Officer, unit: str, content: bytes) -> None:
    file = await stage.gate.upload(content, by)
    body = stage.scope(unit) | {"file": file, "file_name": f"co-cau-{unit.replace('/', '-')}.csv"}
    await stage.gate.act("candidates/load_structure", body, by)


async def polling_areas(stage: Stage) -> None:
    """Each commune fixes its polling areas once it has heard of its constituencies."""
    plan = stage.the_plan
    people = People(f"contacts {stage.seed}", plan.provinces[0].code, DAY)
    for area in plan.areas:
        random = stage.random("contact " + area.code)
        area.contact = people.name(female=random.random() < 0.4)
        area.phone = f"09{random.randrange(10**8):08d}"

    async def fix(commune: Unit) -> None:
        own = plan.areas_in(commune)
        rows = [
            {
                "code": a.code,
                "place": a.place,
                "na": a.na,
                "pc": a.pc,
                "cc": a.cc,
                "contact": a.contact,
                "phone": a.phone,
            }
            for a in own
        ]
        by = stage.officer("list_officer", commune.path)

        async def stands() -> bool:
            try:
                await stage.gate.act("voters/fix_areas", stage.scope(commune.path) | {"areas": rows}, by)
            except Refused as refusal:
                if refusal.status == 404:
                    raise
                return False
            return True

        await eventually(stands, f"the polling areas of {commune.title} stand")

    await stage.each("Khu vực bỏ phiếu", plan.communes, fix)


async def bodies(stage: Stage) -> None:
    """Boards by the province and the communes, Teams by the communes."""
    plan = stage.the_plan
    await stage.clock(-43, time(9))
    people = People(f"members {stage.seed}", plan.provinces[0].code, DAY)

    def members(number: int, *, team: bool, head: Officer | None = None) -> list[Json]:
        roles = ["head", "secretary" if team else "deputy"] + ["member"] * (number - 2)
        named = [{"name": people.name(female=place % 2 == 1), "role": role} for place, role in enumerate(roles)]
        if head is not None:
            named[0]["name"] = head.name
        return named

    def board(seat: Seat) -> Json:
        title = {
            "NA": "Ban bầu cử đại biểu Quốc hội",
            "PC": "Ban bầu cử đại biểu HĐND",
            "CC": "Ban bầu cử đại biểu HĐND",
        }
        size = {"NA": 11, "PC": 11, "CC": 9}[seat.contest]
        head = stage.officer("board_head", seat.path)
        return _body(
            seat.path, "board", f"{title[seat.contest]} {seat.title.lower()}", members(size, team=False, head=head)
        )

    async def form(unit: str, by: Officer, made: list[Json]) -> None:
        await stage.gate.act("identity/form_bodies", stage.scope(unit) | {"bodies": made}, by)

    for province in plan.provinces:
        upper = [board(seat) for seat in plan.seats_in(province.path)]
        await form(province.path, stage.officer("province_officer", province.path), upper)

    async def commune_bodies(commune: Unit) -> None:
        made = [board(seat) for seat in plan.seats_in(commune.path)]
        for area in plan.areas_in(commune):
            number = int(area.code.rsplit("-", 1)[1])
            made.append(_body(f"{commune.path}/{area.code}", "team", f"Tổ bầu cử số {number}", members(11, team=True)))
        await form(commune.path, stage.officer("secretary", commune.path), made)

    await stage.each("Ban bầu cử, Tổ bầu cử", plan.communes, commune_bodies)


def _body(path: str, kind: str, title: str, members: list[Json]) -> Json:
    formed_on = "2026-01-04" if kind == "board" else "2026-01-31"  # the law's days (LBC 24, 25)
    document = f"Quyết định số {sum(path.encode()) % 900 + 100}/QĐ-UBND"
    return {
        "path": path, "kind": kind, "title": title, "members": members, "document": document, "formed_on": formed_on,
    }  # fmt: skip
