"""`cockpit init`: what stands outside is looked at, a person is asked, and a plan and settings are written."""
