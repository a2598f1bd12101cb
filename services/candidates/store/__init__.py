"""The queries of candidates: elections and units, constituencies, dossiers, lists."""
