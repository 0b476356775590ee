"""The report as one HTML file: a page, charts, the proof; it needs nothing but itself."""
