"""What office staff see of others: nothing that is open, and of what is completed nothing of few offices."""

import io
import json

import openpyxl
import pytest

from assistance import policies
from assistance.models import Activity, Programme, Request, Status
from assistance.reports.columns import SHARED
from assistance.reports.shared import BEHIND, shared_figures, too_few
from offices.models import Office
from tests.assistance.test_figures import (
    CHAINS,
    COMPLETED,
    FILES,
    PAGE,
    SURFACES,
    after,
    cells,
    make,
    of_csv,
    of_json,
    of_page,
    of_xlsx,
    read,
)
from tests.factories.assistance import ActivityFactory, ProgrammeFactory, RequestStepFactory
from tests.factories.offices import GroupMemberFactory, MembershipFactory, OfficeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(db) -> Programme:
    return ProgrammeFactory(number=1, title="First")


@pytest.fixture
def delivered(programme) -> list[Office]:
    """Two regions with enough offices to be told of, and one where a single office completed something."""
    second = ProgrammeFactory(number=2, title="Second")
    offices = [
        *(OfficeFactory(region="africa") for _ in range(6)),
        *(OfficeFactory(region="asia") for _ in range(7)),
        OfficeFactory(region="europe"),
    ]
    for place, office in enumerate(offices):
        request = make(office, COMPLETED, programme=[programme, second][place % 2])
        ActivityFactory(request=request, date=after(25), participants=10, outcome="done")
    return offices


def seen_by(client) -> dict[str, object]:
    """All that the figures tell, and the menu with its programmes, as comparable texts."""
    found: dict[str, object] = {name: client.get(url).getvalue() for name, url in SURFACES.items()}
    book = openpyxl.load_workbook(io.BytesIO(client.get(FILES["xlsx"]).getvalue()))
    # The archive holds the time of its making.
    found["xlsx"] = [(sheet.title, list(sheet.values)) for sheet in book]
    for url in (PAGE, "/assistance/", "/assistance/1/", "/assistance/2/", "/assistance/requests/"):
        found[url] = without_tokens(client.get(url).content.decode())
    return {**found, "page": found[PAGE]}


