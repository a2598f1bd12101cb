"""Reporting.

Owns documents (forms of law as PDF) and the signed public snapshot; everything else is a copy that can be rebuilt.
Tells that a document was issued, a snapshot published.
Hears units, bodies, election, constituencies, lists, polling areas, voter totals, turnout, incidents, records, results.
Asks nobody.
"""
