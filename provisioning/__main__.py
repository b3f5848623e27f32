"""`python -m provisioning`, the same as `commune-provision`."""

from provisioning.cli import main

main()
