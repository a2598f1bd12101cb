"""Bare pika: a consumer that answers on the same connection, as in the RPC tutorial but with a prefetch of 100."""

import json
import os

import pika


def main() -> None:
    """Serve until killed."""
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["BROKER_URL"]))
    channel = connection.channel()
    channel.queue_declare("pika.total", durable=True)
    channel.basic_qos(prefetch_count=100)
    channel.basic_consume("pika.total", on_request)
    channel.start_consuming()


def on_request(channel, method, properties, body) -> None:  # noqa: ANN001  pika's callback
    """The station's sum, then the acknowledgement."""
    sheet = json.loads(body)
    answer = json.dumps({"station": sheet["station"], "total": sum(sheet["figures"])})
    kept = pika.BasicProperties(correlation_id=properties.correlation_id, content_type="application/json")
    channel.basic_publish("", properties.reply_to, answer.encode(), kept)
    channel.basic_ack(method.delivery_tag)


if __name__ == "__main__":
    main()
