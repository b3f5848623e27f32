"""What citizens stand in front of: rating buttons, the ticket kiosk, the queue display (pygame, gpiozero).

`rating`, `ticket`, `display` are the nodes; beside each stands its `…_view`: what the screen shows as plain
data, and `draw_…(surface, view)` that paints it, so that a picture needs no hardware.
"""
