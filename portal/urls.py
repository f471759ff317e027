"""The site map. Part of the roof: it knows the apps."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import include, path
from django.views.generic import RedirectView

from portal.dashboard.views import dashboard, grid
from portal.home import home
from portal.trail.views import entry as trail_entry
from portal.trail.views import trail, trail_csv
from portal.views import bad_request, healthz
from publications.urls import claim_urls
from recommendations.urls import status_urls

# One way in for everybody: the admin pages send people to the portal's own sign-in.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# And one page for one's own password, which tells the trail.
admin.site.password_change = RedirectView.as_view(pattern_name="account_change_password")  # type: ignore[method-assign,assignment]
# A person's role and memberships say what they may do, and `User.email` what their address is.
admin.site.unregister([Group, EmailAddress])

handler400 = bad_request

urlpatterns = [
    path("", home, name="home"),
    path("recommendations/", include("recommendations.urls")),
    path("offices/", include("offices.urls")),
    path("offices/", include(status_urls)),
    path("surveys/", include("surveys.urls")),
    path("jiu/", include("jiu.urls")),
    path("assistance/", include("assistance.urls")),
    path("publications/", include("publications.urls")),
    path("claims/", include(claim_urls)),
    path("dashboard/", dashboard, name="dashboard"),
    path("dashboard/grid/", grid, name="dashboard_grid"),
    path("notices/", include("notices.urls")),
    path("audit/", trail, name="trail"),
    path("audit/<int:pk>/", trail_entry, name="trail_entry"),
    path("audit.csv", trail_csv, name="trail_csv"),
    path("accounts/", include("offices.account_urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", healthz, name="healthz"),
]
