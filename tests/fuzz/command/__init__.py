"""The whole command under hostile conditions: server, files, store, environment and arguments, all at random by seed.

    python -m tests.fuzz.command --minutes N
    python -m tests.fuzz.command --seed SEED     repeats one execution and shows it

Each execution is a forked process that runs the real command line. It must end in time, with a documented exit status,
without a traceback, a secret or a control character in what it prints, and without a secret in a file that it derives.
"""
