"""A telephone and mail provider of one's own, on this machine only.

The simulator speaks Twilio's REST dialect for calls and messages, walks TwiML, sends signed callbacks, takes mail
by SMTP and webhooks by HTTP, and shows all of it on a page where a person plays the phones. Nothing in the product
knows that it talks to a simulator: it is a peer at `TWILIO_API_URL` and `EMAIL_URL`.

Putting the official library on another address (twilio 9.x): every path of the library is made absolute by
`Domain.absolute_url`, which reads `base_url` at each call, so one assignment after construction is enough and also
holds for the following pages of a list::

    client = Client(account_sid, auth_token, http_client=TwilioHttpClient(timeout=5))
    client.api.base_url = "http://127.0.0.1:8090"

No HTTP client of one's own is needed. Leave `edge` and `region` unset (the library also reads them from
`TWILIO_EDGE` and `TWILIO_REGION`): with either, it rewrites the host to `….twilio.com`. `TwilioHttpClient` raises the
connection pool for `https://` only and follows the proxy settings of the environment.

Numbers that always fail, as with Twilio's test credentials: to `+15005550001` (21211, no such number), `…0002` (21214
for calls, 21612 for messages), `…0003` (21215, 21408), `…0004` (21610, opted out), `…0009` (21614, no mobile phone);
from `+15005550001` (21212), `…0007` (21606), `…0008` (21611, queue full).
"""
