"""The child process that speaks: `python -m firmware_agent.voice_child VOICE RATE OUT.wav < text`.

pyttsx3's `runAndWait` does not wait on espeak-ng: it returns while the engine's own thread still renders, and
a process that ends then leaves no file or half of one (measured: pyttsx3 2.99, texts over some 200 bytes).
What can be waited for is its `finished-utterance`, told after the file was written. A voice that does not
exist is told as `error` only, and English would be spoken in its place.
"""

from __future__ import annotations

import os
import queue
import signal
import sys

ALIVE_MAX_S = 600
"""The kernel ends a child that outlives its parent and hangs."""


def main() -> None:
    """Render standard input into the WAV that the last argument names."""
    signal.alarm(ALIVE_MAX_S)
    voice, words_per_minute, path = sys.argv[1:]
    text = sys.stdin.buffer.read().decode()
    error = render(text, voice, int(words_per_minute), path)
    sys.stderr.write(error)
    sys.stderr.flush()
    os._exit(1 if error else 0)  # espeak-ng's thread does not always survive an orderly end


def render(text: str, voice: str, words_per_minute: int, path: str) -> str:
    """Write `text`, spoken, to `path`; return what went wrong, empty when nothing did."""
    import pyttsx3

    outcome: queue.SimpleQueue[str] = queue.SimpleQueue()
    engine = pyttsx3.init("espeak")
    engine.connect("error", lambda **told: outcome.put(str(told["exception"]) or "error"))
    engine.connect("finished-utterance", lambda **_: outcome.put(""))
    engine.setProperty("voice", voice)
    engine.setProperty("rate", words_per_minute)
    engine.save_to_file(text, path)
    engine.runAndWait()
    return outcome.get()


if __name__ == "__main__":
    main()
