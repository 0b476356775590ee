"""Who asks the demo service: shoppers, and the synthetic monitor of its team."""
