"""What all music models share: prompts, windows, joins, rates and a judgement of what they made."""
