"""`cockpit init`: looks at the service, asks a person, and writes a plan and settings."""
