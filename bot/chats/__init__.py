"""The adapters: each only translates requests and cards between its platform and the core."""
