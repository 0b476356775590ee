"""A flight judged anew from what was kept of it: nothing here can act or write."""
