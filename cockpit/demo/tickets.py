"""What shoppers write to stylists; some of it is meant to break a careless screen."""

TITLES = (
    "Capsule arrived without the scarf",
    "Which size runs small in the linen blazer?",
    "[/] markup",
    "Stylist never called back",
    "Return label will not print",
    "[@click=app.quit]x[/]",
    "Two capsules reserved, wanted one",
    "\x1b[31mred alert\x1b[0m\x07 in the title",
    "Please swap the green dress for the blue one",
    "Gift wrapping for order of last week",
    "Shortlist shows a coat that is sold out",
    "Is the alpaca pullover itchy? " + "Very, very itchy? " * 30,
    "Cannot see my stylist's answer",
    "\u202egnitirw sdrawkcab",
)

PRIORITIES = ("P2", "P3", "P3", "P3")
"""Priorities as shoppers' tickets get them; P1 comes with escalation only."""
