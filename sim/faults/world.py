"""A commune in one thread and virtual time: nodes, broker, hub, and everything that the plan does to them."""

from __future__ import annotations

import contextlib
import logging
import random
from collections.abc import Callable, Iterator

from sim.faults.broker import Broker
from sim.faults.client import LineState
from sim.faults.hub import Hub
from sim.faults.machine import Machine
from sim.faults.node import Node
from sim.faults.plan import BROKER, HORIZON_MS, HUB, Fault, Plan, devices
from sim.faults.schedule import Schedule
from sim.faults.truth import Truth

HEALED_FOR_MAX_MS = 1_200_000
"""How long after the last fault a run may take to come to rest."""
CARD_CHANGE_MS = 150_000
"""A technician needs at least this long to put another card in; nothing is on the network for so long."""

MakeNode = Callable[[Schedule, random.Random, Broker, Truth, str], Node]
MakeHub = Callable[..., Hub]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the product's own log lines to itself: here trouble is no news."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


class World:
    """Make it, `run` it, look at `truth`, `hub` and `nodes`, then `close` it."""

    def __init__(self, plan: Plan, make_node: MakeNode = Node, make_hub: MakeHub = Hub) -> None:
        self.plan = plan
        self.schedule = Schedule()
        self.truth = Truth()
        self._chance = random.Random(f"world/{plan.seed}")
        self.broker = Broker(plan.queue_limit)
        shared = (self.schedule, self._chance, self.broker, self.truth)
        self.hub = make_hub(*shared, durable=plan.hub_durable)
        self.nodes = {name: make_node(*shared, name) for name in devices(plan)}
        self.rested = False

    def run(self) -> None:
        """Let everything happen, then heal, then wait until all is at rest or time is up."""
        with quiet():
            self.hub.boot()
            for node in self.nodes.values():
                node.boot()
                self._press_soon(node)
            for fault in self.plan.faults:
                self.schedule.after(fault.at_ms, lambda fault=fault: self._apply(fault))  # type: ignore[misc]
            self.schedule.run_until(HORIZON_MS)
            self._heal()
            end_ms = self.schedule.now_ms + HEALED_FOR_MAX_MS
            while self.schedule.now_ms < end_ms and not self.rested:
                self.schedule.run_until(self.schedule.now_ms + 5_000)
                self.rested = self._at_rest()
            self._reopen_hub()

    @property
    def _everybody(self) -> list[Machine]:
        return [self.hub, *self.nodes.values()]

    def close(self) -> None:
        """Let the disks go."""
        for each in self._everybody:
            each.stop()
            each.drive.close()

    def _at_rest(self) -> bool:
        return self.hub.store is not None and all(node.held() == 0 for node in self.nodes.values())

    def _reopen_hub(self) -> None:
        """The last power cut: only what its disk gives back counts."""
        self.hub.cut_power(0)
        end_ms = self.schedule.now_ms + 60_000
        while self.hub.store is None:
            if self.schedule.now_ms >= end_ms:
                raise RuntimeError(f"seed {self.plan.seed}: the hub's store does not open on a sound disk")
            self.schedule.run_until(self.schedule.now_ms + 1_000)

    def _press_soon(self, node: Node) -> None:
        delay_ms = int(self._chance.expovariate(1 / self.plan.press_every_ms)) + 1
        if self.schedule.now_ms + delay_ms < HORIZON_MS:
            self.schedule.after(delay_ms, lambda: self._press(node))

    def _press(self, node: Node) -> None:
        node.press()
        self._press_soon(node)

    def _heal(self) -> None:
        self._tell("", "mọi thứ được sửa xong (everything is mended)")
        if not self.broker.running:
            self.broker.restart()
        self.broker.denied.clear()
        for each in self._everybody:
            each.disk.trouble.clear()
            each.disk.fuse = None
            each.line.slow_ms = 0
            each.line.set("up")

    def _tell(self, who: str, text: str, *, fault: bool = False) -> None:
        self.truth.story.append((self.schedule.now_ms, who, text, fault))

    # What goes wrong

    def _apply(self, fault: Fault) -> None:
        self._tell(fault.who, f"{fault.kind}, {fault.span_ms / 1000:g} s, ×{fault.size}", fault=True)
        if fault.who == BROKER:
            self._apply_to_broker(fault)
        elif fault.who == HUB:
            self._apply_to_any(self.hub, fault)
        elif fault.who in self.nodes:
            self._apply_to_node(self.nodes[fault.who], fault)

    def _apply_to_broker(self, fault: Fault) -> None:
        if fault.kind == "broker saves":
            self.broker.save()
            return
        self.broker.kill()
        for each in self._everybody:
            if each.client is not None and each.line.state == "up":
                each.client.drop()
        self.schedule.after(fault.span_ms, self.broker.restart)

    def _apply_to_any(self, who: Machine, fault: Fault) -> None:
        match fault.kind:
            case "power":
                who.cut_power(fault.span_ms)
            case "power in a write":
                who.disk.fuse = fault.size
            case "restart":
                who.restart()
            case "line cut":
                self._line(who, "cut", fault.span_ms)
            case "line silent":
                self._line(who, "silent", fault.span_ms)
            case "line slow":
                who.line.slow_ms = 50 * min(fault.size, 40)
            case "dead inside":
                self._die_inside(who, fault.span_ms)
            case "disk full":
                who.disk.trouble["full"] = fault.size
            case "read errors":
                who.disk.trouble["read"] = fault.size
            case "write errors":
                who.disk.trouble["write"] = fault.size
            case "clock jumps":
                who.clock.jump(fault.span_ms * (1_000 if fault.size % 2 else -1_000))
                self.truth.misled.add(fault.who)

    def _line(self, who: Machine, state: LineState, span_ms: int) -> None:
        who.line.set(state)
        self.schedule.after(span_ms, lambda: who.line.set("up"))

    def _die_inside(self, who: Machine, span_ms: int) -> None:
        """The client's network thread dies. A node sees it by the missing acks, a hub is restarted."""
        if who.client is not None:
            who.client.dead_inside = True
        if isinstance(who, Hub):
            self.schedule.after(span_ms, who.restart)

    def _apply_to_node(self, node: Node, fault: Fault) -> None:
        match fault.kind:
            case "denied":
                name = f"{node.device}.rating"
                self.broker.denied.add(name)
                self.schedule.after(fault.span_ms, lambda: self.broker.denied.discard(name))
            case "card copied":
                node.copy = (node.disk.image(), sum(1 for _ in self.truth.of(node.device)))
            case "card put back":
                self._put_card_back(node)
            case "card new":
                node.cut_power(CARD_CHANGE_MS + fault.span_ms)
                node.disk.put_back({})
                self.truth.excuse(node.device, "new card")
            case "bit flips":
                node.cut_power(fault.span_ms)
                if node.disk.flip_bit(self._chance.choice(["outbox.db", "outbox.db-wal"])):
                    self.truth.flipped.add(node.device)
                    self.truth.excuse(node.device, "bit flip")
            case "many presses":
                for _ in range(fault.size):
                    node.press()
            case _:
                self._apply_to_any(node, fault)

    def _put_card_back(self, node: Node) -> None:
        if node.copy is None:
            return
        image, presses = node.copy
        node.cut_power(CARD_CHANGE_MS)
        node.disk.put_back(image)
        self.truth.excuse(node.device, "older card", presses)
