from django.urls import path

from publications.views import claims, publications, publish

app_name = "publications"

urlpatterns = [
    path("", publications.publication_list, name="list"),
    path("new/results/<slug:survey>/", publish.new_results, name="new_results"),
    path("new/progress-report/", publish.new_progress_report, name="new_progress_report"),
    path("comments/<slug:survey>/", publish.comments, name="comments"),
    path("<int:number>/", publications.publication, name="detail"),
    path("<int:number>/<int:version>/", publications.publication, name="version"),
    path("<int:number>/<int:version>/publication.json", publications.publication_json, name="json"),
    path("<int:number>/<int:version>/publication.csv", publications.publication_csv_file, name="csv"),
    path("<int:number>/<int:version>/publication.xlsx", publications.publication_xlsx_file, name="xlsx"),
    path("<int:number>/<int:version>/publication.docx", publications.publication_docx_file, name="docx"),
]

# Below /claims/.
claim_urls = (
    [path("", claims.claims, name="list"), path("<int:pk>/", claims.claim, name="detail")],
    "claims",
)
