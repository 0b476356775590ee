"""Clock, background tasks, child processes, streams and errors: what everything else runs on."""
