"""The service of the demo: shoppers, documents, metrics, flag file and what goes wrong in them."""
