"""ZIP archives of XML, as workbooks and Word documents are, looked through before anything builds what is in them."""

import io
import zipfile
import zlib
from typing import IO, ClassVar
from xml.parsers import expat

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAX_PARTS = 10_000
MAX_UNPACKED = 150 * 2**20


class ArchiveGuard:
    """Refuses an archive that is hostile, damaged or of another sort; made anew for every file.

    A few kilobytes can unpack to millions of elements, of which a library would make an object each. A subclass
    says what its files are like, and what a person is told of one that is refused.
    """

    refused: ClassVar[type[Exception]]
    # The part without which a file is none of this sort.
    must_have: ClassVar[str]
    # How many things a file may hold, and of how many elements each.
    most: ClassVar[int]
    elements_each: ClassVar[int] = 1

    too_many_parts: ClassVar[str | Promise] = _("The file has more than %(most)d parts.")
    too_large: ClassVar[str | Promise]
    too_many: ClassVar[str | Promise]
    other: ClassVar[str | Promise]
    damaged: ClassVar[str | Promise]
    unreadable: ClassVar[str | Promise]
    doctype: ClassVar[str | Promise]

    def __init__(self) -> None:
        self.total = 0

    def check(self, data: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                self.check_size(archive.infolist())
                if self.must_have not in archive.namelist():
                    raise self.refusal(self.other)
                for part in archive.infolist():
                    # By content, not by name: what is read may stand in any part.
                    with archive.open(part) as content:
                        self.count(content, is_xml=part.filename.endswith((".xml", ".rels")))
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
            raise self.refusal(self.damaged) from error

    def check_size(self, parts: list[zipfile.ZipInfo]) -> None:
        if len(parts) > MAX_PARTS:
            raise self.refusal(self.too_many_parts, most=MAX_PARTS)
        if sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise self.refusal(self.too_large, most=MAX_UNPACKED // 2**20)

    def count(self, part: IO[bytes], *, is_xml: bool) -> None:
        """Count the elements of a part."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.StartDoctypeDeclHandler = self.refuse_doctype
        try:
            parser.ParseFile(part)
        except expat.ExpatError as error:
            if is_xml:
                raise self.refusal(self.unreadable, error=error) from error

    def start(self, _name: str, _attributes: object) -> None:
        self.total += 1
        if self.total > self.most * self.elements_each:
            raise self.refusal(self.too_many, most=self.most)

    def end(self, _name: str) -> None:
        """For guards that must know where an element ends."""

    def refuse_doctype(self, *_args: object) -> None:
        # Hostile entities live in it.
        raise self.refusal(self.doctype)

    def refusal(self, sentence: str | Promise, **values: object) -> Exception:
        return self.refused(str(sentence) % values)
