"""What traffic the next phase will bring, by the plan's numbers and by what was seen, and where that is too little."""
