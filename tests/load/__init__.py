"""Measurements of delivery, each a table of its own.

A table is a module here whose name is in ``bench.MODULES``. It has one function,
``run(plan: Plan) -> list[Claim]``, which measures, prints its tables with
``report.show`` and returns what must hold, and a place on the page ``docs/measured.md``, which
``--page`` fills; ``claims.times`` makes a claim of a ratio. A
server that is not installed raises ``MissingProgram``; say so with ``progress``, and go on.

To follow a server, describe it as a ``targets.Target`` (``server()`` makes it,
``feed(readers)`` says how to follow it and where to publish) and call
``run.measure(target, readers, plan)``. Its ``Outcome`` makes a row by
``report.delivery_row(title, outcome)`` under ``report.DELIVERY_COLUMNS``. Where updates are
published to another server than the one that readers follow, as with a push engine, start
both with ``run.started``, and call
``follow(Load(engine, [target.feed(readers)], plan, entrance=site))``, as ``buses`` does. CPU
time and memory are those of the process group of the followed server;
``processes.Processes(server.process.pid)`` counts those of others. The servers run on one
core and the readers on the other, and ``check`` finds what was lost, repeated or reordered.

A first run takes minutes: try a table with ``python -m tests.load --tables NAME --readers 100
--updates 2 --database sqlite``.
"""
