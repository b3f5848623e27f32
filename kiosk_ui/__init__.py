"""What citizens stand in front of: rating buttons, the ticket kiosk, the queue display (pygame, gpiozero)."""
