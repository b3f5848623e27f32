"""What is written down of each sounding: marks before the first sample, and exactly one last fact."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from firmware_agent.node import Facts
from speaker_node.chime import RATE_HZ
from speaker_node.hearing.findings import Findings
from speaker_node.history import STATE_KEY, History
from speaker_node.planner import Reason, Refusal
from speaker_node.sounding.stage import Stage
from wire.facts import PlaybackCut, PlaybackFinished, PlaybackRefused, PlaybackStarted
from wire.intents import Bulletin

DETAIL_MAX = 200
"""Most characters of a detail on the wire."""

log = logging.getLogger(__name__)


class Outcomes:
    """Keeps the history of all soundings, each change in one transaction with its fact.

    outcomes = Outcomes(context.facts)
    outcomes.settle_interrupted()       # once, at the start
    outcomes.take(near, now_ms)         # and keep() in the end of the same look
    outcomes.mark(stage)                # before the first sample may sound
    outcomes.started(stage); outcomes.finish(stage)
    outcomes.cut(stage, by); outcomes.refuse(refusal)
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.history = History.read(facts.state(STATE_KEY))
        self._kept = True

    def settle_interrupted(self) -> None:
        """Tell of bulletins that were sounding when the power went."""
        for bulletin in self.history.begun():
            self.refuse(Refusal(bulletin, self.history.of(bulletin).at_ms, Reason.INTERRUPTED))

    def take(self, near: Iterable[Bulletin], now_ms: int | None) -> None:
        """Know the soundings that are near; `now_ms` is None while the clock is unsure. `keep` it then."""
        history = self.history.take(near, now_ms)
        if history != self.history:
            self.history = history
            self._kept = False

    def keep(self) -> None:
        """Have on disk what was taken, unless a mark or a fact took it there: one wait for the card less."""
        if not self._kept:
            self._remember()

    def mark(self, stage: Stage) -> None:
        """Mark as begun; it may sound when this returns."""
        stage.marked = True
        self.history = self.history.begin(stage.start.bulletin.id)
        self._remember()

    def unmark(self, stage: Stage) -> None:
        """Take the mark back from one of which no sample has sounded."""
        if stage.marked:
            stage.marked = False
            self.history = self.history.unmark(stage.start.bulletin.id)
            self._remember()

    def started(self, stage: Stage) -> None:
        """Tell, once, that the first sample was heard."""
        if stage.told or not stage.heard:
            return
        stage.told = True
        bulletin = stage.start.bulletin
        self._facts.record(
            PlaybackStarted(
                bulletin=bulletin.id,
                due_at_ms=max(0, bulletin.at_ms),
                started_at_ms=stage.started_at_ms(),
                from_ms=stage.start.from_ms,
                detail=stage.detail[:DETAIL_MAX],
            )
        )

    def finish(self, stage: Stage, findings: Findings) -> None:
        """Tell that it sounded to its end."""
        bulletin = stage.start.bulletin.id
        record = self.history.of(bulletin)
        self.history = self.history.settle(bulletin)
        finished = PlaybackFinished(
            bulletin=bulletin,
            started_at_ms=record.started_at_ms or stage.started_at_ms(),
            duration_ms=record.sounded_ms + stage.sounded_ms(),
            underruns=stage.playback.underruns,
            detail=_joined(stage.detail, _gaps(stage)),
            completeness=stage.completeness(),
            level_dbfs=findings.level_dbfs,
            verdict=findings.verdict,
            fault=findings.fault,
            sure=findings.sure,
        )
        self._facts.record(finished, self.history.state())

    def cut(self, stage: Stage, by: str) -> None:
        """Tell that something more urgent cut it, and keep where it goes on; give it up if it says so."""
        bulletin = stage.start.bulletin
        record = self.history.of(bulletin.id)
        sounded_ms = record.sounded_ms + stage.sounded_ms()
        if bulletin.when_cut == "drop":
            detail = f"cut by {by} after {sounded_ms / 1000:.1f} s"
            self.refuse(Refusal(bulletin.id, bulletin.at_ms, Reason.CUT, detail))
            return
        started_at_ms = record.started_at_ms or stage.started_at_ms()
        kept_ms = sounded_ms if bulletin.when_cut == "resume" else 0
        self.history = self.history.cut(bulletin.id, by, started_at_ms, kept_ms)
        fact = PlaybackCut(
            bulletin=bulletin.id,
            started_at_ms=started_at_ms,
            sounded_ms=sounded_ms,
            by=by,
            then=bulletin.when_cut,
        )
        self._facts.record(fact, self.history.state())

    def break_off(self, stage: Stage, reason: Reason, detail: str = "") -> None:
        """Tell that it was silenced before its end for good."""
        bulletin = stage.start.bulletin
        sounded_ms = self.history.of(bulletin.id).sounded_ms + stage.sounded_ms()
        heard = f"stopped after {sounded_ms / 1000:.1f} s"
        self.refuse(Refusal(bulletin.id, bulletin.at_ms, reason, _joined(heard, detail)))

    def refuse(self, refusal: Refusal) -> None:
        """Tell that it did not sound, or not to its end."""
        self.history = self.history.settle(refusal.bulletin)
        fact = PlaybackRefused(
            bulletin=refusal.bulletin,
            due_at_ms=max(0, refusal.due_at_ms),
            reason=refusal.reason.value,
            detail=refusal.detail[:DETAIL_MAX],
        )
        self._facts.record(fact, self.history.state())
        log.info("không phát (not sounded) %s: %s %s", refusal.bulletin, fact.reason, fact.detail)

    def _remember(self) -> None:
        self._facts.remember(self.history.state())
        self._kept = True


def _gaps(stage: Stage) -> str:
    """A stream, or a disk, that did not keep up."""
    silent_s = stage.reel.lost_frames / RATE_HZ
    return f"{stage.reel.gaps} khoảng lặng (gaps), {silent_s:.1f} s" if silent_s else ""


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)[:DETAIL_MAX]
