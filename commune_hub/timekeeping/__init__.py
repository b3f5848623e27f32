"""Time at the hub: when facts truly happened, and how sure that is, however wrong a device's clock was."""
