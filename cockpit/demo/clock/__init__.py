"""The demo's own clock: how fast it may go, decided by the world, the same for the watch and the screen."""
