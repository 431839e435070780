"""Desktop apps with a softphone of their own, each a line of the seat (docs/desktop-lines.md)."""
