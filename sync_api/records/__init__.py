"""What offices recorded of their own work and entered wrongly: corrected, withdrawn, and what it said before."""
