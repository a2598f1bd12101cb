"""An election called in a fresh database, with the units known and a register to ask."""

import pytest

from services.candidates.models import Base
from services.candidates.service import CandidatesService
from services.contracts.candidates import Contest, LoadStructure, PlaceCandidates, Placement, PublishLists
from services.contracts.roles import Role
from services.kit.concealed import Concealer, ConcealingSettings
from services.kit.database import Database
from services.kit.files import FileStore
from tests.candidates.factories import (
    ELECTION,
    KEY,
    Register,
    calling,
    confirming,
    hue_rows,
    identity,
    na_rows,
    noon,
    numbered,
    officer,
    receiving,
    showing,
    unit_events,
    uuid4,
    written,
)
from tests.hands import Hands

CONSULTATION = "biên bản hiệp thương lần ba số 3"


@pytest.fixture(scope="session")
def prepared(databases, signing_key, passport_keys, tmp_path_factory):
    """`prepared("hue")` → a fresh copy of a database where that much has happened; what happened is done once."""
    made = {}

    def happen(what):
        url = databases.fresh("candidates", Base.metadata)
        db, files = Database(url), tmp_path_factory.mktemp("files")
        settings = ConcealingSettings(database_url=url, personal_number_key=KEY, files_url=str(files))
        doors = Hands(CandidatesService, db, signing_key, passport_keys, voters=Register(), settings=settings)
        for step in STEPS[: list(HAPPENED).index(what) + 1]:
            step(doors, FileStore(str(files)))
        db.close()
        return url.rsplit("/", 1)[1]

    def copy(what):
        template = made.get(what) or made.setdefault(what, happen(what))
        return databases.copy("candidates", template)

    return copy


def call(doors, _files):
    """A rehearsal is called; its clock shows 20/1/2026."""
    doors.call_election(calling(), by=OFFICE)
    doors.set_clock(showing(noon(20, 1)), by=OFFICE)


def tell_units(doors, _files):
    """All units of the nation were heard."""
    told = list(unit_events())
    for start in range(0, len(told), 500):
        doors.hear(told[start : start + 500])


def load_both(doors, files):
    """Both structures of Huế stand."""
    for rows, unit in ((na_rows(), "vn"), (hue_rows(), "vn/46")):
        doors.load_structure(structure_file(files, rows, unit), by=OFFICE)


def structure_file(files, rows, unit):
    content = rows if isinstance(rows, bytes) else written(rows)
    return LoadStructure(key=uuid4(), election=ELECTION, unit=unit, file=files.put(content), file_name="cơ cấu.csv")


OFFICE = officer(Role.NATION_OFFICER, "vn", "Văn phòng")
STEPS = [call, tell_units, load_both]
HAPPENED = ("called", "units_known", "hue")


@pytest.fixture
def db(request, own_database, databases, prepared):
    """The service's database, with what the test's fixtures say has happened."""
    happened = [what for what in HAPPENED if what in request.fixturenames]
    if not happened:
        yield own_database("candidates")
        return
    database = Database(prepared(happened[-1]), pool=5)
    yield database
    database.close()
    databases.drop(database.url)


@pytest.fixture
def register():
    return Register()


@pytest.fixture
def files(tmp_path):
    return FileStore(str(tmp_path / "files"))


@pytest.fixture
def candidates(hands, db, register, tmp_path):
    settings = ConcealingSettings(database_url=db.url, personal_number_key=KEY, files_url=str(tmp_path / "files"))
    return hands(CandidatesService, db, voters=register, settings=settings)


@pytest.fixture
def office():
    return OFFICE


@pytest.fixture
def called(candidates):
    """A rehearsal is called; see `call`."""


@pytest.fixture
def units_known(called):
    """All units of the nation were heard; see `tell_units`."""


@pytest.fixture
def hue(units_known):
    """Both structures of Huế stand; see `load_both`."""


@pytest.fixture
def loading(candidates, files, office):
    """`loading(rows, unit)` loads a structure file."""

    def load(rows, unit="vn", by=office):
        return candidates.load_structure(structure_file(files, rows, unit), by=by)

    return load


@pytest.fixture
def concealer():
    return Concealer(KEY)


class Story:
    """The way of dossiers through the doors, with one person for each duty."""

    def __init__(self, candidates, register, concealer):
        self.candidates, self.register, self.concealer = candidates, register, concealer
        self.desk = officer(Role.PERSONNEL, name="Người nhận")
        self.checker = officer(Role.PERSONNEL, name="Người đối chiếu")
        self.second = officer(Role.PERSONNEL_CONFIRMER, name="Người xác nhận")
        self.head = officer(Role.COMMISSION_HEAD, name="Chủ tịch UBBC")

    def received(self, *people, contest=Contest.PC):
        cards = []
        for who in people or (identity(),):
            self.register.holds(who, self.concealer.conceal(who.personal_number))
            cards.append(self.candidates.receive_dossier(receiving(who, contest), by=self.desk))
        return cards

    def checking(self, cards, unit="vn/46"):
        from services.contracts.candidates import CheckIdentity

        return CheckIdentity(key=uuid4(), election=ELECTION, unit=unit, dossiers=tuple(card.dossier for card in cards))

    def checked(self, *people, contest=Contest.PC):
        cards = self.received(*people, contest=contest)
        return list(self.candidates.check_identity(self.checking(cards), by=self.checker).dossiers)

    def confirmed(self, *people, contest=Contest.PC):
        cards = self.checked(*people, contest=contest)
        return list(self.candidates.confirm_identity(confirming(*cards), by=self.second).dossiers)

    def placing(self, cards, constituency="PC-46-01", unit="vn/46"):
        placements = tuple(Placement(dossier=card.dossier, constituency=constituency) for card in cards)
        return PlaceCandidates(
            key=uuid4(), election=ELECTION, unit=unit, placements=placements, consultation=CONSULTATION
        )

    def placed(self, *people, constituency="PC-46-01", contest=Contest.PC):
        cards = self.confirmed(*people, contest=contest)
        return list(self.candidates.place_candidates(self.placing(cards, constituency), by=self.desk).dossiers)

    def publishing(self, *constituencies, unit="vn/46"):
        return PublishLists(
            key=uuid4(), election=ELECTION, unit=unit, constituencies=constituencies, document="151/NQ-UBBC"
        )

    def publish(self, *constituencies):
        return self.candidates.publish_lists(self.publishing(*constituencies), by=self.head)


@pytest.fixture
def story(candidates, register, concealer):
    return Story(candidates, register, concealer)


@pytest.fixture
def people():
    """`people("Lê A", "Lê B")`: men of those names with numbers of their own."""
    count = [0]

    def make(*names, **changes):
        from datetime import date

        from services.contracts.candidates import Sex

        found = []
        for name in names:
            count[0] += 1
            born = changes.get("birth_date", date(1980, 1, 1))
            sex = changes.get("sex", Sex.MALE)
            number = numbered(count[0], sex, born.year)
            found.append(identity(name, number, **{"birth_date": born, "sex": sex, **changes}))
        return found

    return make
