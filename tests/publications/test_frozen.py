"""What was published stays byte for byte the same, whatever files, edits, deletions and migrations come later."""

import csv
import json
from http import HTTPStatus

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.test import RequestFactory

from offices.models import GroupMember, Office
from offices.narrowing import Narrowing
from portal import version
from portal.spreadsheets.kinds import all_kinds, resource_for
from publications import actions
from publications.actions import publish_progress_report, publish_results
from publications.models import Publication
from publications.verification import verify
from recommendations.models import StatusReport
from surveys.models import Answer, Response
from surveys.results import Base, compute_results
from tests.factories.jiu import EndorsementFactory, QuestionnaireFactory, ReviewFactory
from tests.factories.offices import GroupMemberFactory, OfficeGroupFactory
from tests.factories.portal import csv_bytes, exported, fault_lines, load
from tests.publications.conftest import tamper, trigger_of_sqlite, words

# All this is seen by the public, without a test's transaction around it: a migration needs the database to itself.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def all_published(published, round_of_three, progress, secretariat) -> list[Publication]:
    """Results, the same by another base and of a group, a correction, and a progress report."""
    ReviewFactory(reference="A1", title="A review")
    QuestionnaireFactory(reference="A1", title="A questionnaire", due_on="2023-01-31", answered_on="2023-01-30")
    EndorsementFactory(recommendation=StatusReport.objects.first().recommendation)
    group = OfficeGroupFactory(key="few", title="A few")
    GroupMemberFactory(group=group, office=round_of_three.offices[0])
    narrowed = compute_results(round_of_three.survey, base=Base.ANSWERED, narrowing=Narrowing(group))
    return [
        published,
        publish_results(results=narrowed, words=words(), by=secretariat),
        publish_results(
            results=compute_results(round_of_three.survey), words=words("A slip."), corrects=published, by=secretariat
        ),
        publish_progress_report(report=progress, words=words("Why."), by=secretariat),
    ]


def snapshot(client) -> dict[str, object]:
    """Everything that the public sees of all publications, byte for byte."""
    seen: dict[str, object] = {}
    for publication in Publication.objects.order_by("pk"):
        address = f"/publications/{publication.number}/{publication.version}/"
        html = client.get(address).content.decode()
        seen[address] = html[html.index("<h1") : html.index("</main>")]
        for form in ("json", "csv", "xlsx", "docx"):
            answer = client.get(f"{address}publication.{form}")
            assert answer.status_code == HTTPStatus.OK
            seen[f"{address}{form}"] = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return seen


@pytest.fixture
def unchanged(all_published, anonymous_client):
    """Take a picture, let something happen, and compare: nothing differs, and nothing was tampered with."""
    before = snapshot(anonymous_client)
    assert len(before) == 4 * 5

    def check() -> None:
        after = snapshot(anonymous_client)
        assert [name for name, seen in before.items() if after.get(name) != seen] == []
        assert len(after) == len(before)
        assert [finding.faults for finding in verify()] == [()] * 4

    return check


def data_agree() -> list[bool | None]:
    return [finding.same_figures for finding in verify()]


# Files

