"""Slack's methods about messages: chat, history, pins, reactions."""

from simulator.slack.methods import Answer, Given, Method, Methods, Refused, flag, parsed
from simulator.slack.workspace import BOT_USER, TEAM, Message


class Messages(Methods):
    """What the app writes and reads."""

    def table(self) -> dict[str, Method]:
        return {
            "chat.postMessage": self.post,
            "chat.update": self.update,
            "chat.delete": self.delete,
            "chat.postEphemeral": self.post_ephemeral,
            "chat.getPermalink": self.permalink,
            "conversations.history": self.history,
            "pins.add": self.pin,
            "pins.remove": self.unpin,
            "pins.list": self.list_pins,
            "reactions.add": self.react,
            "reactions.remove": self.unreact,
            "reactions.get": self.reactions,
        }

    def post(self, given: Given, at_s: float) -> Answer:
        wanted = str(given.get("channel", ""))
        channel = self.room.direct(wanted) if self.is_person(wanted) else self.channel(given)
        if channel.is_archived:
            raise Refused("is_archived")
        if not channel.is_im and BOT_USER not in channel.members:
            raise Refused("channel_not_found" if channel.is_private else "not_in_channel")
        text, blocks = self.content(given)
        message = self.room.add_message(
            channel=channel,
            user=BOT_USER,
            text=text,
            blocks=blocks,
            metadata=parsed(given.get("metadata"), dict) or {},
            thread_ts=str(given.get("thread_ts", "")),
            at_s=at_s,
        )
        return {"channel": channel.id, "ts": message.ts, "message": message.public()}

    def update(self, given: Given, _at_s: float) -> Answer:
        message = self.message(given, ts="ts")
        if not message.by_app:
            raise Refused("cant_update_message")
        text, blocks = self.content(given)
        self.room.change(message, text=text, blocks=blocks)
        return {"channel": message.channel, "ts": message.ts, "text": text, "message": message.public()}

    def delete(self, given: Given, _at_s: float) -> Answer:
        message = self.message(given, ts="ts")
        if not message.by_app:
            raise Refused("cant_delete_message")
        message.deleted = True
        self.room.bell.ring()
        return {"channel": message.channel, "ts": message.ts}

    def post_ephemeral(self, given: Given, at_s: float) -> Answer:
        channel, user = self.channel(given), str(given.get("user", ""))
        if BOT_USER not in channel.members:
            raise Refused("channel_not_found" if channel.is_private else "not_in_channel")
        if user not in channel.members:
            raise Refused("user_not_in_channel")
        text, blocks = self.content(given)
        message = self.room.add_message(
            channel=channel, user=BOT_USER, text=text, blocks=blocks, only_for=user, at_s=at_s
        )
        return {"message_ts": message.ts}

    def permalink(self, given: Given, _at_s: float) -> Answer:
        message = self.message(given, ts="message_ts")
        link = f"https://{TEAM['domain']}.slack.example/archives/{message.channel}/p{message.ts.replace('.', '')}"
        return {"channel": message.channel, "permalink": link}

    def history(self, given: Given, _at_s: float) -> Answer:
        channel = self.member_of(given, archived="")
        oldest, latest = str(given.get("oldest") or "0"), str(given.get("latest") or "99999999999")
        inclusive, limit = flag(given.get("inclusive")), int(given.get("limit") or 100)

        def within(message: Message) -> bool:
            if inclusive and message.ts in {oldest, latest}:
                return True
            return float(oldest) < float(message.ts) < float(latest)

        found = [each for each in self.room.in_channel(channel.id) if not each.only_for and within(each)]
        newest = list(reversed(found))[:limit]
        told = [each.public(with_metadata=flag(given.get("include_all_metadata"))) for each in newest]
        return {"messages": told, "has_more": len(found) > limit}

    def pin(self, given: Given, _at_s: float) -> Answer:
        message = self.message(given, ts="timestamp")
        channel = self.member_of(given)
        if message.ts in channel.pins:
            raise Refused("already_pinned")
        channel.pins.append(message.ts)
        self.room.bell.ring()
        return {}

    def unpin(self, given: Given, _at_s: float) -> Answer:
        message, channel = self.message(given, ts="timestamp"), self.channel(given)
        if message.ts not in channel.pins:
            raise Refused("no_pin")
        channel.pins.remove(message.ts)
        self.room.bell.ring()
        return {}

    def list_pins(self, given: Given, _at_s: float) -> Answer:
        channel = self.channel(given)
        return {"items": [{"type": "message", "channel": channel.id, "message": {"ts": ts}} for ts in channel.pins]}

    def react(self, given: Given, _at_s: float) -> Answer:
        message, name = self.message(given, ts="timestamp"), str(given.get("name", ""))
        users = message.reactions.setdefault(name, [])
        if BOT_USER in users:
            raise Refused("already_reacted")
        users.append(BOT_USER)
        self.room.bell.ring()
        return {}

    def unreact(self, given: Given, _at_s: float) -> Answer:
        message, name = self.message(given, ts="timestamp"), str(given.get("name", ""))
        if BOT_USER not in message.reactions.get(name, []):
            raise Refused("no_reaction")
        message.reactions[name].remove(BOT_USER)
        self.room.bell.ring()
        return {}

    def reactions(self, given: Given, _at_s: float) -> Answer:
        message = self.message(given, ts="timestamp")
        return {"type": "message", "channel": message.channel, "message": message.public()}
