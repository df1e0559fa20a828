"""The wire of RTP and RFC 4733: bytes and time in, bytes and events out."""
