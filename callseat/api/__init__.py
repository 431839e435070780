"""The local socket: what desktop apps and the command line ask and are told (docs/api.md)."""
