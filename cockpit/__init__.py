"""The shell: commands, the Watch, sources, flag writers, the demo and the Textual app."""
