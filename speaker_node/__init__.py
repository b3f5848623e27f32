"""The village loudspeaker: programme, speech, player (espeak-ng, sounddevice)."""
