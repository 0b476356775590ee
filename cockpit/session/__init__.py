"""An open session: its files, its state, one door for every act; watched, followed or only viewed."""
