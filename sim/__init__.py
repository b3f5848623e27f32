"""A whole commune on one machine: pins, sound cards, cameras, networks, scenarios, a panel to watch it."""
