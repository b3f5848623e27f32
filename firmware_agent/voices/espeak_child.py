"""The child that speaks: `… -m firmware_agent.voices.espeak_child VOICE RATE PAUSE_MS OUT.wav < text`."""

from __future__ import annotations

import os
import signal
import sys

from firmware_agent.voices.espeak import Espeak, EspeakError
from firmware_agent.voices.sentences import joined, sentences, write_wav

ALIVE_MAX_S = 600
"""The kernel ends a child that outlives its parent and hangs."""


def main() -> None:
    """Render standard input into the WAV that the last argument names."""
    signal.alarm(ALIVE_MAX_S)
    voice, words_per_minute, pause_ms, path = sys.argv[1:]
    text = sys.stdin.buffer.read().decode()
    try:
        espeak = Espeak(voice, int(words_per_minute))
        parts = [espeak.speak(sentence) for sentence in sentences(text)]
    except EspeakError as error:
        sys.exit(str(error))
    write_wav(path, joined(parts, espeak.rate_hz, int(pause_ms)), espeak.rate_hz)
    os._exit(0)  # the library need not survive an orderly end


if __name__ == "__main__":
    main()
