"""Measurements that compare with their reference in the same run."""
