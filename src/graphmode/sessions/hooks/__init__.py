"""What is called around the runs of a monitored session: the base of users' own, and ours."""
