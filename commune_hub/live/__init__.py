"""Speaking live from the office: the browser's microphone comes in, the loudspeakers' streams go out."""
