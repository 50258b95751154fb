"""Which villages are watched, as offices and analysts see it, and what analysts say of it."""
