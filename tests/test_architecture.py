"""The structure that docs/architecture.md promises, read from the code itself."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
APPS = ["portal", "offices", "recommendations", "jiu", "assistance", "surveys", "publications", "notices"]
# Which apps each may import, besides itself and the floor.
BELOW = {
    "portal": set(),
    "offices": set(),
    "recommendations": {"offices"},
    "jiu": {"offices", "recommendations"},
    "assistance": {"offices", "recommendations"},
    "surveys": {"offices", "recommendations"},
    "publications": {"offices", "recommendations", "jiu", "assistance", "surveys"},
    "notices": {"offices", "recommendations", "jiu", "assistance", "surveys"},
}
# The roof: the modules and folders of portal/ that know the apps.
ROOF = {"portal.urls", "portal.home", "portal.dashboard", "portal.navigation", "portal.trail"}
# The folders of templates/ and the namespaces of addresses whose name is not that of their app.
OWNERS = {
    "account": "offices",
    "mfa": "offices",
    "usersessions": "offices",
    "claims": "publications",
    "status": "recommendations",
}
# Folders of the roof's templates; those beside the folders (home.html) are the roof's too.
ROOF_TEMPLATES = {"dashboard", "trail", ""}
# What templates name of an app above theirs, on purpose: where figures are read, those who may publish them
# find the link to do so. The views pass whether they may.
UPWARD_LINKS = {
    "jiu/document.html": ["publications:new_progress_report"],
    "surveys/_results.html": ["publications:new_results"],
}
# Inside an app, a module imports from its own layer or from those before it.
LAYERS = [
    {"models", "narrowing", "rules", "followups", "questionnaire", "standing", "reading", "freezing", "apps"},
    {"policies"},
    {
        "actions",
        "results",
        "progress",
        "reports",
        "measures",
        "overview",
        "annex",
        "contents",
        "readiness",
        "verification",
        "accounts",
        "filters",
    },
    {"documents", "offline", "forms", "resources", "response_resource"},
    {"views", "admin", "management", "urls", "account_urls"},
]


def modules(app: str) -> dict[str, Path]:
    found = {}
    for path in (ROOT / app).rglob("*.py"):
        if "migrations" not in path.parts:
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in the file it does so."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.partition(".")[0] in APPS}


def layer_of(module: str) -> int | None:
    part = module.split(".")[1] if "." in module else ""
    return next((number for number, layer in enumerate(LAYERS) if part in layer), None)


def is_roof(name: str) -> bool:
    return ".".join(name.split(".")[:2]) in ROOF


def upward_apps(app: str, module: str, names: set[str]) -> list[str]:
    if is_roof(module):
        return []
    allowed = {app, "portal", *BELOW[app]}
    return [
        f"{module} imports {name}" for name in sorted(names) if name.partition(".")[0] not in allowed or is_roof(name)
    ]


def upward_layers(app: str, module: str, names: set[str]) -> list[str]:
    own = layer_of(module)
    if own is None or module.endswith(".apps"):  # AppConfig.ready registers what is above
        return []
    return [
        f"{module} imports {name}"
        for name in sorted(names)
        if name.startswith(f"{app}.") and (layer_of(name) or 0) > own
    ]


@pytest.mark.parametrize("app", APPS)
def test_apps_import_downwards_only(app):
    assert [bad for module, path in modules(app).items() for bad in upward_apps(app, module, imports(path))] == []


@pytest.mark.parametrize("app", [app for app in APPS if app != "portal"])
def test_layers_import_downwards_only(app):
    assert [bad for module, path in modules(app).items() for bad in upward_layers(app, module, imports(path))] == []


@pytest.mark.parametrize("app", [app for app in APPS if app != "portal"])
def test_every_module_has_its_layer(app):
    unknown = [name for name in modules(app) if "." in name and layer_of(name) is None]
    assert unknown == []


def test_the_readers_of_imports_see_an_upward_one():
    assert upward_apps("offices", "offices.models", {"surveys.models"}) == ["offices.models imports surveys.models"]
    assert upward_apps("offices", "offices.views", {"portal.trail"}) == ["offices.views imports portal.trail"]
    assert upward_apps("portal", "portal.held", {"portal.trail.rows"}) == ["portal.held imports portal.trail.rows"]
    assert upward_apps("portal", "portal.trail.rows", {"surveys.models"}) == []
    assert upward_layers("surveys", "surveys.models", {"surveys.views"}) == ["surveys.models imports surveys.views"]


def owner_of(folder: str) -> str:
    """The app of a folder of templates or of a namespace. Components, admin and allauth are of the floor."""
    app = OWNERS.get(folder, folder)
    return app if app in APPS else "portal"


def named_by(text: str) -> set[tuple[str, str]]:
    """What a template includes or extends of a folder, and which namespaced addresses it links to, with its app."""
    parts = re.findall(r"""{%\s*(?:include|extends)\s+["']([^"'/]+)(/[^"']+)["']""", text)
    links = re.findall(r"""{%\s*url\s+["']([^"':]+)(:[^"']+)["']""", text)
    return {(head + rest, owner_of(head)) for head, rest in [*parts, *links]}


