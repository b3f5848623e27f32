"""Do one act to a commune, the way a person or bad luck would, and write down that it was done."""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec

from sim import acts
from sim.acts import Act
from sim.commune import Commune
from sim.control import Arrive, Command, ControlError, Ear, Hold, Keys, Leave, Paper, Sound
from sim.office import Colleague, HubAwayError, RefusedError
from sim.reach import Reach
from sim.truth import Truth

NOT_FOUND = 404

log = logging.getLogger(__name__)


class Doer:
    """Does acts, for the scenario, chance visitors and the panel alike. Safe from several threads."""

    def __init__(self, commune: Commune, truth: Truth) -> None:
        self._commune = commune
        self._truth = truth
        self.reach = Reach(commune)
        """Where on the devices the buttons are."""
        self._staff: dict[str, Colleague] = {}
        self._inside: Counter[str] = Counter()
        self.opened_s = 0.0
        """When the office opened, in seconds since the run's start; acts count from it."""

    def mend_all(self) -> None:
        """Mend every line that is cut or slow, and give power to what was killed."""
        at_s = self._truth.now_s() - self.opened_s
        for device in self._commune.troubled_devices():
            self.do(acts.Mend(at_s=at_s, device=device))
        for who in self._commune.crew.killed():
            self.do(acts.Start(at_s=at_s, who=who))

    def send_home(self) -> None:
        """The office closes: whoever is still at a counter goes home."""
        for device, count in list(self._inside.items()):
            for _ in range(count):
                self.do(acts.Leave(at_s=self._truth.now_s() - self.opened_s, device=device))

    def do(self, act: Act) -> bool:
        """Do it and write it down; return whether it could be done."""
        try:
            self._do(act)
        except (ControlError, HubAwayError, RefusedError, OSError, KeyError) as error:
            log.warning("%s: %s", type(act).__name__, error)
            self._truth.write("failed", act=_plain(act), error=str(error)[:300])
            return False
        return True

    def _do(self, act: Act) -> None:
        match act:
            case acts.Press():
                self._press(act)
            case acts.Take():
                self._take(act)
            case acts.Call() | acts.End() | acts.Handle():
                self._serve(act)
            case acts.Keys():
                self._commune.hands(act.device, "keys").do(Keys(list(act.names)))
                self._truth.write("keys", device=act.device, names=list(act.names))
            case acts.Hold():
                self._commune.hands(act.device, "keys").do(Hold(act.name, act.down))
                self._truth.write("hold", device=act.device, name=act.name, down=act.down)
            case acts.Announce():
                self._announce(act)
            case acts.Arrive():
                self._at_camera(act.device, "arrive", Arrive())
            case acts.Leave():
                self._at_camera(act.device, "leave", Leave())
            case acts.Paper():
                self._commune.hands(act.device, "ticket").do(Paper(act.out))
                self._truth.write("paper", device=act.device, out=act.out)
            case acts.Sound() | acts.Ear():
                self._befall(act)
            case _:
                self._luck(act)

    def _press(self, act: acts.Press) -> None:
        """A press counts as made whatever becomes of it: a citizen does not know that a device is off."""
        t_s = self._truth.now_s()
        try:
            self.reach.press(act.device, act.level)
        finally:
            self._truth.write("press", t_s, device=act.device, button=act.level, level=act.level)

    def _take(self, act: acts.Take) -> None:
        """A ticket counts as taken when the kiosk was touched; who finds it off goes to the desk."""

        def touched() -> None:
            self._truth.write("ticket", device=act.device, field=act.field, lane=act.lane)

        self.reach.take(act.device, act.field, act.lane, act.reads_s, touched)

    def _serve(self, act: acts.Call | acts.End | acts.Handle) -> None:
        officer = self._officer(act.counter)
        verb, word, said = _order(act)
        try:
            if verb == "return":
                said = {"ticket": _put_aside_first(officer)}
            ticket = officer.post(f"/counters/{act.counter}/{verb}", said)
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            self._truth.write(f"nobody_to_{word}", counter=act.counter)
            return
        self._truth.write(word, counter=act.counter, number=ticket["number"])

    def _announce(self, act: acts.Announce) -> None:
        start = self._commune.start
        at = None
        if act.sounds_at_s is not None:
            due_ms = start.at_wall_ms(self.opened_s + act.sounds_at_s)
            at = datetime.fromtimestamp(due_ms / 1000, UTC).isoformat(timespec="milliseconds")
        scenario = self._commune.scenario
        places = list(act.places) or sorted({hamlet.id for hamlet in scenario.plan.hamlets})
        said = {"title": act.title, "text": act.text, "at": at, "places": places, "emergency": act.emergency}
        written = self._colleague("editor").post("/bulletins", said)
        self._colleague("editor").post(f"/bulletins/{written['id']}/submit")
        read = {"version": written["version"]}
        approved = self._colleague("approver").post(f"/bulletins/{written['id']}/approve", read)
        due = datetime.fromisoformat(at or approved["at"])
        self._truth.write(
            "bulletin",
            id=written["id"],
            devices=scenario.speakers_at(places),
            at=round(start.since_s(due.timestamp() * 1000), 3),
            title=act.title,
            text=act.text,
        )

    def _luck(self, act: Act) -> None:
        match act:
            case acts.Cut():
                self._commune.cut(act.device, act.mode)
                self._truth.write("cut", device=act.device, mode=act.mode)
            case acts.Slow():
                self._commune.slow(act.device, act.quality)
                self._truth.write("slow", device=act.device, **dataclasses.asdict(act.quality))
            case acts.Mend():
                self._commune.mend(act.device)
                self._truth.write("mend", device=act.device)
            case acts.Kill():
                # Written first: what dies by it must not look as if it had died by itself.
                self._truth.write("kill", who=act.who)
                self._commune.kill(act.who)
            case acts.Start():
                self._commune.power_on(act.who)
                self._truth.write("start", who=act.who)

    def _befall(self, act: acts.Sound | acts.Ear) -> None:
        """Let something befall a loudspeaker."""
        if isinstance(act, acts.Sound):
            said: Command = Sound(act.plugged, act.gain, act.lose_s, act.horn)
        else:
            said = Ear(act.name, act.deaf, act.gain)
        self._commune.hands(act.device, "speaker").do(said)
        self._truth.write(type(act).__name__.lower(), device=act.device, **msgspec.structs.asdict(said))

    def _at_camera(self, device: str, word: str, command: Command) -> None:
        self._commune.hands(device, "camera").do(command)
        self._truth.write(word, device=device)
        self._inside[device] = max(0, self._inside[device] + (1 if word == "arrive" else -1))

    def _officer(self, counter: str) -> Colleague:
        counters = [each.id for each in self._commune.scenario.plan.counters]
        return self._colleague("officer", counters.index(counter))

    def _colleague(self, role: str, index: int = 0) -> Colleague:
        key = f"{role}/{index}"
        return self._staff.setdefault(key, self._commune.colleague(role, index))


def _order(act: acts.Call | acts.End | acts.Handle) -> tuple[str, str, dict[str, Any] | None]:
    """Return the API's word for an order, the truth's word, and what is said with it."""
    match act:
        case acts.Call():
            return "call-next", "call", None
        case acts.Handle(doing="park"):
            return "park", "park", {"reason": act.reason}
        case acts.Handle(doing="transfer"):
            return "transfer", "transfer", {"to_field": act.to_field, "to_counter": act.to_counter}
        case acts.Handle():
            return act.doing, act.doing, None
    return "end", "end", None


def _put_aside_first(officer: Colleague) -> str:
    """Return the ticket that was put aside first; one that nobody has where there is none."""
    aside = officer.get("/queue")["aside"]
    return str(aside[-1]["ticket"]) if aside else "nobody"


def _plain(act: Act) -> dict[str, Any]:
    return {"do": type(act).__name__.lower(), **dataclasses.asdict(act)}
