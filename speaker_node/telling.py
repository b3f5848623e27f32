"""Tell the hub what was set at this loudspeaker, so that a plan knows what it would refuse."""

from __future__ import annotations

import msgspec

from firmware_agent.node import Context
from speaker_node.hearing.listening import EARS
from speaker_node.settings import SpeakerSettings
from wire.facts import SpeakerConfigured

TOLD_KEY = "speaker.configured"


def tell_settings(context: Context, voice: str) -> None:
    """Record `speaker.configured` if anything is other than what was told last. Once at each start.

    `voice` is the name of the voice that speaks here.
    """
    settings: SpeakerSettings = context.settings
    ears = [name for name in EARS if context.hardware.microphone(name) is not None]
    fact = configured(settings, ears, voice)
    told = msgspec.to_builtins(fact)
    if told != context.facts.state(TOLD_KEY):
        context.facts.record(fact, {TOLD_KEY: told})


def configured(settings: SpeakerSettings, ears: list[str], voice: str) -> SpeakerConfigured:
    """Return the fact that says `settings`."""
    quiet = settings.quiet()
    return SpeakerConfigured(
        quiet_from=None if quiet is None else quiet.begin.isoformat("seconds"),
        quiet_until=None if quiet is None else quiet.until.isoformat("seconds"),
        volume_by_hour={
            begin.isoformat("seconds"): factor for begin, factor in settings.volume_by_hour.items()
        },
        ears=ears,
        self_test_day=settings.self_test_day,
        voice=voice[:200],
    )
