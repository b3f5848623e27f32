"""Set a week's office up in a directory, and let the week pass in virtual time."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from commune_hub.capabilities.staff import Member
from commune_hub.reports.files import FORMATS, Wanted, write_report
from commune_hub.times import LOCAL, to_ms
from firmware_agent.files import write_durably
from provisioning.plan import HALL, HubConfig, check_hub_config
from provisioning.roster import RosterEntry, RosterNode, write_roster_entry
from provisioning.toml_text import toml_text
from sim.clock import START_FILE, Start
from sim.faults.broker import Broker
from sim.faults.schedule import Schedule
from sim.faults.truth import Truth as Story
from sim.faults.world import quiet
from sim.truth import Truth
from sim.week.hall import Devices, OfficeHall
from sim.week.mishaps import Mishaps
from sim.week.office import OfficeHub
from sim.week.panels import NumberPad, RatingPanel, TicketKiosk
from sim.week.people import DAY_MS, MINUTE_MS, visitors
from sim.week.post import Post, Surroundings
from sim.week.scenario import Panel, Week

HUB_ON_MIN, ON_MIN, OFF_MIN = 6 * 60 + 30, 7 * 60, 18 * 60 + 45
"""Minutes of the day at which the hub is started (once), devices are switched on, and off."""
QUEUE_LIMIT = 10_000
"""Messages that the broker keeps for the hub while it is away (provisioning.broker)."""
PAGE_URL = "http://10.0.0.5:8081/t/"
"""What slips' codes begin with; the page itself is asked without its web server."""
REST_MAX_MS = 3_600_000
REPORT_AT_MS = 7 * DAY_MS + 8 * 60 * MINUTE_MS
"""The leader closes the week's report on the Monday after, at eight."""


