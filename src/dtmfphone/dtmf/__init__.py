"""The signal: keys, tones, detector. numpy only; no clock, no socket, no task."""
