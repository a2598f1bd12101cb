"""The count: form 32, records entered twice blind, slips found and resolved, approvals with a second factor."""

from dataclasses import dataclass, field
from datetime import time
from hashlib import sha256

from deploy.rehearsal.gate import Json, Officer, Refused
from deploy.rehearsal.people import People
from deploy.rehearsal.stage import DAY, Stage
from deploy.rehearsal.structure import Area, Unit
from deploy.rehearsal.votes import Paper

CONTESTS = ("NA", "PC", "CC")
ONLY_ODD = {"P1", "P2", "P3"}
"""Findings of plausibility that a true paper may have by chance; the typist looks and confirms."""
Papers = dict[tuple[str, str], Paper]


@dataclass
class Slips:
    """Which entries will be typed wrong, and which papers do not balance."""

    first: set[tuple[str, str]] = field(default_factory=set)
    second: set[tuple[str, str]] = field(default_factory=set)
    unbalanced: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def plan(cls, stage: Stage, papers: Papers) -> "Slips":
        """Two in a hundred entries slip; one paper in two hundred does not balance."""
        tried = (stage.the_plan.areas[0].code, CONTESTS[0])  # this one shows that nobody enters twice
        keys = sorted(papers.keys() - {tried})
        stage.random("entry slips").shuffle(keys)
        some = max(2, len(keys) // 100)
        few = max(1, len(keys) // 200)
        return cls(set(keys[:some]), set(keys[some : 2 * some]), set(keys[2 * some : 2 * some + few]))


async def ballot_use(stage: Stage, papers: Papers) -> None:
    """Form 32 of every Team, before its boxes are opened."""
    await stage.clock(0, time(19, 40))
    people = People(f"form 32 {stage.seed}", stage.the_plan.provinces[0].code, DAY)

    def body(area: Area) -> Json:
        uses = []
        for contest in CONTESTS:
            paper = papers[area.code, contest]
            received, spoiled = paper.voters + 20, 2
            unused = received - paper.issued - spoiled
            use = {
                "contest": contest,
                "received": received,
                "issued": paper.issued,
                "spoiled": spoiled,
                "unused": unused,
            }
            uses.append(use)
        return {"area": area.code, "uses": uses, "witnesses": [people.name(female=False), people.name(female=True)]}

    first = stage.the_plan.areas[0]
    wrong = body(first)
    wrong["uses"][0] = wrong["uses"][0] | {"unused": wrong["uses"][0]["unused"] + 1}
    by = stage.officer("typist", first.commune.path)
    with stage.planted.refused("kiểm kê phiếu không cân", "C4"):
        await stage.gate.act("results/record_ballot_use", stage.scope(first.commune.path) | wrong, by)

    async def record(area: Area) -> None:
        scope = stage.scope(area.commune.path)
        await stage.gate.act(
            "results/record_ballot_use", scope | body(area), stage.officer("typist", area.commune.path)
        )

    await stage.each("Kiểm kê phiếu, mẫu 32", stage.the_plan.areas, record)


async def records(stage: Stage, papers: Papers) -> None:
    """Each commune's two typists enter all its records; neither enters one twice."""
    await stage.clock(0, time(21, 30))
    slips = Slips.plan(stage, papers)
    bar = stage.progress.add_task("Nhập biên bản, hai lần độc lập", total=2 * len(papers))

    async def commune_count(commune: Unit) -> None:
        areas = stage.the_plan.areas_in(commune)
        typists = [stage.officer("typist", commune.path, number) for number in (1, 2)]
        keys = [(area.code, contest) for area in areas for contest in CONTESTS]
        if commune == stage.the_plan.communes[0]:
            await _same_typist_twice(stage, commune, papers, keys[0], typists)
            stage.progress.advance(bar, 2)
            keys = keys[1:]
        for round_ in (0, 1):
            for place, key in enumerate(keys):
                typist = typists[(place + round_) % 2]
                await _enter(stage, commune, papers[key], typist, second=bool(round_), slips=slips)
                stage.progress.advance(bar)
        await _compare(stage, commune, papers, slips)

    await stage.each("Xã, phường nhập xong", stage.the_plan.communes, commune_count, at_once=40)


async def _same_typist_twice(
    stage: Stage, commune: Unit, papers: Papers, key: tuple[str, str], typists: list[Officer]
) -> None:
    paper = papers[key]
    if stage.the_plan.communes[1:]:
        stranger = stage.officer("typist", stage.the_plan.communes[1].path)
        with stage.planted.refused("người nhập của xã khác", "NotAllowed"):
            await _submit(stage, commune, paper, paper.figures(), stranger)
    await _submit(stage, commune, paper, paper.figures(), typists[0])
    with stage.planted.refused("một người nhập cả hai lần", "SamePerson", "FirstEntryIsYours"):
        await _submit(stage, commune, paper, paper.figures(), typists[0])
    await _submit(stage, commune, paper, paper.figures(), typists[1])


async def _submit(
    stage: Stage, commune: Unit, paper: Paper, figures: Json, typist: Officer, *, as_paper: bool = False
) -> Json:
    scope = stage.scope(commune.path) | {"area": paper.area, "contest": paper.contest}
    await stage.gate.act("results/claim_record", scope, typist)
    body = scope | {"figures": figures, "as_paper": as_paper}
    try:
        return await stage.gate.act("results/submit_entry", body, typist)
    except Refused as refusal:
        if refusal.code != "HasFindings" or {finding["code"] for finding in refusal.findings} - ONLY_ODD:
            raise
    return await stage.gate.act("results/submit_entry", body | {"as_paper": True}, typist)  # the paper does say so


async def _enter(stage: Stage, commune: Unit, paper: Paper, typist: Officer, *, second: bool, slips: Slips) -> None:
    key = (paper.area, paper.contest)
    if key in slips.unbalanced:
        await _enter_unbalanced(stage, commune, paper, typist)
        return
    slip = key in (slips.second if second else slips.first)
    figures = _with_slip(paper) if slip else paper.figures()
    told_apart = second and key in slips.first  # D1 asks to look at the paper again; the paper says so
    outcome = await _submit(stage, commune, paper, figures, typist, as_paper=slip or told_apart)
    if second and (slip or key in slips.first):
        caught = outcome["state"] in ("differs", "faulty") and bool(outcome["differing"])
        stage.planted.make("gõ nhầm một lần nhập", caught=caught, what=str(outcome))


def _with_slip(paper: Paper) -> Json:
    """Two candidates' figures typed in each other's row: it still adds up, so only the second entry can tell."""
    figures = paper.figures()
    votes = list(paper.votes)
    other = next((at for at in range(1, len(votes)) if votes[at] != votes[0]), None)
    if other is None:
        return figures | {"took_part": paper.took_part - 1}
    votes[0], votes[other] = votes[other], votes[0]
    return figures | {"votes": votes}


async def _enter_unbalanced(stage: Stage, commune: Unit, paper: Paper, typist: Officer) -> None:
    figures = paper.figures() | {"invalid": paper.invalid + 3}
    with stage.planted.refused("biên bản không cân số", "C1"):
        await _submit(stage, commune, paper, figures, typist)
    await _submit(stage, commune, paper, figures, typist, as_paper=True)


async def _compare(stage: Stage, commune: Unit, papers: Papers, slips: Slips) -> None:
    """The checker looks at the paper wherever the entries differ, and sends back what does not add up."""
    checker = stage.officer("checker", commune.path)
    mine = [(area.code, contest) for area in stage.the_plan.areas_in(commune) for contest in CONTESTS]
    for key in (key for key in mine if key in slips.first | slips.second):
        scope = stage.scope(commune.path) | {"area": key[0], "contest": key[1]}
        read = await stage.gate.ask("results/comparison_of", checker, **scope)
        body = scope | {"figures": papers[key].figures(), "content": read["content"], "reason": "So với biên bản giấy"}
        outcome = await stage.gate.act("results/resolve_record", body, checker)
        assert outcome["state"] == "waiting", outcome
    for key in (key for key in mine if key in slips.unbalanced):
        scope = stage.scope(commune.path) | {"area": key[0], "contest": key[1]}
        body = scope | {"reason": "Hợp lệ cộng không hợp lệ khác thu vào; Tổ bầu cử lập lại biên bản"}
        await stage.gate.act("results/return_record", body, checker)
        for number in (1, 2):
            typist = stage.officer("typist", commune.path, number)
            await _submit(stage, commune, papers[key], papers[key].figures(), typist)


async def approvals(stage: Stage) -> None:
    """The approver reads all waiting records of the commune and approves exactly these, with one second factor."""
    await stage.clock(0, time(23, 15))
    first = stage.the_plan.communes[0]
    await _without_second_factor(stage, first)
    total = len(stage.the_plan.areas) * 3

    async def approve(commune: Unit) -> int:
        by = stage.officer("approver", commune.path)
        waiting = await stage.gate.ask("results/waiting_approval", by, **stage.scope(commune.path))
        refs = _refs(waiting)
        body = stage.scope(commune.path) | {"records": refs}
        await stage.gate.act("results/approve_records", body, by, approve=batch_hash(refs))
        return len(refs)

    approved = await stage.each("Phê duyệt bằng xác thực hai lớp", stage.the_plan.communes, approve)
    assert sum(approved) == total, f"{sum(approved)} records approved of {total}"


def _refs(waiting: Json) -> list[Json]:
    return [{name: row[name] for name in ("area", "contest", "content")} for row in waiting["records"]]


def batch_hash(refs: list[Json]) -> str:
    """What a second factor is bound to when several contents are approved together."""
    return sha256("\n".join(sorted(ref["content"] for ref in refs)).encode()).hexdigest()


async def _without_second_factor(stage: Stage, commune: Unit) -> None:
    by = stage.officer("approver", commune.path)
    refs = _refs(await stage.gate.ask("results/waiting_approval", by, **stage.scope(commune.path)))
    body = stage.scope(commune.path) | {"records": refs}
    with stage.planted.refused("phê duyệt không xác thực lại", "StepUpNeeded"):
        await stage.gate.act("results/approve_records", body, by)
    stale = [refs[0] | {"content": "0" * 64}]
    with stage.planted.refused("phê duyệt nội dung đã khác", "StaleVersion"):
        await stage.gate.act("results/approve_records", body | {"records": stale}, by, approve=batch_hash(stale))
    typist = stage.officer("typist", commune.path)
    with stage.planted.refused("người nhập tự phê duyệt", "NotAllowed"):
        await stage.gate.act("results/approve_records", body, typist)
