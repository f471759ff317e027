"""A progress report of the Secretariat, as text or Word file, into what it says; no database.

    shapes.py    what a document says, as frozen rows, and the notices
    lines.py     a file into numbered lines of cells, under limits
    word.py      the same of a DOCX file
    cells.py     a cell with HTML in it into plain text
    dates.py     days and deadlines in words
    notes.py     the note on what changed since the report before
    posts.py     names of officers: where one ends, which post is meant
    headings.py  headings, marks and what belongs to the print, by their words
    document.py  lines into reports, recommendations and statuses, and what could not be read

What cannot be read is told with its line; nothing is guessed: below a heading that cannot be read no row
is taken, until one can.
"""
