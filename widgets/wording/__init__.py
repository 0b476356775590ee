"""How values are said in words."""
