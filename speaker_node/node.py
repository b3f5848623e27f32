"""The loudspeaker node: keeps the programme, has it rendered ahead, sounds each bulletin at its second."""

from __future__ import annotations

import logging
from typing import ClassVar

from firmware_agent.backoff import Backoff
from firmware_agent.hardware import HardwareError
from firmware_agent.node import Context
from firmware_agent.settings import Settings
from speaker_node.amplifier import Amplifier
from speaker_node.history import STATE_KEY, History
from speaker_node.planner import Reason, Refusal, Rules, Start, View, make_plan
from speaker_node.settings import SpeakerSettings
from speaker_node.stage import Stage
from speaker_node.studio import Studio
from speaker_node.voice import Voice, espeak_voice
from wire.facts import PlaybackFinished, PlaybackRefused, PlaybackStarted
from wire.intents import Bulletin, Programme

LOOK_EVERY_S = 0.5
LOOK_EVERY_S_NEAR = 0.05
"""While a bulletin is prepared or sounds."""

log = logging.getLogger(__name__)


class SpeakerNode:
    """Sounds the programme; see `speaker_node.planner` for the rules it keeps.

    `voice` puts another engine in the place of espeak-ng.
    """

    Settings: ClassVar[type[Settings]] = SpeakerSettings

    def __init__(self, context: Context, voice: Voice | None = None) -> None:
        settings: SpeakerSettings = context.settings
        self._context = context
        self._facts = context.facts
        self._clock = context.clock
        self._rules = Rules(settings.quiet(), settings.late_max_s * 1000)
        self._history = History.read(context.facts.state(STATE_KEY))
        self._waiting: dict[str, Refusal] = {}
        self._stage: Stage | None = None
        self._amplifier = Amplifier(context.hardware.pins, settings.amplifier_pin)
        self._card_backoff = Backoff()
        self._card_again_mono_ms = 0
        voice = voice or espeak_voice(settings.voice, settings.words_per_minute)
        self._studio = Studio(context.directory / "speech", voice, context.changed.set)

    def run(self) -> None:
        """Sound the programme until the node shall end."""
        self._settle_interrupted()
        try:
            while not self._context.stop.is_set():
                self.look()
                self._context.changed.wait(LOOK_EVERY_S_NEAR if self._stage else LOOK_EVERY_S)
                self._context.changed.clear()
        finally:
            self._end()

    def look(self) -> None:
        """Look once at the programme, the clock and the sound card, and do what is due."""
        programme = self._context.documents.current(Programme)
        self._take(programme)
        self._follow(programme)
        plan = make_plan(self._view(programme), self._rules)
        self._waiting = dict(plan.waiting)
        self._prepare(plan.next)
        sounding = self._stage.start.bulletin.id if self._stage else None
        for refusal in plan.refusals:
            # One that began, or was broken off, since the plan was made has its own last fact.
            if refusal.bulletin != sounding and not self._history.settled(refusal.bulletin):
                self._refuse(refusal)
        self._report()

    def _view(self, programme: Programme | None) -> View:
        stage = self._stage
        return View(
            programme=programme,
            history=self._history,
            now_ms=self._clock.wall_ms(),
            clock_sure=self._clock.synced(),
            speech=self._studio.speech(),
            waiting=self._waiting,
            prepared=stage.start if stage and not stage.began else None,
            busy=stage is not None and stage.began,
        )

    def _take(self, programme: Programme | None) -> None:
        """Know the bulletins of the programme, and have those rendered that may still sound."""
        if programme is None:
            return
        now_ms = self._clock.wall_ms() if self._clock.synced() else None
        history = self._history.take(programme.bulletins, now_ms)
        if history != self._history:
            self._history = history
            self._facts.remember(history.state())
        self._studio.want(
            [each for each in programme.bulletins if each.approved and not history.settled(each.id)]
        )

    def _follow(self, programme: Programme | None) -> None:
        """Keep up with the bulletin that sounds: begun, withdrawn, at its end, or without a card."""
        stage = self._stage
        if stage is None or not stage.began:
            return
        stage.keep_aim()
        self._tell_started(stage)
        bulletin = stage.start.bulletin
        if stage.playback.heard_out():
            self._finish(stage)
        elif programme is None:
            self._break_off(stage, Reason.WITHDRAWN, "no valid programme")
        elif bulletin.id not in {each.id for each in programme.bulletins}:
            self._break_off(stage, Reason.WITHDRAWN)
        elif stage.playback.stalled():
            self._break_off(stage, Reason.NO_SOUND_CARD)
            self._card_failed(HardwareError("card âm thanh ngừng giữa chừng (the sound card stopped)"))

    def _prepare(self, start: Start | None) -> None:
        """Bring the sound card to where `start` needs it."""
        stage = self._stage
        if stage is not None and stage.began:
            return
        if stage is not None and (stage.start != start or stage.playback.stalled()):
            self._give_up(stage)
        if start is not None and self._stage is None:
            self._open(start)
        if self._stage is not None:
            self._approach(self._stage)

    def _approach(self, stage: Stage) -> None:
        """Come nearer to the first sample: it may sound only after the mark is on disk."""
        stage.keep_aim()
        stage.warm_up()
        if stage.due_to_mark():
            stage.marked = True
            self._history = self._history.begin(stage.start.bulletin.id)
            self._facts.remember(self._history.state())
            stage.playback.arm()

    def _open(self, start: Start) -> None:
        if self._clock.mono_ms() < self._card_again_mono_ms:
            return
        bulletin = start.bulletin
        rendered = self._studio.rendered(bulletin.id)
        try:
            samples = rendered.samples() if rendered else None
        except (OSError, RuntimeError):
            samples = None
        if samples is None:
            self._studio.spoil(bulletin.id)
            return
        try:
            card = self._context.hardware.sound_card()
            self._stage = Stage(start, samples, card, self._amplifier, self._clock)
        except HardwareError as error:
            self._card_failed(error)
            self._lacks_card(bulletin, str(error))
            return
        self._card_backoff = Backoff()
        self._context.problems.clear("sound_card")

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
        stage.playback.close()
        if stage.began:
            self._break_off(stage, Reason.INTERRUPTED, "the plan changed")
            return
        self._close_stage(stage)
        if stalled:
            error = HardwareError("card âm thanh không chạy (the sound card does not run)")
            self._card_failed(error)
            self._lacks_card(stage.start.bulletin, str(error))

    def _close_stage(self, stage: Stage) -> None:
        stage.close()
        self._stage = None
        if stage.marked and not stage.began:
            self._history = self._history.unmark(stage.start.bulletin.id)
            self._facts.remember(self._history.state())

    def _tell_started(self, stage: Stage) -> None:
        if stage.told or not stage.heard:
            return
        stage.told = True
        bulletin = stage.start.bulletin
        self._facts.record(
            PlaybackStarted(
                bulletin=bulletin.id, due_at_ms=bulletin.at_ms, started_at_ms=stage.started_at_ms()
            )
        )

    def _finish(self, stage: Stage) -> None:
        bulletin = stage.start.bulletin.id
        self._history = self._history.settle(bulletin)
        finished = PlaybackFinished(
            bulletin=bulletin,
            started_at_ms=stage.started_at_ms(),
            duration_ms=stage.sounded_ms(),
            underruns=stage.playback.underruns,
        )
        self._facts.record(finished, self._history.state())
        self._close_stage(stage)

    def _break_off(self, stage: Stage, reason: Reason, detail: str = "") -> None:
        """Silence at once; then the facts."""
        stage.close()
        self._tell_started(stage)
        heard = f"stopped after {stage.sounded_ms() / 1000:.1f} s"
        bulletin = stage.start.bulletin
        self._refuse(Refusal(bulletin.id, bulletin.at_ms, reason, f"{heard}; {detail}" if detail else heard))
        self._stage = None

    def _refuse(self, refusal: Refusal) -> None:
        self._history = self._history.settle(refusal.bulletin)
        fact = PlaybackRefused(
            bulletin=refusal.bulletin,
            due_at_ms=refusal.due_at_ms,
            reason=refusal.reason.value,
            detail=refusal.detail[:200],
        )
        self._facts.record(fact, self._history.state())
        log.info("không phát (not sounded) %s: %s %s", refusal.bulletin, fact.reason, fact.detail)

    def _settle_interrupted(self) -> None:
        """Tell of bulletins that were sounding when the power went."""
        for bulletin in self._history.begun():
            due_at_ms = self._history.records[bulletin].at_ms
            self._refuse(Refusal(bulletin, due_at_ms, Reason.INTERRUPTED))

    def _report(self) -> None:
        """Keep what staff are told of this node's troubles."""
        problems = self._context.problems
        if self._clock.synced():
            problems.clear("clock")
        else:
            problems.report("clock", "Đồng hồ chưa đồng bộ: loa im cho đến khi có giờ đúng")
        errors = [each.error for each in self._studio.speech().values() if each.error]
        if errors:
            problems.report("voice", f"Không đọc được bản tin: {errors[0]}")
        else:
            problems.clear("voice")

    def _end(self) -> None:
        self._studio.close()
        if self._stage is not None and not self._stage.began:
            self._give_up(self._stage)
        elif self._stage is not None:
            self._break_off(self._stage, Reason.INTERRUPTED, "the node was stopped")
        self._amplifier.close()