# Of each kind, what a later file says in every row that is there, and the rows that it adds.
LATER = {
    "offices": ({"name": "Another name", "region": "asia"}, "ZZ,Another,national,europe,,"),
    "office_groups": ({"title": "Another title"}, "others,Others,other,,"),
    "group_members": ({}, "few,NA"),
    "recommendation_sets": ({"title": "Another title"}, "new-set,WIPO,NEW,New,2025,adopted,,1,"),
    "set_events": ({}, "tiny-set,2025-01-01,Another event,,"),
    "set_documents": ({}, "jiu-rep-2021-6,Another document,comments,available,"),
    "recommendations": ({"label": "Another", "official_text": "Another."}, "tiny-set,9,,Ninth,,Text.,,,"),
    "recommended_actions": ({}, "tiny-set,1,1,Another action.,"),
    "officers": ({}, "another,Another officer,AO,"),
    "status_reports": (
        {"implementation": "not_started", "assessment": "Another."},
        "jiu-rep-2020-7,2,IB,2023-03-31,accepted,implemented,Late.,,,,,,",
    ),
    "endorsements": ({"document": "A/1/2"}, "jiu-rep-2020-7,2,2023-07-01,endorsed,"),
    "reviews": ({"stage": "completed"}, "A2,Another review,2023,ongoing"),
    "questionnaires": ({"answered_on": "2023-02-28"}, "A2,Another,2023-02-01,2023-02-02"),
    "programmes": ({}, "1,A programme,,,,,,,,,1,"),
    "requests": ({}, "one,1,AU,,Purpose.,,"),
    "request_steps": ({}, "one,2023-01-01,requested,\none,2023-01-02,agreed,"),
    "activities": ({}, "one,2023-02-01,training,12,"),
    "surveys": ({"title": "Another round", "closes_on": "2025-07-06"}, "other,Other,tiny-set,2025-01-01,2025-02-01,"),
    "questions": ({"text": "Another question?"}, "other,why,1,text,Why?,"),
    "question_options": ({"label": "Another label"}, "tiny,policy,perhaps,9,Perhaps,"),
    "invitations": ({}, "tiny,ZZ"),
    "invitation_terms": ({}, "tiny,NO,2025-07-20,,Asked for more time."),
    "responses": ({"comment": "Another comment."}, "tiny,NO,policy,,no,"),
    "claims": ({}, "Document,1,jiu.outstanding,,5,,,2023-03-31,,"),
}


def later_file(kind: str) -> bytes:
    columns = resource_for(kind).column_names()
    values, added = LATER[kind]
    rows = [dict(zip(columns, row, strict=True)) | values for row in exported(kind)]
    return csv_bytes([columns, *([row[name] for name in columns] for row in rows), *csv.reader(added.splitlines())])


def test_a_later_file_of_every_kind(unchanged, secretariat):
    assert set(LATER) == set(all_kinds())
    for kind in LATER:
        outcome = load(kind, later_file(kind))
        assert fault_lines(outcome) == [], kind
        assert outcome.writes, kind
        assert outcome.changed or not LATER[kind][0], kind

    unchanged()
    assert data_agree() == [False, False, False, False]


def test_the_reference_data_loaded_again(unchanged):
    call_command("load_reference", verbosity=0)
    unchanged()


# Forms


def edited(form) -> dict[str, str]:
    """What a browser sends when somebody put a word behind every text."""
    data = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, bool):
            data |= {bound.html_name: "on"} if value else {}
        elif isinstance(value, str) and bound.field.__class__.__name__ == "CharField" and bound.name not in KEYS:
            data[bound.html_name] = f"{value} anew"
        elif value is not None:
            data[bound.html_name] = value
    return data


# What other rows lead to is refused, and what the rest of a row has to agree with.
KEYS = {"key", "code", "symbol", "issued_on", "exclusive_option", "measure", "subject", "reference"}


@pytest.mark.filterwarnings("ignore::django.utils.deprecation.RemovedInDjango60Warning")
def test_every_row_that_the_administration_can_edit(unchanged, client_of, administrator):
    client, changed = client_of(administrator), set()
    asking = RequestFactory().get("/")
    asking.user = administrator
    for model, model_admin in admin.site._registry.items():
        if model.__module__.startswith(("allauth.", "django.")) or not model_admin.has_change_permission(asking):
            continue
        for row in model._default_manager.all():
            address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{row.pk}/change/"
            context = client.get(address).context
            data = edited(context["adminform"].form)
            for inline in context["inline_admin_formsets"]:
                data |= {bound.html_name: bound.value() for bound in inline.formset.management_form}
                data |= {bound.html_name: bound.value() or "" for form in inline.formset.forms for bound in form}
            if client.post(address, data).status_code == HTTPStatus.FOUND:
                changed.add(model._meta.label)

    assert changed >= {
        "offices.Office",
        "offices.OfficeGroup",
        "offices.User",
        "recommendations.RecommendationSet",
        "recommendations.Recommendation",
        "jiu.Review",
        "surveys.Survey",
        "surveys.Question",
        "surveys.QuestionOption",
    }
    assert Office.objects.filter(name__endswith=" anew").count() == Office.objects.count()
    unchanged()


