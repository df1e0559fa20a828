"""RTP audio over plain UDP sockets: sessions, codecs, encryption, and calls without signalling."""
