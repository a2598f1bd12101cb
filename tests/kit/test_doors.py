"""A door validates, judges, answers once for each key and leaves no trace when it refuses; without a broker."""

import json
import time
from datetime import timedelta
from uuid import uuid4

import pytest

from services.contracts.base import (
    BadRequest,
    Grant,
    KeyReused,
    NotAllowed,
    NotSignedIn,
    Passport,
    TooLate,
)
from services.kit.entrypoints import rpc
from services.kit.faults import Unexpected
from services.kit.passports import new_key, sign
from services.kit.pipeline import Call, answer
from tests.kit.shop import (
    CLERK,
    Add,
    CounterChanged,
    Full,
    Look,
    MirrorBase,
    MirrorService,
    ShopBase,
    ShopService,
    Sign,
)


@pytest.fixture
def db(own_database):
    return own_database("shop", ShopBase.metadata)


@pytest.fixture
def shop(hands, db):
    return hands(ShopService, db)


@pytest.fixture
def clerk(passport):
    return passport(grants=[CLERK])


def add(counter="a", amount=1, key=None):
    return Add(key=key or uuid4(), counter=counter, amount=amount)


def test_an_act_is_saved_told_and_answered(shop, db, clerk, told):
    assert shop.add(add(amount=2), by=clerk).total == 2
    assert shop.add(add(amount=3), by=clerk).total == 5

    assert [(e.version, e.data["total"]) for e in told(db)] == [(1, 2), (2, 5)]
    assert shop.look(Look(counter="a"), by=clerk).total == 5


def test_the_same_key_is_answered_again_and_counts_once(shop, db, clerk, told):
    act = add(amount=2)

    first, second = shop.add(act, by=clerk), shop.add(act, by=clerk)

    assert first == second
    assert len(told(db)) == 1


def test_a_key_used_for_another_request_is_refused(shop, clerk):
    act = add(amount=2)
    shop.add(act, by=clerk)

    with pytest.raises(KeyReused):
        shop.add(act.model_copy(update={"amount": 3}), by=clerk)


def test_the_same_key_of_another_person_is_another_act(shop, passport):
    act = add(amount=2)

    assert shop.add(act, by=passport(grants=[CLERK])).total == 2
    assert shop.add(act, by=passport(grants=[CLERK])).total == 4


def test_a_refused_act_leaves_no_trace_and_may_be_tried_again(shop, db, clerk, told):
    act = add(amount=2_000_000)
    for _ in range(2):
        with pytest.raises(Full) as refused:
            shop.add(act, by=clerk)

    assert refused.value.facts == {"counter": "a"}
    assert told(db) == []
    assert shop.look(Look(counter="a"), by=clerk).total == 0


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b"{", ["K009"]),
        (b"[]", ["K006"]),
        (b'{"key":"x","counter":1,"amount":-1,"more":2}', ["K002", "K004", "K006", "K006"]),
        (b'{"counter":"a","amount":1.5}', ["K001", "K003"]),
        (b'{"key":"6f9619ff-8b86-4011-b42d-00c04fc964ff","counter":"a","amount":true}', ["K003"]),
        (b'{"key":"6f9619ff-8b86-4011-b42d-00c04fc964ff","counter":"a\\u0000","amount":1}', ["K008"]),
        (b'{"key":"6f9619ff-8b86-4011-b42d-00c04fc964ff","counter":"a","amount":99999999999999999999}', ["K004"]),
        (b'{"key":"6f9619ff-8b86-4011-b42d-00c04fc964ff","counter":"a","amount":1e400}', ["K006"]),
        (b'{"key":"6f9619ff-8b86-4011-b42d-00c04fc964ff","counter":"\\ud800","amount":1}', ["K009"]),
    ],
)
def test_every_fault_of_a_body_is_a_finding(shop, clerk, body, codes):
    with pytest.raises(BadRequest) as refused:
        shop.add(body, by=clerk)

    assert sorted(finding.code for finding in refused.value.findings) == codes
    assert all(finding.vi and finding.en for finding in refused.value.findings)


def test_text_with_nul_and_numbers_no_column_holds_are_refused_even_where_the_contract_is_lax(shop, clerk):
    with pytest.raises(BadRequest):
        shop.look(b'{"counter":"a\\u0000b"}', by=clerk)
    with pytest.raises(BadRequest):
        shop.look(json.dumps({"counter": "a", "big": 2**63}).encode(), by=clerk)


def test_what_the_database_refuses_is_a_bad_request_and_any_other_failure_an_incident(shop, clerk):
    with pytest.raises(BadRequest):
        shop.crash(Look(counter="type"), by=clerk)
    with pytest.raises(Unexpected) as incident:
        shop.crash(Look(counter="secret"), by=clerk)

    assert "secret" not in str(incident.value)


