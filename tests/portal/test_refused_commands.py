"""Commands of libraries: each writes nothing, is known, or is refused."""

import io

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command, get_commands, load_command_class

from offices.models import User
from portal.management.refusing import RefusedCommand

pytestmark = pytest.mark.django_db

REFUSED = {"import", "export", "clean_old_history", "clean_duplicate_history", "populate_history"}
# Commands of Django and of libraries that are left as they are: why.
KNOWN = {
    "account_unsetmultipleprimaryemails": "tells which address counts of those that a person has; here they have one",
    "check": "reads",
    "clearsessions": "removes what has expired",
    "collectstatic": "writes files",
    "compilemessages": "writes files",
    "createcachetable": "the schema",
    "createsuperuser": "has its audit row: tests/portal/writes/commands.py",
    "dbshell": "the database itself",
    "diffsettings": "reads",
    "dumpdata": "the database itself",
    "findstatic": "reads",
    "flush": "the database itself",
    "inspectdb": "reads",
    "loaddata": "the database itself",
    "makemessages": "writes files",
    "makemigrations": "writes files",
    "migrate": "the schema",
    "optimizemigration": "writes files",
    "remove_stale_contenttypes": "content types, on which nothing of the portal rests",
    "runserver": "serves",
    "sendtestemail": "sends a mail that says nothing",
    "shell": "the database itself",
    "showmigrations": "reads",
    "sqlflush": "prints",
    "sqlmigrate": "prints",
    "sqlsequencereset": "prints",
    "squashmigrations": "writes files",
    "startapp": "writes files",
    "startproject": "writes files",
    "test": "works on a database of its own",
    "testserver": "works on a database of its own",
}


def is_own(place: str) -> bool:
    """Whether the commands of this place (an app, or Django's core) are the portal's."""
    return place != "django.core" and "site-packages" not in apps.get_app_config(place.rpartition(".")[2]).path


def test_every_command_of_a_library_is_refused_or_known():
    commands = get_commands()
    foreign = {name for name, place in commands.items() if not isinstance(place, str) or not is_own(place)}
    assert sorted(foreign - set(KNOWN)) == []
    refused = {name for name in set(commands) - foreign if isinstance(load(name), RefusedCommand)}
    assert refused == REFUSED


def load(name: str):
    return load_command_class(get_commands()[name], name)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_refused_command_says_why(name):
    with pytest.raises(CommandError, match=r"^Refused: "):
        call_command(name)


@pytest.mark.parametrize(("name", "instead"), [("import", "import_csv"), ("export", "export_csv")])
def test_it_names_what_to_use(name, instead):
    with pytest.raises(CommandError, match=f"Use {instead} KIND"):
        call_command(name)


def test_a_refused_command_does_nothing_whatever_its_arguments_are(tmp_path, monkeypatch):
    file = tmp_path / "u.csv"
    file.write_text("id,email,role,is_active,password,session_serial\n,new@example.org,administrator,1,x,0\n")
    # Which a command does that ends, and the test does not.
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)
    errors = io.StringIO()
    command = type(load("import"))(stderr=errors)
    with pytest.raises(SystemExit) as left:
        command.run_from_argv(["manage.py", "import", "--noinput", "offices.User", str(file)])
    assert (left.value.code, User.objects.exists()) == (1, False)
    assert "Use import_csv" in errors.getvalue()
