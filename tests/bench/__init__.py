"""The pipeline beside a plain bot and beside the floor: `make bench`."""
