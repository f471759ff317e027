"""Reviews by stage and programme of work, and how timely questionnaires were answered."""

import datetime
from decimal import Decimal
from http import HTTPStatus

import pytest

from jiu import overview
from jiu.models import Questionnaire, Review
from jiu.overview import TimelinessLine
from offices.models import Membership
from tests.conftest import member
from tests.factories.jiu import QuestionnaireFactory, ReviewFactory, make_bureau

pytestmark = pytest.mark.django_db

URL = "/jiu/reviews/"


def asked(due_on, answered_on=None, **fields):
    return QuestionnaireFactory(
        due_on=due_on and datetime.date.fromisoformat(due_on),
        answered_on=answered_on and datetime.date.fromisoformat(answered_on),
        **fields,
    )


class TestPipeline:
    def test_every_stage_with_the_latest_programme_of_work_first(self):
        for reference, stage, year in (
            ("A2", "planned", 2022),
            ("A1", "planned", 2022),
            ("A3", "planned", 2023),
            ("A0", "planned", None),
            ("A9", "completed", 2019),
        ):
            ReviewFactory(reference=reference, stage=stage, programme_of_work=year)
        found = [
            (stage.code, stage.count, [(part.year, [r.reference for r in part.reviews]) for part in stage.programmes])
            for stage in overview.pipeline()
        ]
        assert found == [
            ("planned", 4, [(2023, ["A3"]), (2022, ["A1", "A2"]), (None, ["A0"])]),
            ("ongoing", 0, []),
            ("completed", 1, [(2019, ["A9"])]),
        ]

    def test_two_reviews_of_one_reference_are_two(self):
        ReviewFactory(reference="A460", title="Accountability")
        ReviewFactory(reference="A460", title="Appeals")
        assert overview.pipeline()[0].count == 2


class TestTimeliness:
    def test_per_year_in_which_answers_were_due(self):
        asked("2022-03-10", "2022-03-01")  # 9 days early
        asked("2022-06-01", "2022-06-04")  # 3 days late
        asked("2022-07-01", "2023-01-02")  # late, and of the year in which it was due
        asked("2022-12-31")
        asked("2021-02-01", "2021-02-01")
        assert overview.timeliness().lines == (
            TimelinessLine(2022, 4, 3, on_time=1, late=2, overdue=1, earliest=-9, latest=185, days=179),
            TimelinessLine(2021, 1, 1, on_time=1, late=0, overdue=0, earliest=0, latest=0, days=0),
        )
        assert [line.not_answered for line in overview.timeliness().lines] == [1, 0]

    def test_the_total_is_of_all_that_had_a_date(self):
        asked("2022-03-10", "2022-03-01")
        asked("2021-03-10", "2021-03-12")
        asked("2020-03-10")
        asked(None, "2022-01-01")
        assert overview.timeliness().total == TimelinessLine(
            None, 3, 2, on_time=1, late=1, overdue=1, earliest=-9, latest=2, days=-7
        )

    def test_without_a_date_nothing_is_early_or_late(self):
        asked(None, "2022-01-01")
        asked(None)
        found = overview.timeliness()
        assert found.undated == TimelinessLine(None, 2, 1, on_time=None, late=None, overdue=0)
        assert (found.undated.mean, found.lines) == (None, ())

    def test_as_at_a_date_what_came_later_had_not_come(self):
        asked("2022-03-10", "2022-03-20")
        asked("2022-03-31", "2022-04-01")
        asked("2022-03-30")
        asked("2022-04-15", "2022-03-31")
        asked("2022-04-15", "2022-04-01")
        found = overview.timeliness(datetime.date(2022, 3, 31))
        assert found.as_at == datetime.date(2022, 3, 31)
        assert found.lines == (
            TimelinessLine(2022, 4, 2, on_time=1, late=1, overdue=1, earliest=-15, latest=10, days=-5),
        )

    def test_nothing_is_none(self):
        found = overview.timeliness()
        assert (found.lines, found.undated) == ((), None)
        assert found.total == TimelinessLine(None, 0, 0, on_time=0, late=0, overdue=0)
        assert found.total.mean is None

    @pytest.mark.parametrize(
        ("days", "answered", "mean"),
        [
            (0, 3, "0"),
            (1, 4, "0.3"),
            (-1, 4, "-0.2"),
            (1, 20, "0.1"),
            (-1, 20, "0"),
            (-1, 19, "-0.1"),
            (2, 3, "0.7"),
            (-2, 3, "-0.7"),
            (185, 2, "92.5"),
        ],
    )
    def test_the_mean_is_rounded_half_up_to_one_decimal(self, days, answered, mean):
        line = TimelinessLine(2022, answered, answered, 0, 0, 0, earliest=0, latest=0, days=days)
        assert line.mean == Decimal(mean)

    def test_the_model_and_the_database_count_the_same_days(self):
        items = [
            asked("2022-03-10", "2022-03-01"),
            asked("2020-02-28", "2020-03-01"),
            asked("2021-12-31", "2022-01-01"),
        ]
        lines = {line.year: line for line in overview.timeliness().lines}
        assert [item.days_late for item in items] == [lines[item.due_on.year].days for item in items] == [-9, 2, 1]


