"""The kit's own relay and handlers under a schedule made of dice: PostgreSQL and RabbitMQ are small exact models.

`make simulate SEEDS=10000 STEPS=1000`. Nothing of `services.kit` is modelled: `Relay`, `Press`, `hear`, `Single`,
`Batch`, `Undertaker`, `Transaction` and `park` run as they are, each as a greenlet that goes on only when a step of the
history says so, on a clock that moves with the steps. What is modelled is what they stand on: `tables.py` (the
letterboxes with their row locks; a test runs it beside a real PostgreSQL, statement by statement) and `broker.py`.

A history is a list of steps made from its seed before anything runs, so a failing one can be cut down and kept.
"""
