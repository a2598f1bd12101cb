"""The doors of passkeys: signing in and stepping up by key, adding and ending one's keys, activation by key."""

import secrets
from datetime import timedelta
from functools import cached_property
from uuid import UUID, uuid4

from services.contracts.base import StepUpNeeded, Unknown
from services.contracts.identity import CodeRefused, Done, FactorsChanged, Papers, Session
from services.contracts.passkeys import (
    BeginAssertion,
    BeginFirstKey,
    BeginKey,
    BeginStepUp,
    CeremonyOptions,
    EndKey,
    FinishFirstKey,
    FinishKey,
    KeyNotAttested,
    KeyRefused,
    KeysOfMe,
    MyKeys,
    NoKey,
    SecondFactorByKey,
    StepUpByKey,
    own_content,
)
from services.identity import ceremonies
from services.identity.ceremonies import House, WrongAnswer
from services.identity.domain import activation
from services.identity.domain.passkeys import (
    CEREMONY_LIFE,
    NONCE_BYTES,
    Binding,
    Purpose,
    advice,
    challenge_of,
    is_copy,
    needs_key,
    require_another,
)
from services.identity.doors_accounts import AccountDoors
from services.identity.doors_entry import EntryDoors, count_try, step_up_of
from services.identity.store import entry, passkeys, people
from services.identity.vault import code_hash, token_hash
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import every, rpc

_TOLD_OF_COPIES = timedelta(days=30)


