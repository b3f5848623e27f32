"""`/api/v1`: what other programs may ask of the hub."""
