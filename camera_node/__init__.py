"""The counter camera log: frames, motion, recorder (OpenCV, PyAV)."""
