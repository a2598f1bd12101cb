"""Results owns polling day (opening, turnout, incidents, ballot use), the count records and who is elected.

It tells: polling advanced, turnout reported, incident reported, ballot use recorded, record advanced, result advanced.
It hears: unit defined, election called, constituency fixed, list published, polling area fixed, voter list advanced.
It asks nobody: all it needs to decide it has heard before.
"""
