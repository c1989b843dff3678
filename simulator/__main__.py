"""`python -m simulator`: runs until SIGTERM or Ctrl-C."""

import asyncio
import logging
import os
import signal
import sys

from simulator.server import Server
from simulator.settings import Settings, WrongSetting, read_settings

log = logging.getLogger("simulator")


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    async with Server(settings=settings) as server:
        log.info("Phones at %s/, mail at smtp://%s:%d", server.url, settings.host, server.smtp_port)
        await stop.wait()


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd tells every command and each login
    try:
        settings = read_settings(environment=os.environ, arguments=sys.argv[1:])
        asyncio.run(_serve(settings))
    except WrongSetting as error:
        log.error("%s", error)  # noqa: TRY400  a sentence for a person, no traceback
        return 2
    except OSError as error:
        log.error("The simulator can't listen: %s", error)  # noqa: TRY400  as above
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
