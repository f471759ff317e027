"""The structure that docs/architecture.md promises, read from the code itself."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
APPS = ["portal", "offices", "recommendations", "surveys"]
# Which apps each may import, besides itself and the floor.
BELOW = {
    "portal": set(),
    "offices": set(),
    "recommendations": {"offices"},
    "surveys": {"offices", "recommendations"},
}
# The roof: the modules of portal/ that know the apps.
ROOF = {"portal.urls", "portal.home", "portal.dashboard", "portal.navigation"}
# Inside an app, a module imports from its own layer or from those before it.
LAYERS = [
    {"models", "narrowing", "rules", "questionnaire", "standing", "apps"},
    {"policies"},
    {"actions", "results", "progress", "reports", "overview", "accounts", "filters"},
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


def upward_apps(app: str, module: str, names: set[str]) -> list[str]:
    allowed = {app, "portal", *BELOW[app]} if module not in ROOF else set(APPS)
    return [f"{module} imports {name}" for name in sorted(names) if name.partition(".")[0] not in allowed]


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
    assert upward_layers("surveys", "surveys.models", {"surveys.views"}) == ["surveys.models imports surveys.views"]


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
