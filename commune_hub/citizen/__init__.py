"""The citizens' page: what a phone shows that reads the code of a slip (docs/citizen_page.md).

`slips` says what a code opens and takes its one vote, `place` who stands before whom, `view` what is shown.
`forms`, `guard` and `listener` bound what a stranger may send; `app` puts them together.
"""

from commune_hub.citizen.listener import PageListener
from commune_hub.citizen.opening import open_citizen_page
from commune_hub.citizen.slips import Slips

__all__ = ["PageListener", "Slips", "open_citizen_page"]
