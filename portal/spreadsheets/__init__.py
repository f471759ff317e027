"""The spreadsheet contract: how CSV and XLSX files come in and go out.

    tables.py     a table read from a file, and the faults found in it
    reading.py    CSV and XLSX into a table, with every limit
    writing.py    rows into CSV and XLSX, no live formula
    widgets.py    one cell into a value and back
    resources.py  the base of every kind's Resource (django-import-export)
    kinds.py      the register of kinds
    importing.py  one file of one kind into the database, all or nothing
    changes.py    what an import changes, row by row, as its preview shows it
    history.py    what an import wrote, read back from the history of the rows, and undone by it
    undoing.py    an import taken back, all or nothing

The rules are those of docs/spreadsheets.md.
"""
