"""What the incidents' rooms in Slack bring to the product, told once when the app is ready."""

from __future__ import annotations


def register_rooms() -> None:
    """Register the command, the buttons and modals, the Home tab, and the duty that keeps the channels."""
    from rooms.slack.asking.command import register_command
    from rooms.slack.home.publishing import register_home
    from rooms.slack.incident_rooms import channel, drafts, follow, guarding, posting
    from rooms.slack.moving import buttons, declaring, pages, pinning, questions, submitting
    from rooms.slack.moving import drafts as deciding
    from rooms.slack.panel import register_panel

    register_command()
    declaring.register_declaring()
    buttons.register_buttons()
    pages.register_pages()
    questions.register_questions()
    submitting.register_submissions()
    deciding.register_drafts()
    pinning.register_pinning()
    register_home()
    channel.register_channel()
    posting.register_posting()
    drafts.register_drafts()
    guarding.register_guarding()
    follow.register_following()
    register_panel()
