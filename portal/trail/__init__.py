"""The audit trail to read and to export. Part of the roof: which rows somebody may read follows from offices.

The secretariat, administrators and auditors read all of it; a coordinator the rows of their own office.
For everybody else there is no such page. Nothing here writes.
"""
