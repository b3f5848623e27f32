"""The process that opens a file which somebody brought: `python -m commune_hub.sounds IN OUT RATE_HZ`.

Decoders are large and meet hostile files; one that crashes, or eats memory, takes this process and no more.
Prints one line of JSON: {"duration_s": …} or {"refused": "…"}.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

MEMORY_MAX_BYTES = 3 << 30
"""Half an hour at the working rate is 350 MB, held some four times over while it is levelled."""

WRITTEN_MAX_BYTES = 64 << 20


def main() -> None:
    """Level the file IN and write it to OUT as Ogg Vorbis."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN_MAX_BYTES, WRITTEN_MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import soundfile

    from commune_hub.errors import InvalidError
    from commune_hub.sounds.decode import read_sound_file
    from commune_hub.sounds.levelling import level

    brought, levelled, rate_hz = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    try:
        samples = level(read_sound_file(brought), rate_hz)
    except InvalidError as error:
        print(json.dumps({"refused": str(error)}))
        return
    with soundfile.SoundFile(levelled, "w", rate_hz, 1, "VORBIS", format="OGG") as file:
        # A minute at a time: libsndfile's Vorbis encoder puts what it is given on its stack.
        for begin in range(0, len(samples), 60 * rate_hz):
            file.write(samples[begin : begin + 60 * rate_hz])
    print(json.dumps({"duration_s": len(samples) / rate_hz}))


if __name__ == "__main__":
    main()
