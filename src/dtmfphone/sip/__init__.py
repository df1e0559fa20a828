"""SIP without IO: bytes and time in, bytes and events out."""
