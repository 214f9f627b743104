"""Jobs: their log, their queue and what they leave behind."""
