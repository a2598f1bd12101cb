"""Candidates.

Owns the election and its calendar, constituencies and seats, dossiers, official lists.
Tells that an election was called, a constituency fixed, a dossier advanced, a list published or changed by a striking.
Hears which administrative units there are. Asks voters whom the register holds under a personal number.
"""