class TestPage:
    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ("secretariat", HTTPStatus.OK),
            ("administrator", HTTPStatus.OK),
            ("auditor", HTTPStatus.OK),
            ("viewer", HTTPStatus.FORBIDDEN),
            ("contributor", HTTPStatus.FORBIDDEN),
            ("coordinator", HTTPStatus.FORBIDDEN),
            ("other_coordinator", HTTPStatus.FORBIDDEN),
            ("anonymous", HTTPStatus.FOUND),
        ],
    )
    def test_who_may_read_it(self, client_of, personas, who, status):
        assert client_of(personas[who]).get(URL).status_code == status

    @pytest.mark.parametrize(
        ("role", "status"),
        [
            (Membership.Role.COORDINATOR, HTTPStatus.OK),
            (Membership.Role.CONTRIBUTOR, HTTPStatus.FORBIDDEN),
            (Membership.Role.VIEWER, HTTPStatus.FORBIDDEN),
        ],
    )
    def test_of_the_bureau_its_coordinator(self, client_of, role, status):
        assert client_of(member(make_bureau(), role)).get(URL).status_code == status

    def test_it_is_only_read(self, client_of, secretariat):
        assert client_of(secretariat).post(URL).status_code == HTTPStatus.METHOD_NOT_ALLOWED

    def test_what_it_shows(self, client_of, secretariat):
        ReviewFactory(reference="A457", title="Racism", stage="ongoing", programme_of_work=2021)
        asked("2022-03-10", "2022-03-01", reference="A457", title="First")
        asked("2022-06-01", "2022-06-02", reference="A458", title="Second")
        asked("2022-07-01", "2022-07-01", reference="A459", title="Third")
        asked(None, reference="A460", title="Fourth")
        page = " ".join(client_of(secretariat).get(URL).content.decode().split())
        assert "Programme of work 2021" in page
        assert '<span class="code">A457</span> Racism' in page
        assert page.count("No review is at this stage.") == 2
        cells = page.partition('<th scope="row">2022</th>')[2].partition("</tr>")[0]
        assert cells.replace('<td class="num">', "").split("</td>")[:9] == [
            " 3", " 3", " 2", " 1", " 0", " 0", " -9", " 1", " -2.7"
        ]  # fmt: skip
        assert all(words in page for words in ("9 days early", "1 day late", "on the day", "not yet answered"))

    def test_empty(self, client_of, secretariat):
        page = client_of(secretariat).get(URL).content.decode()
        assert page.count("No review is at this stage.") == 3
        assert "No questionnaire is recorded yet." in page

    def test_the_page_runs_the_same_queries_for_any_number_of_rows(
        self, client_of, secretariat, django_assert_num_queries
    ):
        client = client_of(secretariat)
        for many in (1, 20, 200):
            for number in range(many):
                Review.objects.get_or_create(reference=f"A{number}", title="T", stage="planned")
                due = datetime.date(2022, 1, 1) + datetime.timedelta(days=number)
                Questionnaire.objects.get_or_create(reference=f"A{number}", title="T", due_on=due, answered_on=due)
            with django_assert_num_queries(6):
                client.get(URL)
