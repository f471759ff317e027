"""What requests and activities add up to: the only place where they are counted.

Counting happens in the database, in a fixed number of queries whatever the number of requests.
Real and sample offices are never in one figure. Who reads everything gets `all_figures`. Office
staff get `shared_figures`, which count what is completed and nothing else: a request that is open
enters no number of theirs, so that none can tell of it.
"""