def test_without_a_passport_or_with_a_forged_or_old_one_nobody_enters(shop, signing_key):
    someone = Passport(person=uuid4(), name="x", session=uuid4(), grants=(CLERK,))
    good = sign(someone, signing_key)
    head, claims, mark = good.split(".")
    forged = [
        None,
        "",
        "abc",
        sign(someone, new_key()),
        sign(someone, signing_key, timedelta(seconds=-1)),
        f"{head}.{claims}.{mark[::-1]}",
        f"eyJhbGciOiJub25lIn0.{claims}.",
    ]

    for token in forged:
        with pytest.raises(NotSignedIn):
            shop.look(Look(counter="a"), by=token)
    assert shop.look(Look(counter="a"), by=good).total == 0
    assert shop.hello(Look(counter="a")).total == 0


def test_a_passport_remembered_as_good_ends_in_time(shop, signing_key):
    someone = Passport(person=uuid4(), name="x", session=uuid4(), grants=(CLERK,))
    short = sign(someone, signing_key, timedelta(seconds=1))
    shop.look(Look(counter="a"), by=short)
    time.sleep(1.1)

    with pytest.raises(NotSignedIn):
        shop.look(Look(counter="a"), by=short)


def test_a_role_without_the_action_may_not(shop, passport):
    with pytest.raises(NotAllowed):
        shop.add(add(), by=passport(grants=[Grant(role="guest", scope="*")]))


def test_past_its_deadline_a_call_is_not_executed(shop, db, clerk, told):
    door = shop._doors["add"]

    with pytest.raises(TooLate):
        answer(shop.service, door, Call(add().model_dump_json().encode(), clerk, deadline=time.time() - 1))

    assert told(db) == []


def test_a_door_without_a_permission_does_not_start():
    with pytest.raises(TypeError):
        rpc()
    with pytest.raises(TypeError):
        rpc(may="add", public=True)


def test_a_door_that_promised_to_judge_and_did_not_is_an_error(shop, clerk, passport):
    with pytest.raises(NotAllowed):
        shop.careless(Look(counter="a"), by=passport(grants=[Grant(role="guest", scope="*")]))
    with pytest.raises(Unexpected):
        shop.careless(Look(counter="a"), by=clerk)


def test_a_remote_call_inside_a_transaction_is_an_error(hands, own_database, shop, clerk):
    mirror = hands(MirrorService, own_database("mirror", MirrorBase.metadata), shop=shop)

    assert mirror.peek(Look(counter="a"), by=clerk).total == 0
    with pytest.raises(Full):
        mirror.pass_on(add(amount=2_000_000), by=clerk)
    with pytest.raises(Unexpected):
        mirror.improper(Look(counter="a"), by=clerk)


def test_a_query_cannot_write(shop, db, clerk):
    with db.transaction(read_only=True) as tx, pytest.raises(RuntimeError):
        tx.emit(CounterChanged(counter="a", total=1))


def test_versions_are_gapless_and_thousands_are_told_at_once(db, told):
    with db.transaction() as tx:
        tx.emit_all(CounterChanged(counter=f"c{n % 100}", total=n) for n in range(5000))

    letters = told(db)
    assert [e.data["total"] for e in letters] == list(range(5000))
    assert [e.version for e in letters if e.aggregate == "c7"] == list(range(1, 51))


def test_a_timer_a_signal_and_an_invariant_run(shop, db, clerk):
    shop.add(add(amount=0), by=clerk)
    shop.add(add(counter="b", amount=4), by=clerk)

    assert shop.tidy() is True
    assert shop.signals() == {"hp_shop_total": 4}
    assert shop.invariants() == {"no counter is negative": 0}


def test_what_is_spawned_runs_after_the_commit(shop, db, clerk, told):
    seen = []
    with db.transaction() as tx:
        from services.kit.work import Work, current

        reset = current.set(Work(tx=tx))
        tx.emit(CounterChanged(counter="a", total=1))
        shop.service.spawn(lambda: seen.append(len(told(db))))
        current.reset(reset)
        assert seen == []

    assert seen == [1]


def test_a_public_act_is_not_remembered_because_its_answer_may_be_a_secret(shop):
    assert not shop._doors["hello"].remembers
    assert shop._doors["shout"].remembers
    assert shop.hello(Look(counter="a")).by.int == 0
    with pytest.raises(NotSignedIn):
        shop.shout(Sign(key=uuid4(), counter="a"))
