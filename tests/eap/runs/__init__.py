"""Runs of plans: what unlocks, who is asked, what machines do, and what happens when they die."""
