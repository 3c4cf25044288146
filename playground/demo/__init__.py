"""The offline demo: an ASGI app that answers like the API, without a network and without a key.

In the sandbox it runs in the same interpreter as the reader's code; ``python -m playground.demo``
serves the same app on loopback. It answers from tables and small rules, never from a model, and
says so: every answer carries the header ``x-offline-demo: true``.

Where things are:

========================  =====================================================================
``app.py``                puts the app together: state, routes, middleware
``routes/``               one module for each family of the API; its docstring says how to add one
``checks.py``             checks requests against the SDK's own parameter types
``limits.yml``            the ranges that the SDK states in prose
``errors.py``             the API's error objects; ``messages.yml`` holds their sentences
``faults.py``             errors and broken connections on request; ``faults.yml`` lists them
``answers.py``            prompt to answer; ``answers.yml`` is the table
``schemas.py``            values that satisfy a JSON schema
``tools.py``              which tool to call, with which arguments
``tokens.py``             the token estimator
``state.py``              what the demo remembers: clock, ids, stored objects
``files.py``              the files it keeps and their limits; ``jsonl.py`` reads JSON Lines
``batches.py``            the requests of a file, sent to the demo itself by ``inner.py``
``vector_stores.py``      files that can be searched; ``passages.py`` cuts and ranks them
``fine_tuning.py``        jobs on the clock; ``training.py`` reads what they train with,
                          ``tuned.py`` answers what they have learned
``graders.py``            how well an answer does, by comparison, likeness or formula
``sse.py``                server-sent events
========================  =====================================================================
"""

from playground.demo.app import create_app
from playground.demo.clock import Clock

__all__ = ["Clock", "create_app"]
