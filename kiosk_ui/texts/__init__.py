"""The words of the kiosks' screens, one TOML file a language: read by `kiosk_ui.catalogue`."""
