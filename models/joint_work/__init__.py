"""Joint work (联动机制, mission 11): meetings whose agenda is drawn from what is open, resolutions that are carried out
as tasks, and work teams by how hard a village is."""
