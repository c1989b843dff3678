"""The simulator's own API: what arrived, what people do with it, and what numbers do by themselves. No token.

Bodies are JSON and must say so (`Content-Type: application/json`); errors are `{"error": sentence}` with 400, 404 or
409 (the call is over). Lists are `{"items": […], "next": null, "seq": n}`, oldest first.

Reading: `GET /api/calls`, `/api/messages`, `/api/mail`, `/api/hooks` (`name=`), `/api/requests` (every attempt to
create a call or a message, refused ones too), each with `to=`, `state=`, `limit=`; `after=SEQ` gives only what changed
since, and `wait_s=` (up to 60) waits for that instead of being asked again and again. States are Twilio's: a call is
queued, ringing, in-progress, completed, busy, no-answer, failed or canceled. One item: `GET /api/KIND/{sid}`; a mail's
own HTML and source: `/api/mail/{sid}/html`, `/raw`. `DELETE /api/KIND` clears a kind, `DELETE /api` everything but the
contacts.

Phones: `POST /api/calls/{sid}/answer` (`digits` are pressed as questions come and the answer comes when the call is
over; with `"live": true` it comes at once, then `/press` with `digits`, and `/hang-up`), `/voicemail`, `/busy`,
`/ignore` (ends as no-answer at once); `POST /api/messages/{sid}/reply` (`body`), `POST /api/inbound-messages`
(`from`, `body`, optional `to`), `POST /api/inbound-calls` (`from`, optional `to`, `digits`, `live`).

Behaviour: `GET PUT DELETE /api/script`, number → fields of `simulator.script.Behaviour`. A number named in PUT gets
that behaviour, others keep theirs; null forgets one, an empty object all; `*` is every other number, a mail address a
mailbox, `hook:NAME` a webhook.

Names: `PUT /api/contacts` (`{"+4670…": {"name": "Ada", "title": "CEO"}}`, mail addresses too). Webhooks: anything sent
to `/hook/NAME` is kept. `GET /api/changes` is the page's stream of events.
"""
