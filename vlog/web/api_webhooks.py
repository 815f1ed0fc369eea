"""Webhooks in the API."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from vlog.catalog import webhook_deliveries, webhooks
from vlog.catalog.webhook_events import EVENTS
from vlog.database.schema import Webhook, WebhookDelivery
from vlog.errors import BadRequest, Conflict, Invalid, NotFound
from vlog.web.models.webhooks import (
    DeliveryOut,
    DeliveryPage,
    DeliveryQuery,
    NewWebhook,
    WebhookChange,
    WebhookList,
    WebhookOut,
    WebhookWithSecret,
)
from vlog.web.operations import Operation
from vlog.web.services import Services, services_of
from vlog.webhooks.addresses import NameUnknown, target_of


async def list_webhooks(request: Request) -> WebhookList:
    """Every receiver."""
    async with services_of(request).database.read() as session:
        found = await webhooks.listed(session)
    return WebhookList(webhooks=[_out(one) for one in found], events=list(EVENTS))


async def add_webhook(request: Request, *, body: NewWebhook) -> WebhookWithSecret:
    """Add a receiver; the answer holds its secret, this once."""
    services = services_of(request)
    url = await _usable(services, body.url)
    made = await services.database.write(
        lambda session: webhooks.add(session, url, sorted(set(body.events)), body.note.strip()),
        name="add webhook",
    )
    return _with_secret(made)


async def get_webhook(request: Request) -> WebhookOut:
    """One receiver."""
    async with services_of(request).database.read() as session:
        return _out(await webhooks.require(session, request.path_params["webhook_id"]))


async def change_webhook(request: Request, *, body: WebhookChange) -> WebhookOut:
    """Change a receiver, or switch it on or off."""
    services, webhook_id = services_of(request), request.path_params["webhook_id"]
    changes = body.model_dump(exclude_none=True)
    if body.url is not None:
        changes["url"] = await _usable(services, body.url)
    if body.events is not None:
        changes["events"] = sorted(set(body.events))
    changed = await services.database.write(
        lambda session: webhooks.change(session, webhook_id, changes), name="change webhook"
    )
    services.dispatcher.wake()
    return _out(changed)


async def delete_webhook(request: Request) -> Response:
    """Remove a receiver and its log."""
    webhook_id = request.path_params["webhook_id"]
    await services_of(request).database.write(
        lambda session: webhooks.remove(session, webhook_id), name="remove webhook"
    )
    return Response(status_code=204)


async def renew_webhook_secret(request: Request) -> WebhookWithSecret:
    """Sign with a new secret; for a day the old one signs too."""
    webhook_id = request.path_params["webhook_id"]
    changed = await services_of(request).database.write(
        lambda session: webhooks.new_secret(session, webhook_id), name="renew webhook secret"
    )
    return _with_secret(changed)


async def test_webhook(request: Request) -> DeliveryOut:
    """Send a message that only says that messages arrive."""
    services, webhook_id = services_of(request), request.path_params["webhook_id"]
    delivery = await services.database.write(
        lambda session: webhooks.send_test(session, webhook_id), name="test webhook"
    )
    services.dispatcher.wake()
    return _delivery(services, delivery)


async def list_deliveries(request: Request, *, query: DeliveryQuery) -> DeliveryPage:
    """The log of a receiver."""
    services = services_of(request)
    async with services.database.read() as session:
        page = await webhook_deliveries.page(
            session, request.path_params["webhook_id"], **query.model_dump()
        )
    return DeliveryPage(
        deliveries=[_delivery(services, row) for row in page.items], next_cursor=page.next_cursor
    )


async def replay_delivery(request: Request) -> DeliveryOut:
    """Send a message once more, under its own id."""
    services, places = services_of(request), request.path_params
    delivery = await services.database.write(
        lambda session: webhook_deliveries.replay(
            session, places["webhook_id"], places["delivery_id"]
        ),
        name="replay delivery",
    )
    services.dispatcher.wake()
    return _delivery(services, delivery)


async def _usable(services: Services, url: str) -> str:
    """The address, if messages may go there. Whether somebody is there shows when one goes."""
    allowed = services.settings.webhooks.allow_private_addresses
    try:
        target = await target_of(url, allow_private=allowed)
    except NameUnknown:
        return url.strip()
    return target.url.geturl()


def _out(webhook: Webhook) -> WebhookOut:
    return WebhookOut.model_validate(webhook, from_attributes=True)


def _with_secret(webhook: Webhook) -> WebhookWithSecret:
    return WebhookWithSecret.model_validate(webhook, from_attributes=True)


def _delivery(services: Services, row: WebhookDelivery) -> DeliveryOut:
    known = {name: getattr(row, name) for name in DeliveryOut.model_fields if hasattr(row, name)}
    return DeliveryOut(
        **known,
        max_attempts=services.settings.webhooks.max_attempts,
        next_attempt_at=row.not_before if row.state == "waiting" else None,
    )


_WEBHOOKS = ("webhooks",)
_ONE = "/api/webhooks/{webhook_id:int}"

WEBHOOKS_API = [
    Operation(
        "GET",
        "/api/webhooks",
        list_webhooks,
        summary="List webhooks",
        response=WebhookList,
        tags=_WEBHOOKS,
    ),
    Operation(
        "POST",
        "/api/webhooks",
        add_webhook,
        summary="Add a webhook",
        body=NewWebhook,
        response=WebhookWithSecret,
        status=201,
        tags=_WEBHOOKS,
        errors=(Conflict, Invalid),
    ),
    Operation(
        "GET",
        _ONE,
        get_webhook,
        summary="Get a webhook",
        response=WebhookOut,
        tags=_WEBHOOKS,
        errors=(NotFound,),
    ),
    Operation(
        "PATCH",
        _ONE,
        change_webhook,
        summary="Change a webhook",
        body=WebhookChange,
        response=WebhookOut,
        tags=_WEBHOOKS,
        errors=(NotFound, Invalid),
    ),
    Operation(
        "DELETE",
        _ONE,
        delete_webhook,
        summary="Remove a webhook",
        status=204,
        tags=_WEBHOOKS,
        errors=(NotFound,),
    ),
    Operation(
        "POST",
        f"{_ONE}/secret",
        renew_webhook_secret,
        summary="Renew the secret of a webhook",
        response=WebhookWithSecret,
        tags=_WEBHOOKS,
        errors=(NotFound,),
    ),
    Operation(
        "POST",
        f"{_ONE}/test",
        test_webhook,
        summary="Send a test to a webhook",
        response=DeliveryOut,
        status=202,
        tags=_WEBHOOKS,
        errors=(NotFound,),
    ),
    Operation(
        "GET",
        f"{_ONE}/deliveries",
        list_deliveries,
        summary="List deliveries to a webhook",
        query=DeliveryQuery,
        response=DeliveryPage,
        tags=_WEBHOOKS,
        errors=(BadRequest, NotFound),
    ),
    Operation(
        "POST",
        f"{_ONE}/deliveries/{{delivery_id:int}}/replay",
        replay_delivery,
        summary="Deliver a message once more",
        response=DeliveryOut,
        status=202,
        tags=_WEBHOOKS,
        errors=(NotFound,),
    ),
]
