"""`python -m firmware_agent`: the same as `firmware-agent`."""

from firmware_agent.cli import main

main()
