"""Legislatures as sources: one port (`port`), a client a service, and what the clients share."""