def without_tokens(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrf" not in line]


OPEN = [chain for chain in CHAINS if chain and chain[-1] not in policies.ENDED]
NOT_COMPLETED = [chain for chain in CHAINS if not chain or chain[-1] != "completed"]


def test_completed_is_the_end_of_a_request():
    """What office staff see counted can never be open again."""
    assert policies.TRANSITIONS[Status.COMPLETED] == {}
    assert [chain[-1] for chain in OPEN] == ["requested", "under_discussion", "agreed", "ongoing"]


@pytest.mark.parametrize("chain", NOT_COMPLETED, ids=lambda chain: chain[-1] if chain else "no step")
@pytest.mark.parametrize("region", ["oceania", "africa", "europe"])
def test_one_open_request_in_a_region_changes_nothing_that_another_office_sees(
    client_of, viewer, coordinator, delivered, programme, chain, region
):
    """Whether the region has none, many or one with something completed: every byte is the same."""
    clients = {"viewer": client_of(viewer), "coordinator": client_of(coordinator)}
    before = {name: seen_by(client) for name, client in clients.items()}
    request = make(OfficeFactory(region=region), chain, programme=programme, key="secret")
    if "ongoing" in chain:
        ActivityFactory(request=request, date=after(25), participants=99, outcome="secret")
    assert {name: seen_by(client) for name, client in clients.items()} == before


def test_the_same_request_is_seen_by_the_secretariat_and_once_completed_by_others(
    client_of, viewer, secretariat, delivered, programme
):
    """The control of the test above: these surfaces do show what they are told."""
    staff, all_seeing = client_of(viewer), client_of(secretariat)
    before, before_all = seen_by(staff), seen_by(all_seeing)
    request = make(OfficeFactory(region="africa"), COMPLETED[:3], programme=programme)
    assert {name for name, content in seen_by(all_seeing).items() if content != before_all[name]} >= set(SURFACES)
    assert seen_by(staff) == before
    RequestStepFactory(request=request, date=after(30), status="completed")
    assert {name for name, content in seen_by(staff).items() if content != before[name]} == {*SURFACES, PAGE}


def test_filters_do_nothing_for_office_staff(client_of, viewer, delivered):
    """Two selections that differ by one office would tell of it."""
    group = GroupMemberFactory(office=delivered[0]).group
    client = client_of(viewer)
    plain = client.get(FILES["json"]).content
    queries = [{"region": "africa"}, {"group": group.key}, {"year": "2025"}, {"sample": "1"}, {"year": "x"}]
    assert [client.get(FILES["json"], query).content for query in queries] == [plain] * len(queries)
    assert "<select" not in client.get(PAGE).content.decode().partition("<main")[2].partition("</main>")[0]


def shared(**options) -> dict[str, dict[str, dict[str, int | None]]]:
    return cells(shared_figures(**{"sample": False, "own": [], **options}))


def completed_by(found: dict, by: str) -> dict[str, int | None]:
    return {key: line["completed"] for key, line in found[by].items()}


def test_of_fewer_than_five_offices_nothing_is_told_and_the_rest_gives_nothing_away(delivered):
    """Europe has one. With Africa withheld too, total less what is shown is of seven offices."""
    found = shared()
    hidden = dict.fromkeys(["americas", "europe", "oceania", ""])
    assert completed_by(found, "total") == {"": 14}
    assert completed_by(found, "region") == {"africa": None, "asia": 7, **hidden}
    assert completed_by(found, "programme") == {"1": 7, "2": 7}


def test_a_zero_is_withheld_like_a_few(delivered):
    """Else what is withheld would tell that it is not zero."""
    before = shared()["region"]
    Request.objects.filter(office=delivered[-1]).delete()
    after_it = shared()["region"]
    assert {key: line["completed"] for key, line in after_it.items()} == {
        key: line["completed"] for key, line in before.items()
    }


def test_every_figure_has_five_offices_behind_it(delivered):
    """Asia completed seven, but only four offices say how many took part, and four what came of it."""
    asia = Activity.objects.filter(request__office__region="asia").order_by("pk")
    for activity in asia[:3]:
        activity.participants, activity.outcome = None, ""
        activity.save()
    line = shared()["region"]["asia"]
    assert (line["completed"], line["activities"]) == (7, 7)
    assert [line[code] for code in ("participants", "participants_stated", "outcomes", "outcomes_percent")] == [
        None
    ] * 4
    total = shared()["total"][""]
    assert (total["participants"], total["outcomes"], total["outcomes_percent"]) == (110, 11, 79)


def test_four_others_stay_unseen_and_five_are_told(programme):
    own = OfficeFactory()
    for _ in range(5):
        make(OfficeFactory(), COMPLETED, programme=programme)
    make(own, COMPLETED, programme=programme)
    assert completed_by(shared(own=[own.pk]), "total") == {"": 5}
    fifth = Request.objects.exclude(office=own).last()
    fifth.steps.filter(status="completed").delete()
    assert completed_by(shared(own=[own.pk]), "total") == {"": None}
    assert completed_by(shared(own=[]), "total") == {"": 5}


def test_none_of_a_persons_offices_is_another_office_to_them(client_of, viewer, delivered):
    """With her own offices in sight, four others would be told apart from five."""
    for office in delivered[:10]:
        MembershipFactory(user=viewer, office=office)
    found = json.loads(client_of(viewer).get(FILES["json"]).content)
    assert {code for table in found["tables"] for line in table["lines"] for code in line["cells"].values()} == {None}
    page = client_of(viewer).get(PAGE).content.decode()
    assert "Fewer than 5 other offices had anything completed" in page
    assert "<table" not in page


def test_staff_of_sample_offices_see_the_sample(client_of, viewer, delivered):
    Office.objects.filter(pk__in=[office.pk for office in delivered]).update(is_sample=True)
    assert "Everything here is invented" not in client_of(viewer).get(PAGE).content.decode()
    viewer.memberships.all().delete()
    MembershipFactory(user=viewer, office=OfficeFactory(is_sample=True))
    answer = client_of(viewer).get(FILES["json"])
    assert json.loads(answer.content)["is_sample"] is True
    assert json.loads(answer.content)["tables"][0]["lines"][0]["cells"]["completed"] == 14


def test_what_staff_see_is_the_same_on_all_surfaces(client_of, viewer, office, delivered):
    surfaces = read(client_of(viewer))
    figures = shared_figures(sample=False, own=[office.pk])
    found = of_json(surfaces["json"])
    assert {value for value in found.values() if isinstance(value, str)} == {"withheld"}
    assert of_csv(surfaces["csv"]) == found
    assert of_xlsx(surfaces["xlsx"], figures) == found
    assert of_page(surfaces["page"].decode(), figures) == found


@pytest.mark.parametrize(
    ("offices", "withheld"),
    [
        ({"a": 5, "b": 9}, set()),
        ({"a": 4, "b": 9, "c": 6}, {"a", "c"}),
        ({"a": 0, "b": 9, "c": 9}, {"a", "b"}),
        ({"a": 4, "b": 9}, {"a", "b"}),
        ({"a": 1, "b": 2}, {"a", "b"}),
        ({}, set()),
    ],
    ids=lambda value: "-".join(sorted(value)) or "none",
)
def test_beside_what_is_too_few_the_smallest_of_the_others_is_withheld(offices, withheld):
    assert too_few(offices) == withheld


def test_every_column_has_its_offices_counted():
    assert set(BEHIND) == set(SHARED)


def test_a_share_does_not_tell_its_base(delivered, programme):
    """Asia has the fewest offices with activities, Africa the fewest with outcomes."""
    for _ in range(2):
        request = make(OfficeFactory(region="africa"), COMPLETED, programme=programme)
        ActivityFactory(request=request, date=after(25))
    shares = ["activities", "outcomes", "outcomes_percent"]
    found = {key: [line[code] for code in shares] for key, line in shared()["region"].items()}
    assert (found["asia"], found["africa"]) == ([None, None, None], [8, None, None])
