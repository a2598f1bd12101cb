"""The rules of identity: what may stand as a unit, a body, an account, a password, a session. No clock, no database."""
