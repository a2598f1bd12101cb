"""Queries of voters, a file a subject: the only files that say select."""
