"""Python that lives inside the sandbox: start-up, one run, and how errors are told.

The worker (``playground/web/sandbox/worker.ts``) imports :mod:`playground.runtime.main` and calls
its functions; nothing here is imported by the site's build.
"""
