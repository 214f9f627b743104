"""Jobs: the queue, each job's log of events, and the takes that they made."""
