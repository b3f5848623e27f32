"""What every device runs: config, identity, outbox, link, clock, hardware seam, node, supervisor, health.

It knows what a node is, and nothing of what any one node does: nodes and hardware drivers are found by
name among the installed entry points, so a device installs only what it needs.
"""

import os

# Commands read node settings, and some nodes draw: none of them shall greet in pygame's name.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
