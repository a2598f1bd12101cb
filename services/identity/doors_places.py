"""The doors to units and bodies."""

from services.contracts.base import require_nothing_blocks
from services.contracts.roles import Action
from services.contracts.units import (
    Bodies,
    BodiesFormed,
    BodiesOf,
    BodyFormed,
    FormBodies,
    LoadUnits,
    Units,
    UnitsBelow,
)
from services.identity.desk import Desk
from services.identity.domain import bodies, units
from services.identity.domain.conflicts import finding_of
from services.identity.doors_bodies import look_again
from services.identity.reference import province_facts
from services.identity.store import conflicts, people, places
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import rpc


class PlaceDoors(Desk):
    """Where an election happens, and which bodies run it."""

    @rpc(may=Action.LOAD_UNITS)
    def load_units(self, request: LoadUnits, by: Actor, tx: Transaction) -> Units:
        """The map of election day stands; only what changed is told."""
        findings = units.findings_of(request.units, province_facts())
        require_nothing_blocks(findings)
        places.one_change_at_a_time(tx, "units")
        changed = units.changed(request.units, places.all_units(tx))
        places.save_units(tx, changed)
        tx.emit_all(units.defined(unit) for unit in changed)
        return Units(units=units.in_order(request.units), findings=findings)

    @rpc(public=True)
    def units_below(self, request: UnitsBelow, by: Actor, tx: Transaction) -> Units:
        """The unit at a path and all below it; units are public."""
        return Units(units=places.units_below(tx, request.path))

    @rpc(may=Action.FORM_BODIES)
    def form_bodies(self, request: FormBodies, by: Actor, tx: Transaction) -> BodiesFormed:
        """The bodies stand as the founding documents say, without candidates (LBC 27); only what changed is told."""
        known = places.known_paths(tx, bodies.units_named(request.bodies))
        logins = people.taken_logins(tx, bodies.logins_named(request.bodies))
        late = bodies.late_findings(request.bodies, conflicts.day_of(tx, request.election))
        basic = bodies.findings_of(request.bodies, request.unit, known)
        findings = require_nothing_blocks((*basic, *bodies.login_findings(request.bodies, logins), *late))
        places.one_change_at_a_time(tx, f"bodies/{request.election}")
        standing = places.bodies_at(tx, request.election, [body.path for body in request.bodies])
        changed = [body for body in request.bodies if standing.get(body.path) != body]
        places.save_bodies(tx, request.election, changed, by.person, by.at)
        tx.emit_all(BodyFormed(election=request.election, body=bodies.told(body)) for body in changed)
        found = look_again(tx, request.election, paths=[body.path for body in request.bodies])
        against = require_nothing_blocks(finding_of(match) for match in found)
        return BodiesFormed(formed=len(request.bodies), findings=(*findings, *against))

    @rpc(may=Action.READ_ELECTION)
    def bodies_of(self, request: BodiesOf, by: Actor, tx: Transaction) -> Bodies:
        """The bodies at a unit and directly below it."""
        return Bodies(bodies=places.bodies_around(tx, request.election, request.unit))
