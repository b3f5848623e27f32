"""Criteria as data, one TOML file each, read by `commune_hub.reports.judging`."""
