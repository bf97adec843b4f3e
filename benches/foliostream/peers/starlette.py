"""The peer in Python: a message is put into one queue per subscriber, and sse-starlette writes it.

Started by benches/foliostream/peers/starlette.rs, with the seconds between heartbeats in HEARTBEAT_S.
"""

import asyncio
import os

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

# Messages a subscriber may be behind; what comes then is dropped for it.
QUEUE_LENGTH = 256
HEARTBEAT_S = int(os.environ["HEARTBEAT_S"])

subscribers = set()


async def stream(request):
    queue = asyncio.Queue(QUEUE_LENGTH)
    subscribers.add(queue)

    async def messages():
        try:
            while True:
                yield ServerSentEvent(data=await queue.get())
        finally:
            subscribers.discard(queue)

    return EventSourceResponse(messages(), ping=HEARTBEAT_S)


async def publish(request):
    message = (await request.body()).decode()
    for queue in subscribers:
        if not queue.full():
            queue.put_nowait(message)
    return Response(status_code=202)


application = Starlette(routes=[Route("/stream", stream), Route("/publish", publish, methods=["POST"])])
