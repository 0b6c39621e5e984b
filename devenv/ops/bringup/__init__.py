"""What `up` and `restart` are made of: the plan is carried out, and what was done is remembered."""
