"""What the program talks about: records, cards, errors, ports and the pure rules about them.

Nothing here does I/O or asks a clock; every other package may import it and it imports none.
"""