def upward_names(template: str, text: str) -> list[str]:
    """`template` is its path below templates/."""
    folder = template.rpartition("/")[0].partition("/")[0]
    if folder in ROOF_TEMPLATES:
        return []
    app, named = owner_of(folder), named_by(text)
    above = {name for name, owner in named if owner not in {app, "portal", *BELOW[app]}}
    of_roof = {name for name, _owner in named if name.partition("/")[0] in ROOF_TEMPLATES}
    return sorted(above | of_roof)


def test_templates_name_downwards_only():
    paths = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    names = {path.relative_to(ROOT / "templates").as_posix(): path.read_text() for path in paths}
    found = {template: upward_names(template, text) for template, text in names.items()}
    assert {template: above for template, above in found.items() if above} == UPWARD_LINKS


def test_the_reader_of_templates_sees_an_upward_name():
    link, part = "{% url 'claims:list' %}", '{% include "jiu/_status.html" with row=row %}'
    assert upward_names("surveys/a.html", link + part) == ["claims:list", "jiu/_status.html"]
    assert upward_names("publications/a.html", link + part) == []
    assert upward_names("_components/a.html", part) == ["jiu/_status.html"]
    assert upward_names("jiu/a.html", '{% include "dashboard/_place.html" %}') == ["dashboard/_place.html"]
    assert upward_names("home.html", link + part) == []
    assert upward_names("jiu/a.html", '{% extends "_components/a.html" %}{% url "status:set" code %}') == []


def test_no_private_helper_crosses_modules():
    crossing = [
        f"{path.relative_to(ROOT)}: {alias.name}"
        for app in APPS
        for path in modules(app).values()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in APPS
        for alias in node.names
        if alias.name.startswith("_")
    ]
    assert crossing == []


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_commands_of_the_readme_exist():
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", readme))
    assert {"demo", "test"} <= named <= targets
    commands = {path.stem for app in APPS for path in (ROOT / app).glob("management/commands/*.py")}
    assert set(re.findall(r"manage\.py ([a-z_]+)", readme)) <= commands | {"migrate", "check"}


def test_no_template_has_inline_script_style_or_handler():
    inline = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle=\"|\son[a-z]+=\"", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in (ROOT / "templates").rglob("*.html")
        for match in inline.finditer(path.read_text())
    ]
    assert found == []


def test_requirements_txt_locks_what_pyproject_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    named = [Requirement(line) for line in [*project["dependencies"], *extras["dev"]]]
    locked = dict(re.findall(r"^([a-z0-9._-]+)==([^ ;]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    wrong = [
        str(need)
        for need in named
        if not need.specifier.contains(locked.get(need.name.lower().replace("_", "-"), "0"), prereleases=True)
    ]
    assert wrong == []