# Deletions


def test_everything_else_deleted(unchanged, secretariat):
    """All rows of all tables but the publications and the audit trail, the person who published included."""
    kept = {"publications_publication", "portal_auditentry", "django_migrations", "django_content_type"}
    doomed = [table for table in connection.introspection.table_names() if table not in kept]
    if connection.vendor == "postgresql":
        Publication._base_manager.update(published_by=None)
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
        for table in doomed:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608  # names of our own tables
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = DEFAULT")
    Publication._base_manager.update(published_by=None)

    assert not Office.objects.exists()
    unchanged()
    assert data_agree() == [None, None, None, None]


def test_the_round_and_its_offices_deleted_one_by_one(unchanged, round_of_three):
    Answer.objects.all().delete()
    Response.objects.all().delete()
    round_of_three.survey.invitations.all().delete()
    round_of_three.survey.questions.all().delete()
    round_of_three.survey.delete()
    GroupMember.objects.all().delete()
    for office in round_of_three.offices:
        office.delete()

    unchanged()
    assert data_agree() == [None, None, None, True]


# Migrations and later software


class Later(migrations.Migration):
    """What a later version of the portal might do to the tables: on SQLite each operation copies all rows."""

    operations = (
        migrations.AlterField("publication", "title", models.CharField("the title", max_length=400)),
        migrations.AddField("publication", "remark", models.CharField(max_length=10, default="new")),
        migrations.AlterField("publication", "content", models.TextField("what it says", default="")),
        migrations.RemoveConstraint("publication", "publication_kind_known"),
    )


@pytest.fixture
def kept_again():
    """On SQLite each operation makes the table anew and loses its trigger: such a migration has to make it too."""
    statement = trigger_of_sqlite() if connection.vendor == "sqlite" else ""
    yield
    if statement:
        with connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_later_migration(unchanged, kept_again):
    call_command("migrate", verbosity=0)
    unchanged()

    migration, before = Later("9999_later", "publications"), MigrationLoader(connection).project_state()
    with connection.schema_editor(atomic=migration.atomic) as editor:
        migration.apply(before.clone(), editor)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT remark FROM publications_publication")
            assert cursor.fetchall() == [("new",)] * 4
        unchanged()
    finally:
        with connection.schema_editor(atomic=migration.atomic) as editor:
            migration.unapply(before.clone(), editor)
    unchanged()


@pytest.fixture
def later_software(unchanged, settings, tmp_path):
    """Wherever the name and the version are read: whoever imported `software` has the same function."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "recommendations-portal"\nversion = "9.9"\n')
    settings.BASE_DIR = tmp_path
    version.software.cache_clear()
    yield "recommendations-portal 9.9"
    version.software.cache_clear()


def test_another_version_of_the_software_and_another_person(unchanged, later_software, secretariat):
    assert actions.software() == later_software
    secretariat.name = "Another name"
    secretariat.save()
    unchanged()


def test_another_language_of_the_reader(unchanged, anonymous_client, all_published):
    """The frame of the page is in the reader's language, figures and texts in that of the publication."""
    address = "/publications/1/1/publication"
    forms = ("json", "csv", "xlsx", "docx")

    def read(language: str) -> list[bytes]:
        answers = [anonymous_client.get(f"{address}.{form}", headers={"accept-language": language}) for form in forms]
        return [b"".join(answer.streaming_content) if answer.streaming else answer.content for answer in answers]

    assert read("fr") == read("en")


# The control


def test_the_picture_shows_a_change(unchanged, anonymous_client):
    publication = Publication.objects.get(number=1, version=1)
    content = json.loads(publication.content)
    content["results"]["tables"][0]["rows"][0]["cells"]["implemented"]["count"] += 1
    tamper(publication, content=json.dumps(content))
    with pytest.raises(AssertionError, match="publications/1/1/json"):
        unchanged()
