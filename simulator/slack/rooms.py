"""Putting one workspace together and behind the simulator's port."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from simulator.network import Network
from simulator.slack.keeping import Keeping
from simulator.slack.limits import Limits
from simulator.slack.outward import Outward
from simulator.slack.own_api import OwnApi
from simulator.slack.script import SlackScript
from simulator.slack.triggers import Triggers
from simulator.slack.web_api import Slack, WebApi
from simulator.slack.workspace import Workspace

PAGE = Path(__file__).parent / "page"


def add_to(app: web.Application, *, network: Network) -> None:
    """Adds the workspace's addresses; it ends with the application, but for what the settings' folder keeps."""
    settings = network.settings
    slack = Slack(
        network=network,
        room=Workspace(bell=network.bell),
        triggers=Triggers(),
        outward=Outward(url=settings.slack_url, secret=settings.slack_signing_secret),
        script=SlackScript(),
        limits=Limits(),
        calls=[],
    )
    app.router.add_routes(WebApi(slack).table())
    app.router.add_routes(OwnApi(slack).table())
    app.router.add_static("/slack/page/", PAGE)

    async def close(_app: web.Application) -> None:
        await slack.outward.close()

    app.on_shutdown.append(close)
    if settings.folder is not None:
        keeping = Keeping(room=slack.room, folder=settings.folder)

        async def keep(_app: web.Application) -> AsyncIterator[None]:
            keeping.restore()
            writing = asyncio.create_task(keeping.keep_writing())
            yield
            writing.cancel()
            await writing

        app.cleanup_ctx.append(keep)
