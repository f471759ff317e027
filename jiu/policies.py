"""Who may read what the International Bureau states about the JIU's recommendations, and who may state it."""

from django.db.models import Q, QuerySet

from jiu.models import BUREAU, ISSUER, at_bureau
from offices.models import Membership, User
from offices.policies import is_administrator, is_secretariat, reads_everything, type_of_person
from recommendations.models import Recommendation, StatusReport


def role_at_bureau(user: type_of_person) -> str:
    """The person's role at the International Bureau; blank without one."""
    if not isinstance(user, User) or not user.acts_for_offices:
        return ""
    return user.memberships.filter(office__code=BUREAU).values_list("role", flat=True).first() or ""


def may_read_progress(user: type_of_person) -> bool:
    """Those who read everything, and the Bureau's coordinator."""
    return reads_everything(user) or role_at_bureau(user) == Membership.Role.COORDINATOR


def may_run_calls(user: type_of_person) -> bool:
    """The Bureau's coordinator opens calls and accepts answers; the secretariat can stand in."""
    return is_secretariat(user) or role_at_bureau(user) == Membership.Role.COORDINATOR


def follows_calls(user: type_of_person) -> bool:
    """Those who run calls, read what comes of them or answer them: to them, that there is none is no secret."""
    return may_read_progress(user) or may_run_calls(user) or may_answer(user)


def may_import_document(user: type_of_person) -> bool:
    """Administrators read the Secretariat's own document in: it writes sets and posts, not only statuses."""
    return is_administrator(user)


def of_own_posts(user: type_of_person) -> QuerySet[Recommendation]:
    """What `answered_by` says, to those only who can answer: a viewer reads no status in the catalogue."""
    return answered_by(user) if isinstance(user, User) and may_answer(user) else Recommendation.objects.none()


def answered_by(user: User) -> QuerySet[Recommendation]:
    """What a person of the Bureau reads and states: the coordinator everything, others what their posts answer for."""
    reports = StatusReport.objects.filter(office__code=BUREAU, responsible_officers__in=user.posts.all())
    own = Q(pk__in=reports.values("recommendation"))
    return Recommendation.objects.filter(at_bureau(user, own), recommendation_set__issuer=ISSUER)


def who_answers() -> QuerySet[User]:
    """The people who can answer for the posts that they hold."""
    acting = Membership.objects.that_act(Membership.Role.CONTRIBUTOR, Membership.Role.COORDINATOR)
    return User.objects.filter(pk__in=acting.filter(office__code=BUREAU).values("user"))


def may_answer(user: type_of_person) -> bool:
    """The Bureau's focal points (contributors) and its coordinator; for which updates, `visible_to` says."""
    return role_at_bureau(user) in {Membership.Role.CONTRIBUTOR, Membership.Role.COORDINATOR}
