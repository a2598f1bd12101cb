"""Is it alive, is it ready, what does it measure; and the OpenAPI document."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.doors import PREFIX
from services.gateway.openapi import document
from services.gateway.refusals import json_answer
from services.gateway.state import gateway_of
from services.kit import metrics

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> Response:
    return json_answer({"alive": True})


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Ready means: the line to the services and the live queue stand."""
    gateway = gateway_of(request)
    parts = {"line": gateway.line.up, "live": gateway.hub.up}
    return json_answer({"ready": all(parts.values()), **parts}, status=200 if all(parts.values()) else 503)


@router.get("/metrics")
async def measured(request: Request) -> Response:
    gateway = gateway_of(request)
    for name, value in (
        ("hp_gateway_calls_in_flight", gateway.line.in_flight),
        ("hp_gateway_requests_in_work", gateway.slots.in_work),
        ("hp_gateway_requests_waiting", gateway.slots.waiting),
        ("hp_gateway_live_streams", len(gateway.hub)),
    ):
        metrics.publish_signal("gateway", name, (), [(value,)])
    return Response(metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get(f"{PREFIX}/openapi.json")
async def openapi(request: Request) -> Response:
    return json_answer(document(request.app))
