"""What a watch tells a Prometheus of itself: its newest judgement, over HTTP, on a thread of its own."""
