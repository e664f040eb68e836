"""What comes in: guarded HTTP, feed parsing, legislature clients, matching and clustering.

It knows the domain and nothing else of the program.
"""
