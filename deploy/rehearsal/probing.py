"""Bodies no API should fall over: each must be refused with a 4xx, a code and a sentence, and change nothing."""

from uuid import uuid4

import httpx

from deploy.rehearsal.gate import Officer
from deploy.rehearsal.stage import Stage


async def bad_bodies(stage: Stage) -> None:
    """Wrong type, unknown field, NUL, too large, decomposed, replayed key, wrong unit, no passport, forged passport."""
    commune = stage.the_plan.communes[0]
    by = stage.officer("secretary", commune.path)
    area = stage.the_plan.areas_in(commune)[0]
    scope = stage.scope(commune.path)
    row = {"area": area.code, "took_part": 1}
    good = scope | {"key": str(uuid4()), "slot": "19:00", "rows": [row]}
    bodies: dict[str, object] = {
        "sai kiểu": good | {"rows": "không phải danh sách"},
        "trường lạ": good | {"khong_co": 1},
        "ký tự NUL": good | {"rows": [row | {"reason": "a\x00b"}]},
        "số quá lớn": good | {"rows": [row | {"took_part": 2**70}]},
        "số âm": good | {"rows": [row | {"took_part": -1}]},
        "số thực": good | {"rows": [row | {"took_part": 1.5}]},
        "thiếu mã yêu cầu": {name: value for name, value in good.items() if name != "key"},
        "không phải đối tượng": [good],
        "đơn vị lạ": good | {"unit": "vn/99/99999"},
        "đường dẫn sai dạng": good | {"unit": "vn/../46"},
        "cuộc bầu cử lạ": good | {"election": "dien-tap-999999"},
    }
    for words, body in bodies.items():
        answer = await stage.gate.raw("POST", "/api/v1/results/report_turnout", json=body, headers=_bearer(by))
        _judge(stage, words, answer)
    await _other_ways(stage, good, by)


async def _other_ways(stage: Stage, good: dict[str, object], by: Officer) -> None:
    path = "/api/v1/results/report_turnout"
    raw = stage.gate.raw
    json_type = {"Content-Type": "application/json"}
    _judge(stage, "JSON hỏng", await raw("POST", path, content=b'{"a":', headers=_bearer(by) | json_type))
    _judge(stage, "không có phiên", await raw("POST", path, json=good))
    _judge(stage, "phiên giả", await raw("POST", path, json=good, headers={"Authorization": "Bearer gia-mao"}))
    _judge(stage, "cửa không có", await raw("POST", "/api/v1/results/xoa_het", json=good, headers=_bearer(by)))
    _judge(stage, "quá lớn", await raw("POST", path, content=b"[" * 3_000_000, headers=_bearer(by) | json_type))


def _judge(stage: Stage, words: str, answer: httpx.Response) -> None:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    told = isinstance(body, dict) and bool(body.get("code")) and bool(body.get("vi"))
    stage.planted.make(
        f"yêu cầu hỏng: {words}", caught=400 <= answer.status_code < 500 and told, what=answer.text[:200]
    )


def _bearer(by: Officer) -> dict[str, str]:
    return {"Authorization": f"Bearer {by.token}"}


async def same_key_twice(stage: Stage) -> None:
    """The same act sent twice with one key happens once; another act with that key is refused."""
    commune = stage.the_plan.communes[0]
    by = stage.officer("secretary", commune.path)
    key = str(uuid4())
    body = stage.scope(commune.path) | {
        "key": key, "kind": "other", "happened_at": "2026-03-15T03:00:00+00:00", "what": "Gửi lặp vì mạng chậm",
    }  # fmt: skip
    first = await stage.gate.act("results/report_incident", body, by)
    second = await stage.gate.act("results/report_incident", body, by)
    stage.planted.make("gửi lặp cùng mã", caught=first["number"] == second["number"], what=f"{first} {second}")
    with stage.planted.refused("một mã cho hai việc", "KeyReused"):
        await stage.gate.act("results/report_incident", body | {"what": "Việc khác"}, by)
    settle = stage.scope(commune.path) | {"number": first["number"], "how": "Không có gì"}
    await stage.gate.act("results/settle_incident", settle, by)
