"""Identity: where an election happens, and who may do what in it.

owns   administrative units; election bodies and their members; persons, accounts, roles, credentials, sessions
tells  unit defined, body formed, account changed, session ended
hears  nobody yet
asks   nobody
"""
