"""Statuses that an office records."""

from tests.factories import recommendations
from tests.portal.writes.cases import case, form


@case("status:set", "contributor", form("record statuses", "AU"))
def record_set(scene):
    item = recommendations.RecommendationFactory(recommendation_set__key="ten")
    fields = {f"{item.number}.acceptance": "accepted", f"{item.number}.implementation": "planned"}
    return scene.sent("status:set", "AU", "ten", **fields)


@case("status:detail", "contributor", form("record statuses", "AU"))
def record_one(scene):
    item = recommendations.RecommendationFactory(recommendation_set__key="ten")
    fields = {f"{item.number}.acceptance": "accepted", f"{item.number}.implementation": "planned"}
    return scene.sent("status:detail", "AU", "ten", item.number, **fields)
