"""The rules of candidates: calendar, structure, dossiers, lists. They know words and values only."""
