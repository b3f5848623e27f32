"""A peer that reads: `python -m bench.reading_child PEER`, lines on standard input, JSON on standard output.

Runs under the peers' Python. PEER is `vietnormalizer`, or `num2words`: each number by it, all else as it is.
Prints {"said": [one for each line], "s": seconds that reading took}.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from importlib import import_module

_NUMBER = re.compile(r"\d+")


def reader(peer: str) -> Callable[[str], str]:
    """Return what reads a line."""
    if peer == "vietnormalizer":
        normalizer = import_module("vietnormalizer").VietnameseNormalizer()
        return lambda line: str(normalizer.normalize(line))
    num2words = import_module("num2words").num2words
    return lambda line: _NUMBER.sub(lambda found: f"{num2words(int(found[0]), lang='vi')} ", line)


def main() -> None:
    """Read all lines, then print what was said."""
    read = reader(sys.argv[1])
    lines = sys.stdin.read().splitlines()
    start_s = time.perf_counter()
    said = [read(line) for line in lines]
    json.dump({"said": said, "s": time.perf_counter() - start_s}, sys.stdout)


if __name__ == "__main__":
    main()
