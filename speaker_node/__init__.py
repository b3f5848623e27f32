"""The village loudspeaker: programme, speech, player (pyttsx3, sounddevice)."""
