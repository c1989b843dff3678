"""Could every channel that people rely on send?"""

from __future__ import annotations

from collections.abc import Iterator

from incidents.readiness.finding import Finding
from notifications.channels.registry import all_channels
from notifications.models import ContactMethod


def check_channels() -> Iterator[Finding]:
    """Find channels that lack a setting, and contact methods of channels that are not installed."""
    in_use = dict.fromkeys(
        ContactMethod.objects.filter(disabled_at=None).order_by("channel").values_list("channel", flat=True).distinct()
    )
    installed = {each.kind: each for each in all_channels()}
    for kind, each in installed.items():
        if (trouble := each.trouble()) and (kind in in_use or not each.is_optional):
            yield Finding(
                check="channel_trouble",
                grade="broken" if kind in in_use else "advice",
                sentence=trouble,
                todo="Set it in the environment and start Muster again.",
                subject=f"channel:{kind}",
                name=str(each.label),
            )
    for kind in in_use:
        if kind not in installed:
            yield Finding(
                check="no_channel",
                grade="broken",
                sentence=f"People have contact methods of the channel {kind!r}, which is not installed.",
                todo="Give these people another contact method.",
                subject=f"channel:{kind}",
                name=kind,
            )
