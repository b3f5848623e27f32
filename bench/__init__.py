"""Measurements: what the software costs, beside a peer or a physical limit measured in the same run."""
