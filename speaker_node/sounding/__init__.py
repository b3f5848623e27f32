"""From samples to the air: reels, streams, the player that a card's clock is held by, the amplifier."""
