"""A hub's console with real capabilities, served on a free port, without a broker or devices."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

from commune_hub.api.app import make_api
from commune_hub.api.served import Served
from commune_hub.console import mount
from commune_hub.hub import Capabilities, open_capabilities
from commune_hub.times import local_day, now_ms
from provisioning.plan import Counter, Hamlet, HubConfig, WorkField
from provisioning.report_settings import AlertSettings
from provisioning.roster import RosterEntry, RosterNode, write_roster_entry
from tests.support.waiting import HANGS_S, await_condition
from wire.batches import Batch
from wire.facts import Body, Moment, TicketIssued, make_fact

EPOCH = "0123456789abcdef"
SPEAKER = "loa-dong-1"
HAMLET = "thon-dong"


def commune(root: Path) -> HubConfig:
    """A commune of two counters and one hamlet, its devices on the roster under `root`."""
    config = HubConfig(
        commune="xuan-luong",
        office="UBND xã Xuân Lương",
        counters=[Counter(id="quay-1", name="Quầy 1"), Counter(id="quay-2", name="Quầy 2")],
        fields=[WorkField(id="ho-tich", name="Hộ tịch"), WorkField(id="dat-dai", name="Đất đai")],
        hamlets=[Hamlet(id=HAMLET, name="Thôn Đông")],
        alerts=AlertSettings(open_counter_waiting=1),
        root=root,
    )
    roster = root / "roster"
    roster.mkdir(parents=True, exist_ok=True)
    rating = [RosterNode(name="rating", kind="rating"), RosterNode(name="camera", kind="camera")]
    write_roster_entry(roster, RosterEntry(device="quay-1-pi", place="quay-1", nodes=rating))
    kiosk = [RosterNode(name="ticket", kind="ticket", series="A"), RosterNode(name="display", kind="display")]
    write_roster_entry(roster, RosterEntry(device="sanh-pi", place="hall", nodes=kiosk))
    speaker = [RosterNode(name="speaker", kind="speaker")]
    write_roster_entry(roster, RosterEntry(device=SPEAKER, place=HAMLET, nodes=speaker))
    return config


@dataclass
class Senders:
    """The devices' side: facts reach the ledger as batches, numbered stream by stream."""

    capabilities: Capabilities
    sent: dict[tuple[str, str], int] = field(default_factory=dict)
    tickets: int = 0

    def send(self, device: str, node: str, *bodies: Body, at_ms: int | None = None) -> None:
        """Take facts of `node` into the ledger, as if they had come over the network."""
        first = self.sent.get((device, node), 0) + 1
        moment = Moment(at_ms=now_ms() if at_ms is None else at_ms, mono_ms=1, boot="boot", synced=True)
        facts = [make_fact(body, moment) for body in bodies]
        batch = Batch(device=device, node=node, epoch=EPOCH, first=first, oldest=first, facts=facts)
        self.sent[device, node] = self.capabilities.ledger.take(batch)

    def take_ticket(self, work: str = "ho-tich", ago_ms: int = 0) -> str:
        """Let a citizen take a number; return it."""
        self.tickets += 1
        number, at_ms = f"A{self.tickets:03d}", now_ms() - ago_ms
        day = local_day(now_ms())
        issued = TicketIssued(
            ticket=f"sanh-pi-{day}-{number}", number=number, field=work, day=day, printed=True
        )
        self.send("sanh-pi", "ticket", issued, at_ms=at_ms)
        return number


class ServedHub:
    """The console on a thread of its own: `with ServedHub(tmp_path) as hub: hub.url`."""

    def __init__(self, root: Path) -> None:
        self.capabilities = open_capabilities(commune(root))
        self.senders = Senders(self.capabilities)
        self.changes = 0
        app = make_api(Served(self.capabilities, self._changed))
        mount(app, Served(self.capabilities, self._changed), "0" * 64)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)

    @property
    def url(self) -> str:
        """Where the console is."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> ServedHub:
        self._thread.start()
        await_condition(lambda: self._server.started)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(HANGS_S)
        self._listener.close()
        self.capabilities.store.close()

    def add_member(self, account: str, *roles: str) -> str:
        """Make an account; return its password."""
        return self.capabilities.staff.add(account, f"Tài khoản {account}", roles, by="test")

    def _changed(self) -> None:
        self.changes += 1
