"""Which villages are likely to get worse: what ``models.risk`` is told of them, and what is made of its answer."""
