"""The commands before a flight: `cockpit init` and `cockpit adopt`."""
