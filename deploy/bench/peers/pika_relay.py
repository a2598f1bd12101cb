"""Bare pika: an outbox told one confirm at a time, the textbook way: read, publish, wait for the confirm, mark."""

import os
import time

import pika
import psycopg

WINDOW = 200
UNTOLD = """
    SELECT seq, id::text, topic, data::text FROM outbox WHERE told_at IS NULL
    ORDER BY seq LIMIT %s FOR UPDATE SKIP LOCKED
"""
MARK = "UPDATE outbox SET told_at = clock_timestamp() WHERE seq = ANY(%s)"


def main() -> None:
    """Tell until killed."""
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["BROKER_URL"]))
    channel = connection.channel()
    channel.confirm_delivery()
    with psycopg.connect(os.environ["DATABASE_URL"]) as database:
        while True:
            with database.transaction():
                rows = database.execute(UNTOLD, (WINDOW,)).fetchall()
                for _, name, topic, data in rows:
                    kept = pika.BasicProperties(message_id=name, delivery_mode=2, content_type="application/json")
                    body = f'{{"id": "{name}", "topic": "{topic}", "data": {data}}}'
                    channel.basic_publish("office.events", topic, body.encode(), kept, mandatory=True)
                if rows:
                    database.execute(MARK, ([row[0] for row in rows],))
            if not rows:
                connection.process_data_events(0)
                time.sleep(0.1)


if __name__ == "__main__":
    main()
