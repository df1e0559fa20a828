"""A seeded corpus of DTMF digits, of what is none, and of speech; detectors that listen to it, and a score."""
