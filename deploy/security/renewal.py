"""S7: tokens that come back after their successor took over, also in races: none opens anything, the family dies."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from deploy.chaos.verdict import Plan, Verdict
from deploy.security.ground import Ground, Who, over_grace, own_ground
from services.contracts.base import NotSignedIn
from services.contracts.identity import OpenPassport
from services.contracts.passkeys import RenewSession

AT_ONCE = 4
DEAD_WITHIN = 1.0  # seconds
PATIENCE = 20.0  # seconds after which a family that does not die is left alone and counted


def renewal(plan: Plan) -> Verdict:
    """`make security SCENARIO=renewal`: 10,000 reuses."""
    with own_ground(plan.folder) as ground:
        return reused(ground, plan.either(200, 10_000))


def opens(ground: Ground, token: str) -> bool:
    """Whether a token still opens a passport."""
    try:
        ground.identity.open_passport(OpenPassport(token=token))
    except NotSignedIn:
        return False
    return True


def renewed(ground: Ground, token: str) -> str | None:
    """The successor of a token, None when it has none to give."""
    try:
        answer = ground.identity.renew_session(RenewSession(key=uuid4(), token=token))
    except NotSignedIn:
        return None
    return str(answer.token)


def reused(ground: Ground, wanted: int) -> Verdict:
    """One session after the other is renewed in a race, used on, and its first token comes back in a race."""
    told, crowd = Verdict("renewal"), ground.people(20)
    counted = {"reuses": 0, "valid": 0, "survived": 0, "successors": 0, "races": 0}
    slowest, began = 0.0, time.monotonic()
    with ThreadPoolExecutor(2 * AT_ONCE) as pool:
        while counted["reuses"] < wanted:
            slowest = max(slowest, _one(ground, crowd[counted["races"] % 20], pool, counted))
            if counted["races"] % 250 == 0:
                print(f"{counted['reuses']} reuses, {time.monotonic() - began:.0f} s", flush=True)
    told.require("reuses", counted["reuses"], least=wanted)
    told.require("valid", counted["valid"], most=0)
    told.require("families_alive", counted["survived"], most=0)
    told.require("successors_of_a_race", counted["successors"] / counted["races"], least=1, most=1)
    told.require("dead_after", round(slowest, 3), most=DEAD_WITHIN)
    reused_told = "SELECT count(*) FROM outbox WHERE topic = 'identity.session_ended' AND data->>'reason' = 'reused'"
    told.require("told", ground.number(reused_told), least=counted["races"], most=counted["races"])
    return told


def _one(ground: Ground, who: Who, pool: ThreadPoolExecutor, counted: dict[str, int]) -> float:
    """One family: seconds from the answer to the first reuse until its newest token was refused."""
    first = ground.session(who)
    successors = set(pool.map(lambda _: renewed(ground, first), range(AT_ONCE)))
    second = next(iter(successors))
    assert second is not None
    assert all(pool.map(lambda token: opens(ground, token), [second, first, second, first]))
    newest = second if counted["races"] % 2 else str(renewed(ground, second))
    over_grace(ground, first)
    back = [pool.submit(_answered, ground, first) for _ in range(AT_ONCE)]  # thief or owner: nobody knows which
    until = time.monotonic() + PATIENCE
    while opens(ground, newest) and time.monotonic() < until:
        pass  # whoever holds the newest token goes on working while the old one comes back
    dead_at = time.monotonic()
    answers = [each.result() for each in back]
    counted["survived"] += opens(ground, newest) + opens(ground, second)
    counted["valid"] += sum(opened for opened, _ in answers) + (renewed(ground, first) is not None)
    counted["reuses"] += AT_ONCE + 1
    counted["successors"] += len(successors)
    counted["races"] += 1
    return max(0.0, dead_at - min(at for _, at in answers))


def _answered(ground: Ground, token: str) -> tuple[bool, float]:
    """Whether the token opened, and when that was known."""
    return opens(ground, token), time.monotonic()