class WeekOfWork:
    """Make it in an empty directory, `run` it, `close` it."""

    def __init__(self, week: Week, directory: Path, seed: int) -> None:
        self.week = week
        self.directory = directory
        self._seed = seed
        self.schedule = Schedule()
        midnight = datetime.combine(week.monday, datetime.min.time(), LOCAL)
        start = Start(wall_ms=to_ms(midnight), mono_ns=0)
        write_durably(directory / START_FILE, msgspec.json.encode(start))
        self.truth = Truth(directory, start)
        self._key = Ed25519PrivateKey.generate()
        chance = random.Random(f"office/{seed}")
        around = Surroundings(
            self.schedule,
            chance,
            Broker(QUEUE_LIMIT),
            Story(),
            week.plan.commune,
            start.wall_ms,
            directory / "devices",
            self._key.public_key(),
        )
        self.config = _lay_hub(week, directory / "hub", self._key)
        self.hall = OfficeHall(week, self.schedule, random.Random(f"hall/{seed}"), self.truth, Devices())
        self.posts = {panel.name: self._post(around, panel) for panel in week.panels}
        self.hub = OfficeHub(around, self.config, self._key, self.hall.told)
        self.hall.hub = self.hall.raters.page = self.hub

    def run(self, on_day: Callable[[int], None] = lambda _day: None) -> None:
        """Let the week pass, bring everything home, close and write the reports."""
        with quiet():
            self._at(HUB_ON_MIN * MINUTE_MS, self.hub.boot)
            self._plan()
            for day in range(self.week.days):
                self.schedule.run_until((day + 1) * DAY_MS - 1)
                self.hub.correct_all()
                on_day(day + 1)
            self._rest()
            self.schedule.run_until(REPORT_AT_MS)
            self._report()

    def close(self) -> None:
        """Close the files, and lay each device's outbox where people look for it."""
        for post in self.posts.values():
            post.stop()
            for name, content in post.disk.image().items():
                write_durably(post.directory / name, content)
            post.drive.close()
        self.hub.stop()
        self.hub.drive.close()
        self.truth.close()

    def _post(self, around: Surroundings, panel: Panel) -> Post:
        devices = self.hall.devices
        match panel.kind:
            case "rating":
                return devices.panels.setdefault(panel.place, RatingPanel(around, panel.name, panel.place))
            case "keys":
                pad = NumberPad(around, panel.name, panel.place, self.hall.told_by_keys)
                return devices.pads.setdefault(panel.place, pad)
            case _:
                return devices.kiosks.setdefault(panel.name, TicketKiosk(around, panel.name, panel.prints))

    def _at(self, at_ms: int, action: Callable[[], None]) -> None:
        self.schedule.after(at_ms - self.schedule.now_ms, action)

    def _plan(self) -> None:
        people = visitors(self.week, self._seed)
        self.hall.note(
            "week",
            monday=self.week.monday.isoformat(),
            days=self.week.days,
            visitors=len(people),
            counters={each.id: each.name for each in self.week.plan.counters},
        )
        for day in range(self.week.days):
            self._at(day * DAY_MS + ON_MIN * MINUTE_MS, self._morning)
            self._at(day * DAY_MS + OFF_MIN * MINUTE_MS, self._evening)
        mishaps = Mishaps(self.hall, self.hub, self.posts)
        for incident in self.week.incidents:
            if incident.day <= self.week.days:
                mishaps.plan(incident)
        for visitor in people:
            self._at(visitor.at_ms, lambda visitor=visitor: self.hall.arrive(visitor))  # type: ignore[misc]

    def _morning(self) -> None:
        """Switch everything on."""
        self.hall.note("open")
        for post in self.posts.values():
            post.boot()
        self.hall.begin_day()

    def _evening(self) -> None:
        """Switch everything off, but on the last day, when facts must still come home."""
        self.hall.note("close")
        if self.schedule.now_ms < (self.week.days - 1) * DAY_MS:
            off_ms = DAY_MS - self.schedule.now_ms % DAY_MS + ON_MIN * MINUTE_MS - 1
            for post in self.posts.values():
                post.cut_power(off_ms)

    def _rest(self) -> None:
        end_ms = self.schedule.now_ms + REST_MAX_MS
        while self.schedule.now_ms < end_ms and any(post.held() for post in self.posts.values()):
            self.schedule.run_until(self.schedule.now_ms + 10_000)
        self.hub.correct_all()

    def _report(self) -> None:
        """Close the week as a leader does, and write the week and the month in every form."""
        capabilities = self.hub.capabilities
        if capabilities is None:
            raise RuntimeError("the hub is away")
        leader = Member("chu-tich", "Chủ tịch", frozenset({"leader"}))
        monday = self.week.monday
        year, number, _ = monday.isocalendar()
        names = {"week": f"{year}-W{number:02d}", "month": f"{monday + timedelta(days=4):%Y-%m}"}
        capabilities.reports.close(capabilities.reports.find("week", names["week"]), leader)
        out = self.directory / "reports"
        out.mkdir()
        for kind, period in names.items():
            for form in FORMATS:
                target = out / f"{kind}-{period}.{form}"
                write_report(capabilities.reports, self.config.reports, Wanted(kind, period, form), target)


def _lay_hub(week: Week, root: Path, key: Ed25519PrivateKey) -> HubConfig:
    """Write hub.toml, the roster and the seal, so that the product's own commands can read the run."""
    values = week.plan.model_dump(mode="json", exclude_defaults=True) | {"page": {"url": PAGE_URL}}
    roster = root / "roster"
    roster.mkdir(parents=True)
    write_durably(root / "hub.toml", toml_text(values).encode())
    for panel in week.panels:
        node = RosterNode(name=panel.kind, kind=panel.kind, series=panel.series)
        write_roster_entry(roster, RosterEntry(device=panel.name, place=panel.place or HALL, nodes=[node]))
    seal = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (root / "identity").mkdir()
    write_durably(root / "identity" / "seal.key", seal)
    return check_hub_config(values, str(root / "hub.toml"), root)
