"""What every device runs: config, identity, outbox, link, clock, hardware seam, node, supervisor, health.

It knows what a node is, and nothing of what any one node does: nodes and hardware drivers are found by
name among the installed entry points, so a device installs only what it needs.
"""
