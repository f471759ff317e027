"""The dashboard. Part of the roof: it brings together what the apps count.

Those who read everything see where all offices stand; office staff see their own offices, and all
others only where enough of them answered.
"""
