"""The candidates service: its doors in three groups."""

from services.candidates.doors_dossiers import DossierDoors
from services.candidates.doors_elections import ElectionDoors
from services.candidates.doors_lists import ListDoors
from services.contracts.roles import POLICY


class CandidatesService(ElectionDoors, DossierDoors, ListDoors):
    """The election and its structure, dossiers, official lists."""

    name = "candidates"
    policy = POLICY
