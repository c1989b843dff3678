"""A leader approves or denies from a direct message in Slack; what can't be undone takes more than a press."""

from __future__ import annotations

from eap.models import Vote
from engine import clock, duties
from notifications.models import Delivery
from notifications.operations.send_delivery import send_delivery
from people.models import Person
from tests.builders import make_person
from tests.eap.phone.callers import Waiting, give_pin, text_to, waiting
from tests.eap.phone.conftest import _actions_of_the_tests
from tests.phones import Phones
from tests.stories.test_slack_paging import buttons, words
from tests.workspace import Item, Workspace

__all__ = ["_actions_of_the_tests"]


def asked_in_slack(slack: Workspace, phones: Phones, *, destructive: bool) -> tuple[Waiting, Person, str]:
    """Let Vic be asked by text, and by Slack as soon as that is linked."""
    it = waiting(destructive=destructive)
    vic = it.vps["Vic"]
    assert text_to(phones, vic)
    user = slack.link(vic)
    method = vic.contact_methods.get(channel="slack")
    delivery = Delivery.objects.create(
        page=it.page,
        person=vic,
        contact_method=method,
        channel="slack",
        provider="slack",
        address=user,
        severity=1,
        not_before=clock.now(),
        created_at=clock.now(),
    )
    assert send_delivery(delivery.pk)
    return it, vic, user


def question(slack: Workspace, user: str) -> Item:
    """Return the message that asks, among answers for one's own eyes."""
    return next(each for each in slack.messages(user) if not each["only_for"])


def votes(it: Waiting) -> list[tuple[str, str, bool]]:
    return [(vote.answer, vote.via, vote.second_factor) for vote in Vote.objects.filter(step__run=it.run)]


def test_a_press_approves_what_the_message_described(slack: Workspace, phones: Phones) -> None:
    it, _vic, user = asked_in_slack(slack, phones, destructive=False)
    message = question(slack, user)
    assert "Wipe web1" in words(message)
    assert buttons(message)[:2] == ["page:approve", "page:deny"]
    slack.click(user, message, "page:approve")
    slack.click(user, message, "page:approve")
    slack.work()
    assert votes(it) == [("approve", "slack", False)]
    assert "You approved" in words(question(slack, user))
    assert buttons(question(slack, user)) == []


def test_what_cannot_be_undone_is_not_approved_by_a_press(slack: Workspace, phones: Phones) -> None:
    it, vic, user = asked_in_slack(slack, phones, destructive=True)
    slack.click(user, question(slack, user), "page:approve")
    slack.work()
    give_pin(vic)
    slack.click(user, question(slack, user), "page:approve")
    slack.work()
    told = [each["text"] for each in slack.messages(user) if each["only_for"]]
    assert "needs your PIN, and you have set none" in told[0]
    assert "takes more than a press in Slack" in told[1]
    assert "/p/" in told[1]
    assert votes(it) == []
    slack.click(user, question(slack, user), "page:deny")
    slack.work()
    assert votes(it) == [("deny", "slack", False)], "a no harms nothing"


def test_acknowledging_is_no_approval_and_leaves_what_decides(slack: Workspace, phones: Phones) -> None:
    it, _vic, user = asked_in_slack(slack, phones, destructive=False)
    slack.click(user, question(slack, user), "page:acknowledge")
    slack.work()
    duties.run_once("withdrawals", now=clock.now())
    assert votes(it) == []
    after = question(slack, user)
    assert buttons(after) == ["page:approve", "page:deny", "page_open"]
    slack.click(user, after, "page:deny")
    slack.work()
    assert votes(it) == [("deny", "slack", False)]


def test_somebody_else_cannot_press_it(slack: Workspace, phones: Phones) -> None:
    it, _vic, user = asked_in_slack(slack, phones, destructive=False)
    sam = slack.link(make_person("Sam", methods=[]))
    slack.click(sam, question(slack, user), "page:approve")
    slack.work()
    assert votes(it) == []
