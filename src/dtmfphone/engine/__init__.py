"""The engine: one asyncio loop, the only owner of calls, sound card and IVR; typed commands in, typed events out."""
