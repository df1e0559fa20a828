"""Desktop softphone and DTMF analyzer."""

__version__ = "0.1.0"