class PasskeyDoors(AccountDoors, EntryDoors):
    """A person's passkeys. What a browser answers is good once, for exactly what it was asked for."""

    @cached_property
    def house(self) -> House:
        return House(self.settings.passkey_domain, self.settings.passkey_origins)

    @cached_property
    def makers(self) -> list[bytes]:
        """The certificates an attestation must reach."""
        return [self.settings.passkey_roots.read_bytes()] if self.settings.passkey_roots else []

    @rpc(public=True)
    def begin_assertion(self, request: BeginAssertion, by: Actor, tx: Transaction) -> CeremonyOptions:
        """The browser is asked for one of the person's keys, for this challenge."""
        challenge = token_hash(request.challenge)
        found = entry.challenged(tx, challenge, by.at)
        if found is None or found[0].state != "active":
            raise CodeRefused
        return self._ask_for_key(tx, Binding(Purpose.SIGN_IN, found[0].person, challenge), by)

    @rpc(public=True)
    def second_factor_by_key(self, request: SecondFactorByKey, by: Actor, tx: Transaction) -> Session:
        """A session has begun by passkey; the person's former one has ended."""
        second = self._second_try(request.challenge, by)
        binding = Binding(Purpose.SIGN_IN, second.holder.person, token_hash(request.challenge))
        self._accept_answer(request.assertion, binding, by)
        grants = people.grants_of(tx, second.holder.person, by.at)
        return self._come_in(tx, second, request.challenge, grants, by)

    @rpc(public=True)
    def begin_step_up(self, request: BeginStepUp, by: Actor, tx: Transaction) -> CeremonyOptions:
        """The browser is asked for a key to approve exactly this content in this session."""
        visit = self._visit(tx, request.token, by)
        if not passkeys.credentials_of(tx, visit.holder.person):
            raise NoKey
        binding = Binding(Purpose.STEP_UP, visit.holder.person, visit.id.bytes, request.content)
        return self._ask_for_key(tx, binding, by)

    @rpc(public=True)
    def step_up_by_key(self, request: StepUpByKey, by: Actor, tx: Transaction) -> Papers:
        """A passport that approves exactly one content, for a passkey used just now on that very content."""
        with self.db.transaction() as first:
            visit = self._visit(first, request.token, by)
            count_try(first, step_up_of(visit.id), by)
        binding = Binding(Purpose.STEP_UP, visit.holder.person, visit.id.bytes, request.content)
        self._accept_answer(request.assertion, binding, by)
        entry.forget_tries(tx, step_up_of(visit.id))
        entry.renew(tx, visit.id, by.at)
        grants = people.grants_of(tx, visit.holder.person, by.at)
        return self._papers(visit, grants, by, approves=request.content)

    @rpc(own=True, remember=False)
    def begin_key(self, request: BeginKey, by: Actor, tx: Transaction) -> CeremonyOptions:
        """The browser is asked to make a key for the person, who has just given a second factor for it."""
        if by.approves != own_content("add-key", by.person):
            raise StepUpNeeded
        return self._ask_for_new(tx, Binding(Purpose.ADD, by.person, by.session.bytes), by)

    @rpc(own=True)
    def finish_key(self, request: FinishKey, by: Actor, tx: Transaction) -> MyKeys:
        """The person has one more key."""
        self._keep_key(tx, Binding(Purpose.ADD, by.person, by.session.bytes), request, by)
        tx.emit(factors_of(tx, by.person, "added", by.person))
        return self._keys_of_asker(tx, by)

    @rpc(own=True)
    def keys_of_me(self, request: KeysOfMe, by: Actor, tx: Transaction) -> MyKeys:
        """The asker's keys, and what would be wise."""
        return self._keys_of_asker(tx, by)

    @rpc(own=True)
    def end_key(self, request: EndKey, by: Actor, tx: Transaction) -> MyKeys:
        """One of the asker's keys opens nothing any more; never the last factor."""
        if by.approves != own_content("end-key", request.id):
            raise StepUpNeeded
        passkeys.lock_factors(tx, by.person)
        known = {key.id for key in passkeys.keys_of(tx, by.person)}
        if request.id not in known:
            raise Unknown(what="khóa này")
        grants = people.grants_of(tx, by.person, by.at)
        key_needed = needs_key(grants, self.settings.passkey_roles)
        require_another(len(known) - 1, codes=passkeys.has_codes(tx, by.person), key_needed=key_needed)
        passkeys.end_key(tx, request.id, "removed", by.at)
        tx.emit(factors_of(tx, by.person, "ended", by.person))
        return self._keys_of_asker(tx, by)

    @rpc(public=True)
    def begin_first_key(self, request: BeginFirstKey, by: Actor, tx: Transaction) -> CeremonyOptions:
        """The browser is asked to make the first key of an account whose holder has just set a password."""
        pending = self._enrolling(people.newest_activation(tx, request.login), code_hash(request.code), by)
        return self._ask_for_new(tx, Binding(Purpose.FIRST, pending.person, pending.activation.bytes), by)

    @rpc(public=True)
    def finish_first_key(self, request: FinishFirstKey, by: Actor, tx: Transaction) -> Done:
        """The key works and the account is active; the one-time code is used up."""
        typed = code_hash(request.code)
        found = people.newest_activation(tx, request.login, lock=True)
        if activation.was_used_by(found, request.key, typed):
            return Done()
        pending = self._enrolling(found, typed, by)
        self._keep_key(tx, Binding(Purpose.FIRST, pending.person, pending.activation.bytes), request, by)
        passkeys.end_codes(tx, pending.person, by.at)
        people.use_activation(tx, pending.activation, request.key, by.at)
        self._advance(tx, pending, "confirm", by)
        tx.emit(factors_of(tx, pending.person, "added", None))
        return Done()

    @every(300)
    def forget_ceremonies(self, tx: Transaction) -> None:
        """What browsers were asked is forgotten an hour after nobody may answer it any more."""
        passkeys.forget_ceremonies(tx, entry.now(tx) - timedelta(hours=1))

    def _enrolling(self, found: activation.Pending | None, typed: bytes, by: Actor) -> activation.Pending:
        """The person whose code this is, once they have set a password with it; else CodeRefused."""
        return activation.opened(found, typed, by.at, "confirm")

    def _ask_for_key(self, tx: Transaction, binding: Binding, by: Actor) -> CeremonyOptions:
        known = passkeys.credentials_of(tx, binding.person)
        if not known:
            raise CodeRefused
        challenge = self._begin_ceremony(tx, binding, by)
        options = ceremonies.request_options(self.house, challenge, known)
        return CeremonyOptions(options=options, ends_at=by.at + CEREMONY_LIFE)

    def _ask_for_new(self, tx: Transaction, binding: Binding, by: Actor) -> CeremonyOptions:
        owner = passkeys.owner_of(tx, binding.person)
        maker = ceremonies.Maker(binding.person, owner.login, owner.name)
        known, direct = passkeys.credentials_of(tx, binding.person), self._must_be_attested(tx, binding.person, by)
        challenge = self._begin_ceremony(tx, binding, by)
        options = ceremonies.creation_options(self.house, challenge, maker, known, direct=direct)
        return CeremonyOptions(options=options, ends_at=by.at + CEREMONY_LIFE)

    def _begin_ceremony(self, tx: Transaction, binding: Binding, by: Actor) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        challenge = challenge_of(binding, nonce)
        passkeys.begin_ceremony(tx, challenge, nonce, binding.person, by.at + CEREMONY_LIFE)
        return challenge

    def _must_be_attested(self, tx: Transaction, person: UUID, by: Actor) -> bool:
        return needs_key(people.grants_of(tx, person, by.at), self.settings.passkey_attested_roles)

    def _accept_answer(self, answer: str, binding: Binding, by: Actor) -> None:
        """The answer is of a live key of the person, to what was asked for exactly this, for the first time.

        Else CodeRefused, for every reason the same. A counter that goes back is a copy: the key ends, whatever becomes
        of the question.
        """
        try:
            told = ceremonies.told_by(answer)
            with self.db.transaction(read_only=True) as look:
                asked = passkeys.ceremony_of(look, told.challenge, by.at)
                key = passkeys.passkey_by(look, told.credential)
            mine = key is not None and key.person == binding.person
            challenge = challenge_of(binding, asked[1] if asked else bytes(NONCE_BYTES))
            public_key = key.public_key if key is not None and mine else None
            counter = ceremonies.counter_of(self.house, answer, challenge, public_key)
        except WrongAnswer as wrong:
            raise CodeRefused from wrong
        if key is None or not self._claim_answer(key, challenge, counter, by):
            raise CodeRefused

    def _claim_answer(self, key: passkeys.Passkey, challenge: bytes, counter: int, by: Actor) -> bool:
        """Whether the answer is the first to its challenge and its counter goes on; kept whatever follows."""
        with self.db.transaction(by=by, cause="passkey") as own:
            if not passkeys.use_ceremony(own, challenge, by.at):
                return False
            known = passkeys.locked_counter(own, key.id)
            if known is None:
                return False
            if not is_copy(known, counter):
                passkeys.count_use(own, key.id, counter, by.at)
                return True
            passkeys.end_key(own, key.id, "cloned", by.at)
            own.emit(factors_of(own, key.person, "cloned", None))
        self.log.warning("passkey copied", person=str(key.person), key=str(key.id))
        return False

    def _keep_key(self, tx: Transaction, binding: Binding, request: FinishKey | FinishFirstKey, by: Actor) -> None:
        """The key the browser made is the person's; KeyRefused when it is not the answer to what was asked."""
        passkeys.lock_factors(tx, binding.person)
        try:
            told = ceremonies.told_by(request.credential)
            asked = passkeys.ceremony_of(tx, told.challenge, by.at)
            challenge = challenge_of(binding, asked[1] if asked else bytes(NONCE_BYTES))
            made = ceremonies.key_of(self.house, request.credential, challenge, self.makers)
        except WrongAnswer as wrong:
            raise KeyRefused from wrong
        if self._must_be_attested(tx, binding.person, by) and not made.attested:
            raise KeyNotAttested
        fresh = passkeys.FreshKey(
            id=uuid4(),
            person=binding.person,
            name=request.name,
            credential=made.credential,
            public_key=made.public_key,
            counter=made.counter,
            kind=made.kind,
            attested=made.attested,
            synced=made.synced,
        )
        if not passkeys.use_ceremony(tx, challenge, by.at) or not passkeys.add_key(tx, fresh, by.at):
            raise KeyRefused

    def _keys_of_asker(self, tx: Transaction, by: Actor) -> MyKeys:
        keys, codes = passkeys.keys_of(tx, by.person), passkeys.has_codes(tx, by.person)
        copied = passkeys.copied_lately(tx, by.person, by.at - _TOLD_OF_COPIES)
        return MyKeys(keys=keys, codes=codes, findings=advice(len(keys), codes=codes, copied=copied))


def factors_of(tx: Transaction, person: UUID, cause: str, by: UUID | None) -> FactorsChanged:
    """The second factors of a person as they are now."""
    owner = passkeys.owner_of(tx, person)
    keys, codes = passkeys.keys_of(tx, person), passkeys.has_codes(tx, person)
    return FactorsChanged(person=person, login=owner.login, keys=keys, codes=codes, cause=cause, by=by)
