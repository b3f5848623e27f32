"""The queue: who waits, who is served at which counter, and the order of calling.

`order` decides who is next, `visit` what became of a ticket; both are pure. `history` keeps what the facts
tell, `questions` reads, `desk_work` does what officers order, `asked` what keys at a counter ask for.
"""

from commune_hub.capabilities.queue.desk_work import REASON_MAX, STREAM, DeskWork, Officer
from commune_hub.capabilities.queue.order import Rules, Why
from commune_hub.capabilities.queue.questions import CallMade, Standing
from commune_hub.capabilities.queue.queue import Queue, fields_of, rules_of
from commune_hub.capabilities.queue.tables import migrations
from commune_hub.capabilities.queue.visit import Ticket, Visit

__all__ = [
    "REASON_MAX",
    "STREAM",
    "CallMade",
    "DeskWork",
    "Officer",
    "Queue",
    "Rules",
    "Standing",
    "Ticket",
    "Visit",
    "Why",
    "fields_of",
    "migrations",
    "rules_of",
]
