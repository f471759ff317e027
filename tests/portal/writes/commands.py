"""Commands."""

import io
from pathlib import Path

from django.core.management import call_command

from tests.factories import jiu, notices, offices
from tests.portal.writes.admin import OFFICES
from tests.portal.writes.bureau import DOCUMENT
from tests.portal.writes.cases import Row, case


def command(name: str, *args: object, **options: object):
    return lambda: call_command(name, *args, **{"stdout": io.StringIO(), "stderr": io.StringIO(), **options})


@case("import_csv", "", Row("import", "command"))
def import_csv(scene):
    file = scene.get("tmp_path") / "offices.csv"
    file.write_text(OFFICES)
    return command("import_csv", "offices", str(file))


@case("import_progress_report", "", Row("import", "command", "IB"))
def import_progress_report(scene):
    file: Path = scene.get("tmp_path") / "report.txt"
    file.write_text(DOCUMENT)
    return command("import_progress_report", str(file))


@case("send_reminders", "", Row("send reminder", "command", "AU"))
def send_reminders_by_command(scene):
    notices.make_asked(scene.get("office"))
    return command("send_reminders")


@case("createsuperuser", "", Row("create account", "command"))
def make_the_first_administrator(scene):
    return command("createsuperuser", email="first@example.org", interactive=False)


@case("changepassword", "", Row("set password", "command"))
def change_password_by_command(scene):
    scene.get("monkeypatch").setattr("getpass.getpass", lambda _prompt: "another horse battery staple")
    return command("changepassword", scene.get("viewer").email)


@case("create_demo_accounts", "", *[Row("create account", "command")] * 9)  # one a person
def create_demo_accounts(scene):
    scene.get("settings").ALLOWED_HOSTS = ["localhost"]
    for code in ("SAMPLE01", "SAMPLE02"):
        offices.OfficeFactory(code=code, is_sample=True)
    jiu.make_bureau()
    return command("create_demo_accounts")
