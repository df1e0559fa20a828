"""WebRTC calls on aiortc, with RFC 4733 telephone-events added below it."""
