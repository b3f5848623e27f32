"""The Raspberry Pi behind the hardware seam."""
