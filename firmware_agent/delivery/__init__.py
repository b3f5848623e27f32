"""From the card to the hub, exactly once: outbox, carrier, links, and what goes by stick."""
