"""callseat: the controller of one call-centre seat; daemon, socket and command line live here."""

__version__ = "0.1.0"
"""Of pyproject.toml; a test holds the two together."""
