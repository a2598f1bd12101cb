"""Voters owns polling areas, voter list entries with their right in each contest, imports, posting and closing.
It tells polling area fixed, voter list advanced (totals only), import advanced.
It hears elections and constituencies from candidates.
It asks nobody; candidates asks it who the register holds under a concealed number.
"""
