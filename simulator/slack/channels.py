"""Slack's methods about channels and people."""

from simulator.slack.methods import Answer, Given, Method, Methods, Refused, flag
from simulator.slack.workspace import BOT_ID, BOT_USER, CHANNEL_NAME, TEAM, Channel, User


class Channels(Methods):
    """Who and what there is."""

    def table(self) -> dict[str, Method]:
        return {
            "auth.test": self.auth_test,
            "conversations.create": self.create,
            "conversations.open": self.open,
            "conversations.info": self.info,
            "conversations.list": self.list_channels,
            "conversations.join": self.join,
            "conversations.invite": self.invite,
            "conversations.kick": self.kick,
            "conversations.members": self.members,
            "conversations.archive": self.archive,
            "conversations.unarchive": self.unarchive,
            "conversations.rename": self.rename,
            "conversations.setTopic": self.topic,
            "conversations.setPurpose": self.purpose,
            "users.info": self.user_info,
            "users.lookupByEmail": self.by_email,
            "users.list": self.list_users,
        }

    def auth_test(self, _given: Given, _at_s: float) -> Answer:
        url = f"https://{TEAM['domain']}.slack.example/"
        who = {"user": "muster", "user_id": BOT_USER, "bot_id": BOT_ID}
        return {"url": url, "team": TEAM["name"], "team_id": TEAM["id"], **who, "is_enterprise_install": False}

    def create(self, given: Given, _at_s: float) -> Answer:
        name = str(given.get("name", ""))
        if not name:
            raise Refused("invalid_name_required")
        if not CHANNEL_NAME.fullmatch(name):
            raise Refused("invalid_name_maxlength" if len(name) > 80 else "invalid_name_specials")
        if any(each.name == name for each in self.room.channels.values()):
            raise Refused("name_taken")
        private = flag(given.get("is_private"))
        return {"channel": self.room.add_channel(name=name, members=[BOT_USER], private=private).public()}

    def open(self, given: Given, _at_s: float) -> Answer:
        user = str(given.get("users", "")).partition(",")[0]
        if not self.is_person(user):
            raise Refused("user_not_found")
        return {"channel": {"id": self.room.direct(user).id}}

    def info(self, given: Given, _at_s: float) -> Answer:
        return {"channel": self.channel(given).public()}

    def list_channels(self, given: Given, _at_s: float) -> Answer:
        wanted = str(given.get("types", "public_channel"))
        seen = [
            each.public()
            for each in self.room.channels.values()
            if not each.is_im
            and (not each.is_private or ("private_channel" in wanted and BOT_USER in each.members))
            and not (each.is_archived and flag(given.get("exclude_archived")))
        ]
        return {"channels": seen, "response_metadata": {"next_cursor": ""}}

    def join(self, given: Given, _at_s: float) -> Answer:
        channel = self.channel(given)
        if channel.is_private:
            raise Refused("method_not_supported_for_channel_type")
        if channel.is_archived:
            raise Refused("is_archived")
        _add(channel, BOT_USER)
        self.room.bell.ring()
        return {"channel": channel.public()}

    def invite(self, given: Given, _at_s: float) -> Answer:
        channel = self.member_of(given)
        users = [each for each in str(given.get("users", "")).split(",") if each]
        if not users or not all(self.is_person(each) for each in users):
            raise Refused("user_not_found" if users else "no_user")
        if all(each in channel.members for each in users):
            raise Refused("already_in_channel")
        for each in users:
            _add(channel, each)
        self.room.bell.ring()
        return {"channel": channel.public()}

    def kick(self, given: Given, _at_s: float) -> Answer:
        channel, user = self.member_of(given), str(given.get("user", ""))
        if user not in channel.members:
            raise Refused("not_in_channel")
        channel.members.remove(user)
        self.room.bell.ring()
        return {}

    def members(self, given: Given, _at_s: float) -> Answer:
        return {"members": list(self.channel(given).members), "response_metadata": {"next_cursor": ""}}

    def archive(self, given: Given, _at_s: float) -> Answer:
        channel = self.member_of(given, archived="already_archived")
        channel.is_archived = True
        self.room.bell.ring()
        return {}

    def unarchive(self, given: Given, _at_s: float) -> Answer:
        channel = self.channel(given)
        if not channel.is_archived:
            raise Refused("not_archived")
        channel.is_archived = False
        self.room.bell.ring()
        return {}

    def rename(self, given: Given, _at_s: float) -> Answer:
        channel = self.member_of(given)
        channel.name = str(given.get("name", ""))
        self.room.bell.ring()
        return {"channel": channel.public()}

    def topic(self, given: Given, _at_s: float) -> Answer:
        channel = self.member_of(given)
        if len(str(given.get("topic", ""))) > 250:
            raise Refused("too_long")
        channel.topic = str(given.get("topic", ""))
        self.room.bell.ring()
        return {"channel": channel.public()}

    def purpose(self, given: Given, _at_s: float) -> Answer:
        channel = self.member_of(given)
        channel.purpose = str(given.get("purpose", ""))
        self.room.bell.ring()
        return {"purpose": channel.purpose}

    def user_info(self, given: Given, _at_s: float) -> Answer:
        user = self.room.users.get(str(given.get("user", "")))
        if user is None:
            raise Refused("user_not_found")
        return {"user": user.public()}

    def by_email(self, given: Given, _at_s: float) -> Answer:
        email = str(given.get("email", "")).lower()
        found: User | None = next((each for each in self.room.users.values() if email and each.email == email), None)
        if found is None:
            raise Refused("users_not_found")
        return {"user": found.public()}

    def list_users(self, _given: Given, _at_s: float) -> Answer:
        return {"members": [each.public() for each in self.room.users.values()], "response_metadata": {}}


def _add(channel: Channel, user: str) -> None:
    if user not in channel.members:
        channel.members.append(user)
