"""What crosses the network: topics, facts, intents, their encoding and their seal.

The lowest floor: it knows no sockets, threads, clocks or files. Everything above agrees with everything
else only through the types in here.
"""
