"""Calls by SIP (RFC 3261): sockets, names and calls around the user agent in `sip/`."""
