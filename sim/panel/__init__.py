"""The panel: a page on which a person sees the whole simulated commune, and touches it."""
