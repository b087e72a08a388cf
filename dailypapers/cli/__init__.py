"""How commands look: options, settings, output, messages; `main` has the table of commands."""
