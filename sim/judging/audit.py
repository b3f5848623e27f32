"""Judge a run: what really happened against what the hub keeps and what the loudspeakers sounded.

Each expectation is one pure function of the evidence. None of them asks the product's own code.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.judging.calling import is_calling
from sim.judging.evidence import Evidence
from sim.judging.listening import Sounding
from sim.scenario import ExpectationName
from sim.stalls import Stall, stood_still_s

START_EARLY_S = 0.05
START_LATE_S = 0.2
"""A bulletin's sound begins at its second, at most this much earlier or later: on a machine that runs. What
it stood still meanwhile is no fault of the loudspeaker."""
NEAR_S = 3.0
"""What happens this close to a bulletin's second can delay it: sounds are made ready, cards opened."""
STAMP_S = 2.0
"""A fact's time lies this close to when it was done."""
SHOWN = 5
"""Faults named one by one; the rest is counted."""


@dataclass
class Finding:
    """What was found about one expectation: what was counted, and each fault as a line."""

    counted: str
    faults: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether there is no fault."""
        return not self.faults

    @property
    def detail(self) -> str:
        """One line for people."""
        more = f" … (+{len(self.faults) - SHOWN})" if len(self.faults) > SHOWN else ""
        return self.counted + "".join(f"; {fault}" for fault in self.faults[:SHOWN]) + more


def judge_presses(evidence: Evidence) -> Finding:
    """Every press that a citizen made is at the hub once, at its device, with its level and its time."""
    made = [((line["device"], line["level"]), line["t"]) for line in evidence.did("press")]
    kept = [((each.device, each.body.get("level")), each.t_s) for each in evidence.of_kind("rating.pressed")]
    faults = _one_for_one(made, kept)
    return Finding(
        f"{len(made)} lần bấm, hub giữ {len(kept)} (presses made, kept)", faults, {"presses": len(kept)}
    )


def judge_tickets(evidence: Evidence) -> Finding:
    """Every ticket that a citizen took is at the hub once; no number was given twice."""
    made = [((line["device"], line["field"]), line["t"]) for line in evidence.did("ticket")]
    issued = evidence.of_kind("ticket.issued")
    kept = [((each.device, each.body.get("field")), each.t_s) for each in issued]
    faults = _one_for_one(made, kept)
    for name in ("ticket", "number"):
        faults += [
            f"{name} {value}: cấp {count} lần (given {count} times)"
            for value, count in Counter(str(each.body.get(name)) for each in issued).items()
            if count > 1
        ]
    return Finding(
        f"{len(made)} số lấy, hub giữ {len(kept)} (tickets taken, kept)", faults, {"tickets": len(kept)}
    )


def judge_calls(evidence: Evidence) -> Finding:
    """Every call of an officer is at the hub once, with the number and the counter.

    What keys call, the truth cannot name: whoever presses `Enter` does not say a number.
    """
    keys = {each.body.get("counter") for each in evidence.of_kind("counter.asked")}
    did = [line for line in evidence.did("call") if line["counter"] not in keys]
    made = [((line["counter"], line["number"]), line["t"]) for line in did]
    called = [
        each
        for each in evidence.of_kind("ticket.called")
        if each.body.get("by") != "keys" and each.body.get("counter") not in keys
    ]
    kept = [((each.body.get("counter"), each.body.get("number")), each.t_s) for each in called]
    faults = _one_for_one(made, kept)
    counters = len({counter for (counter, _), _ in kept})
    counted = f"{len(made)} lần gọi ở {counters} quầy (calls at {counters} counters)"
    return Finding(counted, faults, {"calls": len(kept)})


def judge_bulletins(evidence: Evidence) -> Finding:
    """Every bulletin sounded at each of its loudspeakers, at its second, and was told to be finished."""
    faults: list[str] = []
    errors_s: list[float] = []
    wanted = wanted_playbacks(evidence)
    for device, bulletin, due_s in wanted:
        sound = _sound_at(evidence.heard[device], due_s)
        if sound is None:
            faults.append(f"{device}: im lặng lúc (silent at) {due_s:.2f} s, bản tin {bulletin}")
            continue
        error_s = sound.start_s - due_s
        errors_s.append(abs(error_s))
        if not -START_EARLY_S <= error_s <= late_max_s(evidence.stalls, due_s):
            faults.append(f"{device}: lệch (off by) {error_s * 1000:+.0f} ms, bản tin {bulletin}")
    finished = Counter(
        (each.device, each.body.get("bulletin")) for each in evidence.of_kind("playback.finished")
    )
    faults += [
        f"{device}: {finished[device, bulletin]} lần báo phát xong (told finished), bản tin {bulletin}"
        for device, bulletin, _ in wanted
        if finished[device, bulletin] != 1
    ]
    bulletins = len({bulletin for _, bulletin, _ in wanted})
    worst_ms = round(max(errors_s, default=0.0) * 1000, 1)
    counted = (
        f"{bulletins} bản tin, {len(wanted)} lượt phát, lệch nhiều nhất (worst start error) {worst_ms} ms"
    )
    figures = {"bulletins": bulletins, "playbacks": len(wanted), "worst_start_error_ms": worst_ms}
    return Finding(counted, faults, figures)


def late_max_s(stalls: Sequence[Stall], due_s: float) -> float:
    """Return how late what is due at `due_s` may begin on a machine that stood still at these times."""
    return START_LATE_S + stood_still_s(stalls, due_s - NEAR_S, due_s + NEAR_S)


def judge_silence(evidence: Evidence) -> Finding:
    """No loudspeaker sounded anything but its bulletins, and one of the hall its calls."""
    due: dict[str, list[float]] = defaultdict(list)
    for device, _, due_s in _scheduled(evidence):
        due[device].append(due_s)
    faults = []
    for device, heard in evidence.heard.items():
        meant = {id(_sound_at(heard, due_s)) for due_s in due[device]}
        faults += [
            f"{device}: phát ngoài lịch (sounded unasked) {sound.start_s:.2f}–{sound.end_s:.2f} s"
            for sound in heard
            if id(sound) not in meant and not is_calling(evidence, device, sound)
        ]
    return Finding(f"{len(evidence.heard)} loa (loudspeakers)", faults)


def judge_clips(evidence: Evidence) -> Finding:
    """Each camera at whose counter people came recorded, and every clip told of is whole at the hub."""
    rest_s = max((line["t"] for line in evidence.did("rest")), default=float("inf"))
    told = [each for each in evidence.of_kind("clip.recorded") if each.t_s <= rest_s]
    visited = {line["device"] for line in evidence.did("arrive")}
    recorded = {each.device for each in told}
    faults = [f"{name}: không có đoạn ghi nào (no clip)" for name in sorted(visited - recorded)]
    faults += [
        f"{each.device}: đoạn {each.body.get('file')} không có ở hub hoặc sai (missing or altered at the hub)"
        for each in told
        if each.body.get("sha256") not in evidence.clips
    ]
    counted = f"{len(told)} đoạn ghi từ {len(recorded)} máy ảnh (clips from {len(recorded)} cameras)"
    return Finding(counted, faults, {"clips": len(told)})


def judge_streams(evidence: Evidence) -> Finding:
    """Every stream of facts is whole: its numbers are 1, 2, 3 … without gap or repeat."""
    streams: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for fact in evidence.facts:
        streams[fact.device, fact.node, fact.epoch].append(fact.seq)
    faults = [
        f"{'/'.join(stream)}: {len(numbers)} sự việc, số cuối (last number) {max(numbers)}"
        for stream, numbers in streams.items()
        if sorted(numbers) != list(range(1, len(numbers) + 1))
    ]
    counted = f"{len(evidence.facts)} sự việc trong {len(streams)} dòng (facts in {len(streams)} streams)"
    return Finding(counted, faults, {"facts": len(evidence.facts), "streams": len(streams)})


def judge_outboxes(evidence: Evidence) -> Finding:
    """When the run had come to rest, no node still held a fact that the hub had not taken."""
    rested = evidence.did("rest")
    if not rested:
        return Finding("chưa yên (never came to rest)", ["các nút không gửi hết kịp (not drained in time)"])
    left = [each for each in evidence.leftovers if each.t_s <= rested[-1]["t"]]
    counts = Counter(each.outbox for each in left)
    faults = [f"{outbox}: còn {count} sự việc (facts left)" for outbox, count in sorted(counts.items())]
    return Finding("mọi hộp thư đi đã rỗng (outboxes empty)" if not left else "còn sót (left)", faults)


def judge_processes(evidence: Evidence) -> Finding:
    """Nothing died but what the scenario killed."""
    faults = [
        f"{line['who']}: dừng ngoài ý muốn, mã (died, exit code) {line['exit_code']}"
        for line in evidence.did("fallen")
    ]
    killed = Counter(line["who"] for line in evidence.did("kill"))
    died = Counter(f"{each.device}/{each.body.get('node')}" for each in evidence.of_kind("node.died"))
    faults += [f"{who}: chết {count} lần (node died)" for who, count in (died - killed).items()]
    faults += [f"{line['act']}: {line['error']}" for line in evidence.did("failed")]
    return Finding(f"{sum(killed.values())} lần giết có chủ ý (killed on purpose)", faults)


JUDGES: dict[ExpectationName, tuple[str, Callable[[Evidence], Finding]]] = {
    "presses": ("Không mất, không thừa lần bấm nào (presses one for one)", judge_presses),
    "tickets": ("Không mất, không trùng số nào (tickets one for one)", judge_tickets),
    "calls": ("Mọi lần gọi số đều được ghi (calls one for one)", judge_calls),
    "bulletins": ("Bản tin phát đúng nơi, đúng giây (bulletins on time)", judge_bulletins),
    "silence": ("Ngoài bản tin, loa im lặng (silence otherwise)", judge_silence),
    "clips": ("Đoạn ghi về hub nguyên vẹn (clips whole at the hub)", judge_clips),
    "streams": ("Dòng sự việc liền số (streams without gap or repeat)", judge_streams),
    "outboxes": ("Mọi sự việc đã về hub (outboxes drained)", judge_outboxes),
    "processes": ("Không gì tự dừng, không việc nào hỏng (nothing died or failed)", judge_processes),
}
"""Every expectation: its name for people, and its judge."""


def _one_for_one(made: Iterable[tuple[Any, float]], kept: Iterable[tuple[Any, float]]) -> list[str]:
    """Return how what is kept differs from what was made: lost, too many, at another time."""
    times_made: dict[Any, list[float]] = defaultdict(list)
    times_kept: dict[Any, list[float]] = defaultdict(list)
    for key, t_s in made:
        times_made[key].append(t_s)
    for key, t_s in kept:
        times_kept[key].append(t_s)
    faults = []
    for key in sorted({*times_made, *times_kept}, key=str):
        what = " ".join(map(str, key))
        difference = len(times_kept[key]) - len(times_made[key])
        if difference:
            word = "thừa (too many)" if difference > 0 else "mất (lost)"
            faults.append(f"{what}: {word} {abs(difference)}")
            continue
        pairs = zip(sorted(times_made[key]), sorted(times_kept[key]), strict=True)
        off_s = max((abs(there - here) for here, there in pairs), default=0.0)
        if off_s > STAMP_S:
            faults.append(f"{what}: giờ ghi lệch (stamped off by) {off_s:.1f} s")
    return faults


def _scheduled(evidence: Evidence) -> list[tuple[str, str, float]]:
    """Return (loudspeaker, bulletin, due second) of all that staff had approved."""
    return [
        (device, line["id"], float(line["at"]))
        for line in evidence.did("bulletin")
        for device in line["devices"]
    ]


def wanted_playbacks(evidence: Evidence) -> list[tuple[str, str, float]]:
    """Return (loudspeaker, bulletin, due second) of all that had to sound before the day closed.

    A loudspeaker without power around that second is left out.
    """
    closed_s = max((line["t"] for line in evidence.did("close")), default=float("inf"))
    return [
        (device, bulletin, due_s)
        for device, bulletin, due_s in _scheduled(evidence)
        if due_s < closed_s and not _without_power(evidence, device, due_s)
    ]


LONGEST_BULLETIN_S = 30.0
"""A power cut up to this long after the beginning may fall into a bulletin, which then is not judged."""


def _without_power(evidence: Evidence, device: str, due_s: float) -> bool:
    off_since_s: float | None = None
    for line in evidence.did("kill", "start"):
        if line["who"] not in (device, f"{device}/speaker"):
            continue
        if line["do"] == "kill" and due_s <= line["t"] <= due_s + LONGEST_BULLETIN_S:
            return True
        if line["t"] <= due_s:
            off_since_s = line["t"] if line["do"] == "kill" else None
    return off_since_s is not None


def _sound_at(heard: list[Sounding], due_s: float) -> Sounding | None:
    """Return the stretch of sound that belongs to a bulletin due at `due_s`: the one that begins nearest."""
    near = [sound for sound in heard if abs(sound.start_s - due_s) <= STAMP_S]
    return min(near, key=lambda sound: abs(sound.start_s - due_s), default=None)
