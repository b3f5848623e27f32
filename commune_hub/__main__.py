"""`python -m commune_hub` is `commune-hub`."""

from commune_hub.cli import main

main()
