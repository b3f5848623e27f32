"""Voices: text becomes speech, by espeak-ng or by a model that the commune brings."""
