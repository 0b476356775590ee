"""How a MongoDB is asked: client, time limits, budget, pace, rights."""
