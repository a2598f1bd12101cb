"""The gateway: HTTP API, web console and live stream over the other services.

Owns: nothing. Tells: nothing. Hears: live events for its stream. Asks: every service, as the person who is signed in.
"""
