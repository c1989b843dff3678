"""What the provider's console does about secrets: another token becomes primary, a shared key signs."""

from aiohttp import web

from simulator.api.body import WrongBody, json_object, text_of
from simulator.network import Network
from simulator.provider.signing import Signing


class Secrets:
    """Handlers over one network's signing. Nothing shows a secret."""

    def __init__(self, *, network: Network) -> None:
        self._network = network

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/api/signing", self.show),
            web.put("/api/signing", self.put),
            web.delete("/api/signing", self.clear),
        ]

    async def show(self, _request: web.Request) -> web.StreamResponse:
        return self._shown()

    async def put(self, request: web.Request) -> web.StreamResponse:
        """From now on requests are signed by `secret`: the account's token, or with `key` the shared key so called."""
        body = await json_object(request)
        secret, key = text_of(body, "secret"), text_of(body, "key", "")
        if not secret or set(key) & set("=,"):
            raise WrongBody("secret must be given, and key holds neither = nor a comma.")
        self._network.webhooks.signing = Signing(secret=secret, key=key)
        return self._shown()

    async def clear(self, _request: web.Request) -> web.StreamResponse:
        self._network.webhooks.signing = Signing(secret=self._network.settings.auth_token)
        return web.Response(status=204)

    def _shown(self) -> web.StreamResponse:
        return web.json_response({"key": self._network.webhooks.signing.key})
