import json

import pytest
from django.core.management import CommandError, call_command

from tests.factories.offices import GroupMemberFactory, OfficeFactory, OfficeGroupFactory
from tests.factories.portal import counts, load
from tests.factories.surveys import make_tiny_round

pytestmark = pytest.mark.django_db

ANSWERS = """\
survey,office,question,recommendation,value,comment
tiny,NA,progress,1,implemented,
tiny,NA,progress,2,planned,قريبًا
tiny,NA,focus,,none,
tiny,NA,policy,,partly,in part
tiny,NA,experience,3,=1+1,
tiny,NO,progress,1,implemented,
tiny,NO,focus,1,yes,
tiny,NO,focus,3,yes,
tiny,NO,proposals,,"two
lines",
"""


@pytest.fixture
def tiny(db):
    """Three offices are invited; Namibia and Norway responded."""
    tiny = make_tiny_round(
        OfficeFactory(code="NA", region="africa"),
        OfficeFactory(code="NO", region="europe"),
        OfficeFactory(code="SE", region="europe"),
    )
    assert counts(load("responses", ANSWERS)) == (9, 0, 0, 0)
    GroupMemberFactory(group=OfficeGroupFactory(key="NO"), office=tiny.offices[1])
    return tiny


def printed(capsys, *options):
    call_command("survey_results", "tiny", *options)
    return capsys.readouterr().out


def cells(**columns):
    return {code: {"count": count, "percent": percent} for code, (count, percent) in columns.items()}


def row(recommendation, label, n, /, code=None, **columns):
    return {"recommendation": recommendation, "code": code, "label": label, "n": n, "cells": cells(**columns)}


def level(number, n, /, **columns):
    zero = dict.fromkeys(
        ["implemented", "in_progress", "planned", "under_consideration", "not_planned", "no_answer"], (0, 0)
    )
    return row(number, f"Recommendation {number}", n, **(zero | columns))


@pytest.mark.usefixtures("tiny")
def test_the_json_in_full(capsys):
    assert json.loads(printed(capsys)) == {
        "survey": "tiny",
        "is_sample": False,
        "base": "responding",
        "filters": {"group": None, "region": None},
        "invited": 3,
        "responded": 2,
        "tables": [
            {
                "question": "progress",
                "kind": "levels",
                "n": 2,
                "columns": [
                    "implemented",
                    "in_progress",
                    "planned",
                    "under_consideration",
                    "not_planned",
                    "no_answer",
                ],
                "rows": [
                    level("1", 2, implemented=(2, 100)),
                    level("2", 2, planned=(1, 50), no_answer=(1, 50)),
                    level("3", 2, no_answer=(2, 100)),
                ],
            },
            {
                "question": "focus",
                "kind": "select",
                "n": 2,
                "columns": ["selected"],
                "rows": [
                    row("1", "Recommendation 1", 2, selected=(1, 50)),
                    row("2", "Recommendation 2", 2, selected=(0, 0)),
                    row("3", "Recommendation 3", 2, selected=(1, 50)),
                    row(None, "None of the recommendations", 2, code="none", selected=(1, 50)),
                    row(None, "No answer", 2, code="no_answer", selected=(0, 0)),
                ],
            },
            {
                "question": "policy",
                "kind": "choice",
                "n": 2,
                "columns": ["yes", "no", "partly", "no_answer"],
                "rows": [row(None, "All responses", 2, yes=(0, 0), no=(0, 0), partly=(1, 50), no_answer=(1, 50))],
            },
            {
                "question": "proposals",
                "kind": "text",
                "n": 2,
                "columns": ["answered", "no_answer"],
                "rows": [row(None, "All responses", 2, answered=(1, 50), no_answer=(1, 50))],
            },
            {
                "question": "experience",
                "kind": "comments",
                "n": 2,
                "columns": ["answered", "no_answer"],
                "rows": [
                    row("1", "Recommendation 1", 2, answered=(0, 0), no_answer=(2, 100)),
                    row("2", "Recommendation 2", 2, answered=(0, 0), no_answer=(2, 100)),
                    row("3", "Recommendation 3", 2, answered=(1, 50), no_answer=(1, 50)),
                ],
            },
        ],
        "texts": [
            {"question": "progress", "office": "NA", "recommendation": "2", "text": "قريبًا"},
            {"question": "policy", "office": "NA", "recommendation": None, "text": "in part"},
            {"question": "proposals", "office": "NO", "recommendation": None, "text": "two\nlines"},
            {"question": "experience", "office": "NA", "recommendation": "3", "text": "=1+1"},
        ],
    }


