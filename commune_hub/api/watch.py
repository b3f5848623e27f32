"""Look at what is: devices, today's ratings, clips."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from fastapi.responses import FileResponse

from commune_hub.api.served import Asked, SignedIn
from commune_hub.api.shapes import (
    AccountOut,
    ClipOut,
    DeviceOut,
    NodeOut,
    OutageOut,
    TallyOut,
    clip_out,
    outage_out,
    tally_out,
)
from commune_hub.capabilities.accounts import DAYS_SHOWN
from commune_hub.capabilities.fleet import DeviceState, NodeState
from commune_hub.times import local_time_if

routes = APIRouter(tags=["watch"])


@routes.get("/devices")
def devices(asked: Asked, _member: SignedIn) -> list[DeviceOut]:
    """Every device with its nodes, as known now."""
    return [_device_out(state) for state in asked.capabilities.fleet.states()]


@routes.get("/outages")
def outages(asked: Asked, _member: SignedIn) -> list[OutageOut]:
    """What the silences of now say: a dark village, a dead device, the hub's own link; widest first."""
    capabilities = asked.capabilities
    return [outage_out(each) for each in capabilities.fleet.outages(capabilities.config.places())]


@routes.get("/ratings/today")
def ratings_today(asked: Asked, _member: SignedIn) -> list[TallyOut]:
    """Today's presses by counter."""
    return [tally_out(tally) for tally in asked.capabilities.ratings.today()]


@routes.get("/accounts")
def accounts(asked: Asked, member: SignedIn) -> list[AccountOut]:
    """What each device made, and what became of it, by day, newest first."""
    member.require("leader", "technician", "administrator")
    return [AccountOut(**asdict(each)) for each in asked.capabilities.accounts.latest(DAYS_SHOWN)]


@routes.get("/clips")
def clips(asked: Asked, member: SignedIn) -> list[ClipOut]:
    """The newest clips; for leaders."""
    return [clip_out(clip) for clip in asked.capabilities.clips.latest(member)]


@routes.get("/clips/{sha256}")
def clip(asked: Asked, member: SignedIn, sha256: str) -> FileResponse:
    """A clip's file; for leaders, and noted in the audit log."""
    return FileResponse(asked.capabilities.clips.look(sha256, member), media_type="video/mp4")


def _device_out(state: DeviceState) -> DeviceOut:
    return DeviceOut(
        device=state.device,
        place=state.place,
        online=state.online,
        nodes=[_node_out(node) for node in state.nodes],
        deaths_today=state.deaths_today,
    )


def _node_out(node: NodeState) -> NodeOut:
    return NodeOut(
        name=node.name,
        kind=node.kind,
        online=node.online,
        seen_at=local_time_if(node.seen_at_ms),
        backlog=node.backlog,
        problems=node.problems,
        refused=node.refused,
    )
