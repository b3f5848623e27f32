"""What `[nodes.settings]` may say for a rating node."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from firmware_agent.config import NameText
from firmware_agent.settings import Settings
from kiosk_ui.catalogue import CatalogueName
from kiosk_ui.judgement import Rules
from wire.scales import DEFAULT_SCALE, SCALES, Scale

PINS = (17, 27, 22, 23, 24)
LAMPS = (5, 6, 13, 19, 26)
"""BCM numbers for as many levels as there are, where nothing is said."""

REASONS = ("waiting", "procedure", "attitude", "facilities", "other")

PIN_MAX = 27

Pins = tuple[Annotated[int, Field(ge=0, le=PIN_MAX)], ...]


class RatingSettings(Settings):
    """What `[nodes.settings]` may say for a rating node. Pins are BCM numbers, level 1 first."""

    scale: Literal["vi3", "vi4", "vi5"] = DEFAULT_SCALE
    """Three, four or five levels (wire/scales.py)."""
    place_kind: Literal["counter", "exit"] = "counter"
    """`exit`: a panel by the way out, whose presses belong to no counter's visit."""
    buttons: bool = True
    """Whether there are buttons; without them citizens touch the screen."""
    screen: bool = True
    """Whether there is a screen; without it the lamps answer."""
    pins: Pins = ()
    """One for each level; those of `PINS` where none are named."""
    lamps: Pins = ()
    """As `pins`, and `LAMPS`."""
    settle_ms: int = Field(default=40, ge=5, le=200)
    """A contact that was open for so long has stopped bouncing; push buttons bounce for 0.2 to 20 ms."""
    stuck_after_s: float = Field(default=20.0, ge=1.0, le=600.0)
    """A button that is down for so long is no finger."""
    thanks_s: float = Field(default=5.0, ge=0.5, le=10.0)
    """How long the answer stands on the screen."""
    correct_s: float = Field(default=5.0, ge=0.0, le=30.0)
    """For so long another face corrects the answer, and the same one is a tired finger (docs/rating.md)."""
    burst_presses: int = Field(default=6, ge=2, le=60)
    burst_s: float = Field(default=30.0, ge=1.0, le=600.0)
    """So many presses within so long are more than citizens make."""
    window_s: float = Field(default=60.0, ge=5.0, le=600.0)
    """How long a visit that has ended may be rated."""
    reasons: Annotated[tuple[NameText, ...], Field(max_length=6)] = REASONS
    """What a citizen who is not satisfied may tap; their words are `[reason]` in the catalogue. Empty: nobody
    is asked."""
    reason_s: float = Field(default=12.0, ge=3.0, le=60.0)
    """How long the reasons stand there, untouched."""
    language_s: float = Field(default=30.0, ge=5.0, le=300.0)
    """How long another language stays, untouched, before the screen is Vietnamese again."""
    catalogue: CatalogueName = ""
    sound: bool = False
    """Whether there is a loudspeaker: a tone with each answer, and a button that reads the choices out."""
    voice: bool = False
    """Whether it also says the answer, after the tone."""
    volume: float = Field(default=0.6, ge=0.0, le=1.0)
    width: int = Field(default=1024, ge=320, le=3840)
    height: int = Field(default=600, ge=240, le=2160)
    counter: str = Field(default="", max_length=40)
    """Id of the counter to name in facts until the hub has told; empty: the device's name."""

    @model_validator(mode="before")
    @classmethod
    def _with_pins(cls, values: Any) -> Any:
        """Pins for as many levels as the scale has, where none are named."""
        if not isinstance(values, dict):
            return values
        scale = SCALES.get(str(values.get("scale", DEFAULT_SCALE)))
        levels = scale.levels if scale is not None and values.get("buttons", True) else 0
        return {"pins": PINS[:levels], "lamps": LAMPS[:levels], **values}

    @model_validator(mode="after")
    def _each_pin_once(self) -> RatingSettings:
        used = [*self.pins, *self.lamps]
        wanted = 2 * self.rated.levels if self.buttons else 0
        if len(set(used)) != len(used) or len(used) != wanted or len(self.pins) != len(self.lamps):
            raise ValueError(f"{wanted} different pins between 0 and {PIN_MAX} are needed, found {used}")
        return self

    @model_validator(mode="after")
    def _something_to_press(self) -> RatingSettings:
        if not self.buttons and not self.screen:
            raise ValueError("buttons or screen: one of them must be there")
        return self

    @property
    def rated(self) -> Scale:
        """The scale."""
        return SCALES[self.scale]

    @property
    def rules(self) -> Rules:
        """How presses are judged."""
        return Rules(
            levels=self.rated.levels,
            correct_s=self.correct_s,
            burst_presses=self.burst_presses,
            burst_s=self.burst_s,
            all_faces_s=2 * self.correct_s,
        )
