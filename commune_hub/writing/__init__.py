"""What staff write for the village and the hall: checked, and heard or seen before anybody else does."""