@pytest.mark.usefixtures("tiny")
def test_the_csv_has_a_row_for_each_cell_and_blanks_where_there_is_no_percentage(capsys):
    lines = printed(capsys, "--base", "answered", "--format", "csv").split("\r\n")

    assert lines[0] == "question,kind,recommendation,code,column,count,n,percent"
    assert lines[1:7] == [
        "progress,levels,1,,implemented,2,2,100",
        "progress,levels,1,,in_progress,0,2,0",
        "progress,levels,1,,planned,0,2,0",
        "progress,levels,1,,under_consideration,0,2,0",
        "progress,levels,1,,not_planned,0,2,0",
        "progress,levels,1,,no_answer,0,2,",
    ]
    assert lines[19:24] == [
        "focus,select,1,,selected,1,2,50",
        "focus,select,2,,selected,0,2,0",
        "focus,select,3,,selected,1,2,50",
        "focus,select,,none,selected,1,2,50",
        "focus,select,,no_answer,selected,0,2,",
    ]
    assert lines[24:] == [
        "policy,choice,,,yes,0,1,0",
        "policy,choice,,,no,0,1,0",
        "policy,choice,,,partly,1,1,100",
        "policy,choice,,,no_answer,1,1,",
        "proposals,text,,,answered,1,1,100",
        "proposals,text,,,no_answer,1,1,",
        "experience,comments,1,,answered,0,0,",
        "experience,comments,1,,no_answer,2,0,",
        "experience,comments,2,,answered,0,0,",
        "experience,comments,2,,no_answer,2,0,",
        "experience,comments,3,,answered,1,1,100",
        "experience,comments,3,,no_answer,1,1,",
        "",
    ]


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(
    ("options", "invited", "responded", "implemented"),
    [
        ([], 3, 2, 2),
        (["--region", "africa"], 1, 1, 1),
        (["--region", "europe"], 2, 1, 1),
        (["--region", "asia"], 0, 0, 0),
        (["--group", "NO"], 1, 1, 1),
        (["--group", "NO", "--region", "africa"], 0, 0, 0),
    ],
)
def test_filters_narrow_the_tables_and_who_was_asked(capsys, options, invited, responded, implemented):
    results = json.loads(printed(capsys, *options))

    assert results["filters"] == {
        "group": "NO" if "NO" in options else None,
        "region": options[-1] if "--region" in options else None,
    }
    assert (results["invited"], results["responded"]) == (invited, responded)
    assert results["tables"][0]["rows"][0]["cells"]["implemented"]["count"] == implemented
    assert {text["office"] for text in results["texts"]} == {
        (): {"NA", "NO"},
        ("--region", "africa"): {"NA"},
        ("--region", "europe"): {"NO"},
        ("--group", "NO"): {"NO"},
    }.get(tuple(options), set())


def test_a_round_held_elsewhere_has_no_figures(capsys):
    make_tiny_round()

    assert json.loads(printed(capsys)) == {
        "survey": "tiny",
        "is_sample": False,
        "base": "responding",
        "filters": {"group": None, "region": None},
        "invited": None,
        "responded": None,
        "tables": [],
        "texts": [],
    }
    assert printed(capsys, "--format", "csv") == "question,kind,recommendation,code,column,count,n,percent\r\n"


def test_a_sample_round_says_so(capsys):
    make_tiny_round(OfficeFactory(is_sample=True), is_sample=True)

    assert json.loads(printed(capsys))["is_sample"] is True


def test_an_unknown_round_is_refused_with_those_there_are():
    with pytest.raises(CommandError) as refused:
        call_command("survey_results", "none")
    assert str(refused.value) == "There is no round 'none'. Rounds: none yet."

    make_tiny_round()
    with pytest.raises(CommandError) as refused:
        call_command("survey_results", "none")
    assert str(refused.value) == "There is no round 'none'. Rounds: tiny."


@pytest.mark.usefixtures("tiny")
def test_an_unknown_group_is_refused_with_those_there_are():
    with pytest.raises(CommandError) as refused:
        call_command("survey_results", "tiny", "--group", "nobody")

    assert str(refused.value) == "There is no group 'nobody'. Groups: NO."


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("options", [["--base", "invited"], ["--region", "arctic"], ["--format", "xml"]])
def test_an_unknown_base_region_or_format_is_refused(options):
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("survey_results", "tiny", *options)
