"""The loudspeaker node: keeps the programme, has it ready ahead, sounds each bulletin at its second."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import ClassVar

from firmware_agent.backoff import Backoff
from firmware_agent.file_shelf import FileShelf, ShelfRules, door_fetch
from firmware_agent.hardware import HardwareError
from firmware_agent.node import Context
from firmware_agent.settings import Settings
from speaker_node.arrangement import BrokenSoundError
from speaker_node.arrivals import Arrivals
from speaker_node.hall.voice import HEARS, HallVoice
from speaker_node.hearing.listening import Listening
from speaker_node.hearing.self_test import SelfTest
from speaker_node.office import OfficeDoor, office_door
from speaker_node.outcomes import Outcomes
from speaker_node.own_voice import OwnVoice, voice_mistakes
from speaker_node.planner import Plan, Reason, Refusal, Rules, Start, View, lies_under_calls, make_plan
from speaker_node.repertoire import Repertoire, ready_to_sound
from speaker_node.settings import SOUND_MAX_BYTES, SOUNDS_KEPT_MAX, SpeakerSettings
from speaker_node.silence import Silence
from speaker_node.sounding.amplifier import Amplifier
from speaker_node.sounding.player import Playback
from speaker_node.sounding.relay import Listen, StreamReel
from speaker_node.sounding.stage import Stage
from speaker_node.sounding.streams import Streams
from speaker_node.studio import Studio
from speaker_node.telling import tell_settings
from speaker_node.timetable import Timetable
from speaker_node.voice import Voice
from wire.intents import Bulletin, Calls, Programme

LOOK_EVERY_S = 0.5
LOOK_EVERY_S_NEAR = 0.05
"""While a bulletin is prepared or sounds."""

HELD_OVER_TOLD_MS = 86_400_000
"""A clock that has not heard of its time service for a day may be seconds off: it plays, and says so."""

HUB_AHEAD = "Đồng hồ của hub chạy trước đồng hồ cụm loa {} phút: hãy đặt lại giờ của hub, kẻo tin phát muộn"

log = logging.getLogger(__name__)


class SpeakerNode:
    """Sounds the programme; see `speaker_node.planner` for the rules it keeps.

    `voice` stands in for the one that is set, `listen` for the way to hear a relayed stream, `office` for the
    way to live speech.
    """

    Settings: ClassVar[type[Settings]] = SpeakerSettings
    HEARS: ClassVar[frozenset[str]] = HEARS

    @classmethod
    def check(cls, settings: SpeakerSettings, directory: Path) -> list[str]:
        """Return what a technician should know though the node runs with it: a voice that cannot speak."""
        return voice_mistakes(settings, directory.parent)

    def __init__(
        self,
        context: Context,
        voice: Voice | None = None,
        listen: Listen | None = None,
        office: OfficeDoor | None = None,
    ) -> None:
        settings: SpeakerSettings = context.settings
        self._context = context
        self._clock = context.clock
        self._rules = Rules(settings.quiet(), settings.late_max_s * 1000)
        self._volume = settings.hour_volume()
        self._outcomes = Outcomes(context.facts)
        self._timetable = Timetable()
        self._timetable.take(context.documents.current(Programme))
        self._arrivals = Arrivals(context.clock, self._timetable.emergencies())
        self._near: list[Bulletin] = []
        self._waiting: dict[str, Refusal] = {}
        self._stage: Stage | None = None
        self._amplifier = Amplifier(context.hardware.pins, settings.amplifier_pin)
        self._card_backoff = Backoff()
        self._card_again_mono_ms = 0
        self._voice = OwnVoice(context, voice)
        office = office or office_door(context.hub_url, context.identity)
        self._streams = Streams(listen, office, context.clock.wall_ms, context.changed.set)
        self._repertoire = _repertoire(context, settings, self._voice.voice, self._streams)
        self._hall = HallVoice(
            context,
            self._amplifier,
            self._voice.voice,
            recorded=context.directory.parent / settings.stems if settings.stems else None,
            volume=settings.call_volume,
            late_s=settings.call_late_s,
        )
        self._listening = Listening(context)
        self._self_test = SelfTest(
            context, self._amplifier, self._listening, day=settings.self_test_day, at=settings.self_test_at
        )
        self._silence = Silence(context, settings.stop_pin, settings.stop_minutes, self._silence_at_once)

    def run(self) -> None:
        """Sound the programme until the node shall end."""
        ready_to_sound()
        tell_settings(self._context, self._voice.name)
        self._outcomes.settle_interrupted()
        try:
            while not self._context.stop.is_set():
                self.look()
                self._context.changed.wait(LOOK_EVERY_S_NEAR if self._near_sound() else LOOK_EVERY_S)
                self._context.changed.clear()
        finally:
            self._end()

    def look(self) -> None:
        """Look once at the programme, the calls, the clock and the sound card, and do what is due."""
        if self._silence.look():
            self._fall_silent()
        programme = self._context.documents.current(Programme)
        self._hall.take(self._context.documents.current(Calls), self._context.neighbours.take())
        self._take(programme)
        self._follow(programme)
        plan = make_plan(self._view(programme), self._rules)
        self._waiting = dict(plan.waiting)
        on_stage = self._stage.start.bulletin.id if self._stage else None
        self._streams.connect([each for each in plan.relays if each.id != on_stage], plan.lives)
        self._prepare(plan.next)
        free = self._stage is None and not self._silence.active
        self._hall.look(
            free=free and not self._self_test.sounding, until_ms=plan.emergency_at_ms, music=self._music()
        )
        self._self_test.look(free=free and not plan.next and not self._hall.busy)
        self._settle(plan)
        self._outcomes.keep()
        self._report()

    def _music(self) -> Playback | None:
        """Return what sounds, if numbers may be called over it."""
        stage = self._stage
        if stage is None or not stage.began or self._silence.active:
            return None
        return stage.playback if lies_under_calls(stage.start.bulletin) else None

    def _near_sound(self) -> bool:
        return self._stage is not None or self._hall.busy or self._self_test.sounding

    def _view(self, programme: Programme | None) -> View:
        stage = self._stage
        began = stage is not None and stage.began
        return View(
            soundings=self._near if programme is not None else None,
            history=self._outcomes.history,
            now_ms=self._clock.wall_ms(),
            clock_sure=self._clock.synced(),
            speech=self._repertoire.speech(self._near),
            waiting=self._waiting,
            prepared=stage.start if stage and not began else None,
            sounding=stage.start if stage and began else None,
            call_sounds=self._hall.sounding,
            calls_wait=self._hall.waiting,
            stopped=self._silence.active,
            fresh=self._arrivals.fresh(),
        )

    def _take(self, programme: Programme | None) -> None:
        """Know the soundings that are near, and have ready what will sound."""
        if programme is None:
            return
        if self._timetable.take(programme):
            self._arrivals.take(self._timetable.emergencies())
        now_ms = self._clock.wall_ms()
        self._near = self._timetable.near(now_ms, self._arrivals.fresh())
        self._outcomes.take(self._near, now_ms if self._clock.synced() else None)
        self._repertoire.want([each for each in self._timetable.needed(now_ms) if each.approved])

    def _follow(self, programme: Programme | None) -> None:
        """Keep up with the bulletin that sounds: begun, withdrawn, at its end, or without a card."""
        stage = self._stage
        if stage is None or not stage.began:
            return
        stage.keep_aim()
        self._outcomes.started(stage)
        if stage.recording is not None and stage.playback.began_mono_ms is not None:
            stage.recording.began(stage.playback.began_mono_ms)
        if programme is None:
            self._break_off(stage, Reason.WITHDRAWN, "no valid programme")
        elif stage.start.bulletin.id not in self._timetable.ids:
            self._break_off(stage, Reason.WITHDRAWN)
        elif stage.reel.error:
            self._break_off(stage, Reason.UNSPEAKABLE, stage.reel.error)
        elif stage.playback.heard_out():
            if stage.listened_to():
                self._finish(stage)
        elif stage.playback.stalled():
            self._break_off(stage, Reason.NO_SOUND_CARD)
            self._card_failed(HardwareError("card âm thanh ngừng giữa chừng (the sound card stopped)"))

    def _prepare(self, start: Start | None) -> None:
        """Bring the sound card to where `start` needs it; what sounds and is less urgent is cut."""
        stage = self._stage
        if stage is not None and stage.began:
            if start is None:
                return
            self._cut(stage, start.bulletin.id)
        elif stage is not None and (stage.start != start or stage.playback.stalled()):
            self._give_up(stage)
        if start is not None or self._hall.waiting:
            self._self_test.cut()
        if start is not None and self._hall.sounding:
            self._hall.cut()
        if start is not None and self._stage is None and not self._open(start):
            self._amplifier.switch(on=False)
        if self._stage is not None:
            self._approach(self._stage)

    def _approach(self, stage: Stage) -> None:
        """Come nearer to the first sample: it may sound only after the mark is on disk."""
        stage.keep_aim()
        stage.warm_up()
        if stage.due_to_mark():
            self._outcomes.mark(stage)
            stage.playback.arm()

    def _open(self, start: Start) -> bool:
        """Open the card for this start; return whether it is open."""
        if self._clock.mono_ms() < self._card_again_mono_ms:
            return False
        bulletin = start.bulletin
        try:
            ready = self._repertoire.open(start)
        except BrokenSoundError as error:
            log.warning("âm thanh hỏng (a sound cannot be played) %s: %s", bulletin.id, error)
            return False
        volume = self._volume.of(bulletin, start.at_ms)
        try:
            card = self._context.hardware.sound_card()
            detail = "; ".join(part for part in (ready.detail, self._clock_detail(start)) if part)
            recording = self._listening.begin()
            self._stage = Stage(
                start, ready.reel, volume, card, self._amplifier, self._clock, detail, recording
            )
        except HardwareError as error:
            ready.reel.close()
            self._card_failed(error)
            self._lacks_card(bulletin, str(error))
            return False
        self._card_backoff = Backoff()
        self._context.problems.clear("sound_card")
        return True

    def _clock_detail(self, start: Start) -> str:
        """Say by what time it sounds, where that is not the one that all others have."""
        held_ms = self._clock.held_over_ms()
        if not self._clock.synced():
            return "đồng hồ chưa đúng, phát ngay khi nhận (no clock: sounded as it came)"
        ahead_min = round((start.bulletin.at_ms - start.at_ms) / 60_000)
        if ahead_min > 0:
            self._context.problems.report("hub clock", HUB_AHEAD.format(ahead_min))
            return "đồng hồ hub chạy trước, phát ngay khi nhận (the hub's clock is ahead: sounded as it came)"
        self._context.problems.clear("hub clock")
        if held_ms >= HELD_OVER_TOLD_MS:
            days = held_ms / 86_400_000
            return f"đồng hồ tự giữ giờ (held over) {days:.1f} ngày (days)"
        return ""

    def _card_failed(self, error: HardwareError) -> None:
        pause_s = self._card_backoff.died(self._clock.mono_ms() / 1000)
        self._card_again_mono_ms = self._clock.mono_ms() + round(pause_s * 1000)
        self._context.problems.report("sound_card", f"Loa không phát được: {error}")
        log.warning("card âm thanh (sound card): %s; thử lại sau (again in) %.1f s", error, pause_s)

    def _lacks_card(self, bulletin: Bulletin, detail: str) -> None:
        self._waiting[bulletin.id] = Refusal(bulletin.id, bulletin.at_ms, Reason.NO_SOUND_CARD, detail)

    def _give_up(self, stage: Stage) -> None:
        """Close the card before the first sample: another start is due, or the card does nothing."""
        stalled = stage.playback.stalled()
        stage.close()
        if stage.began:
            self._break_off(stage, Reason.INTERRUPTED, "the plan changed")
            return
        self._stage = None
        self._outcomes.unmark(stage)
        if stalled:
            error = HardwareError("card âm thanh không chạy (the sound card does not run)")
            self._card_failed(error)
            self._lacks_card(stage.start.bulletin, str(error))

    def _finish(self, stage: Stage) -> None:
        reel = stage.reel
        if isinstance(reel, StreamReel) and reel.never_came:
            self._break_off(stage, Reason.NO_STREAM, reel.last_break)
            return
        stage.close()
        self._stage = None
        findings = self._listening.findings(stage.recording, stage.playback.began_mono_ms or 0.0)
        self._outcomes.finish(stage, findings)

    def _cut(self, stage: Stage, by: str) -> None:
        """Silence at once; then the facts."""
        stage.close(amplifier_off=False)
        self._stage = None
        self._outcomes.started(stage)
        self._outcomes.cut(stage, by)

    def _break_off(self, stage: Stage, reason: Reason, detail: str = "") -> None:
        """Silence at once; then the facts."""
        stage.close()
        self._stage = None
        self._outcomes.started(stage)
        self._outcomes.break_off(stage, reason, detail)

    def _silence_at_once(self) -> None:
        """From the stop button's thread: what the card still holds is dropped, too."""
        stage = self._stage
        if stage is not None:
            stage.playback.close()
        self._hall.silence()
        self._self_test.silence()

    def _fall_silent(self) -> None:
        """Settle what was silenced by hand."""
        stage = self._stage
        if stage is not None and stage.began:
            self._break_off(stage, Reason.STOPPED)
        elif stage is not None:
            self._give_up(stage)
        self._self_test.cut()
        if self._hall.sounding:
            self._hall.cut()

    def _settle(self, plan: Plan) -> None:
        """Write the refusals; one that began, or was broken off, since the plan was made has its own fact."""
        sounding = self._stage.start.bulletin.id if self._stage else None
        for refusal in plan.refusals:
            if refusal.bulletin != sounding and not self._outcomes.history.settled(refusal.bulletin):
                self._outcomes.refuse(refusal)

    def _report(self) -> None:
        """Keep what staff are told of this node's troubles."""
        problems = self._context.problems
        if self._clock.synced():
            problems.clear("clock")
        else:
            problems.report("clock", "Đồng hồ chưa đồng bộ: loa im cho đến khi có giờ đúng")
        self._voice.look()
        errors = self._repertoire.errors()
        if errors:
            problems.report("voice", f"Không đọc được bản tin: {errors[0]}")
        else:
            problems.clear("voice")

    def _end(self) -> None:
        self._silence.close()
        self._repertoire.close()
        self._hall.close()
        self._self_test.cut()
        if self._stage is not None and not self._stage.began:
            self._give_up(self._stage)
        elif self._stage is not None:
            self._break_off(self._stage, Reason.INTERRUPTED, "the node was stopped")
        self._amplifier.close()


def _repertoire(context: Context, settings: SpeakerSettings, voice: Voice, streams: Streams) -> Repertoire:
    wake = context.changed.set
    rules = ShelfRules(SOUND_MAX_BYTES, SOUNDS_KEPT_MAX, settings.fetch_kbytes_per_s * 1_000)
    fetch = door_fetch(context.hub_url, context.identity, "sounds")
    shelf = FileShelf(context.directory / "sounds", fetch, rules, wake)
    studio = Studio(context.directory / "speech", voice, wake)
    return Repertoire(studio, shelf, voice, streams, settings.pause_ms)
