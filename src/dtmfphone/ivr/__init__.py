"""The built-in IVR: scripts, collector, voice."""
