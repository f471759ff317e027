"""Names of posts: where one ends and the next begins, and which post is meant."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from jiu.reading.cells import flat

# How a post begins, or ends; “Administration and Management Sector” does neither.
BEGINS = re.compile(
    r"(?:(?:acting|assistant|associate|chief|deputy|executive|senior)\s|coordinator\b"
    r"|director(?:\s+general)?(?:\s*\([^)]*\))?\s*(?:[,/]|of\b|general\b|$)|(?:head|secretary)\s*(?:[,/]|of\b|$)"
    r"|(?:d|dd|ed|dir|adg|ddg|dg)/)",
    re.IGNORECASE,
)
ENDS = re.compile(r"\b(?:coordinator|officer|controller|director|secretary|adviser|advisor)\s*(?:\([^)]*\))?$", re.I)
JOINT = re.compile(r",?\s+(?:and|&)\s+")
SHORT = re.compile(r"\(([A-Z][A-Za-z]*[A-Z][A-Za-z]*)\)")
AT_END = re.compile(SHORT.pattern + r"\s*\Z")
MAX_TITLE = 200
MAX_ABBREVIATION = 20
MAX_ALIASES = 20
# What a part of a name is called for short where its document does not say it.
RANKS = {"director": "D", "executive director": "ED", "assistant director general": "ADG", "deputy director": "DD"}


@dataclass(frozen=True, slots=True)
class Post:
    """An officer as held, or as a document makes it known."""

    key: str
    title: str
    abbreviation: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(form for name in (self.title, self.abbreviation, *self.aliases) for form in forms(name))


def bare(name: str) -> str:
    """For comparing: small letters, nothing in parentheses, one sort of separator."""
    return re.sub(r"\s*[/,]\s*", "/", flat(re.sub(r"\([^)]*\)", " ", name))).casefold().strip(" /")


def short(name: str) -> str:
    """The short name that a printed one gives: BCC of “… (BCC)”, D/LD of “Director/… (LD)”; else blank."""
    parts = re.split(r"\s*/\s*", name)
    found = AT_END.search(parts[-1])
    if found is None or len(parts) != 2:
        return found[1] if found and len(parts) == 1 else ""
    rank = SHORT.search(parts[0])
    before = rank[1] if rank else RANKS.get(bare(parts[0]), "")
    return f"{before}/{found[1]}" if before else ""


def forms(name: str) -> Iterator[str]:
    """What a name is recognized by.

    The short form of a unit names its director; that of a single post may be another post's as well.
    """
    if form := bare(name):
        yield form
    if "/" in (abbreviation := short(name)):
        yield bare(abbreviation)


def names_in(text: str, known: Collection[str]) -> list[str]:
    """The posts that a cell names, each once, as they stand in it; `known` are recognized forms."""
    parts = dict.fromkeys(flat(part) for part in re.split(r"[;\n]", text))
    return list(dict.fromkeys(name for part in parts if part for name in split(part, known)))


def split(text: str, known: Collection[str]) -> Iterator[str]:
    """At an “and” (or “&”) only where a post stands on both sides."""
    while joint := first_joint(text, known):
        yield text[: joint.start()]
        text = text[joint.end() :]
    yield text


def first_joint(text: str, known: Collection[str]) -> re.Match[str] | None:
    if is_known(text, known):
        return None
    for joint in JOINT.finditer(text):
        if joint.start() > MAX_TITLE:
            return None
        if is_post(text[: joint.start()], known) and is_post(text[joint.end() :], known):
            return joint
    return None


def is_known(text: str, known: Collection[str]) -> bool:
    return any(form in known for form in forms(text))


def is_post(text: str, known: Collection[str]) -> bool:
    first = JOINT.split(text, maxsplit=1)[0]
    return bool(BEGINS.match(text) or ENDS.search(text) or ENDS.search(first) or is_known(text, known))


class Directory:
    """Posts by what they are called: those that are held go before those of the reference."""

    def __init__(self, held: Iterable[Post], reference: Iterable[Post]) -> None:
        self.held = {post.key: post for post in held}
        self.reference = {post.key: post for post in reference}
        self.new: dict[str, Post] = {}
        # Of each group the keys by what their posts are called.
        self.names = [keys_by_name(group.values()) for group in (self.held, self.reference, self.new)]
        self.numbers: Counter[str] = Counter()

    @property
    def known(self) -> set[str]:
        return {name for names in self.names for name in names}

    def find(self, name: str) -> set[str]:
        """The keys of the posts that a name may mean: one if it is clear."""
        for names in self.names:
            if found := {key for form in forms(name) for key in names.get(form, ())}:
                return found
        return set()

    def learn(self, names: Iterable[str]) -> None:
        """Make new posts of the names that mean none: the fuller ones first, which explain the short ones."""
        # In the order in which they are printed, each once.
        for name in sorted(dict.fromkeys(names), key=lambda name: (not short(name), -len(name))):
            found = self.find(name)
            if not found and len(name) <= MAX_TITLE:
                self.add(name)
            for key in found & set(self.new) if len(found) == 1 else ():
                self.keep(also(self.new[key], name))

    def add(self, name: str) -> None:
        abbreviation = short(name) if len(short(name)) <= MAX_ABBREVIATION else ""
        title = flat(SHORT.sub(" ", name)).replace(" /", "/") if abbreviation else name
        key = self.free_key(abbreviation or title)
        self.keep(Post(key, title, abbreviation))

    def keep(self, post: Post) -> None:
        self.new[post.key] = post
        for name in post.names:
            self.names[-1][name].add(post.key)

    def free_key(self, name: str) -> str:
        stem = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")[:50].strip("-") or "officer"
        while True:
            self.numbers[stem] += 1
            key = stem if self.numbers[stem] == 1 else f"{stem}-{self.numbers[stem]}"
            if not any(key in group for group in (self.held, self.reference, self.new)):
                return key

    def to_make(self, key: str) -> Post | None:
        """The post of a key that is not held yet."""
        return None if key in self.held else self.reference.get(key) or self.new[key]


def keys_by_name(posts: Iterable[Post]) -> defaultdict[str, set[str]]:
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for post in posts:
        for name in post.names:
            keys[name].add(post.key)
    return keys


def also(post: Post, name: str) -> Post:
    """The post, with another way to name it."""
    if len(post.aliases) == MAX_ALIASES:
        return post
    said = {bare(known) for known in (post.title, post.abbreviation, *post.aliases)}
    return post if bare(name) in said else replace(post, aliases=(*post.aliases, name))
