"""An independent recount: SQL over the raw records, no code of `services/`, against all that the system says."""
