"""The shell around the domain: command line, engine, sources, flag writers, screen, demo."""
